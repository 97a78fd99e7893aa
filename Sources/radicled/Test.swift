import ArgumentParser
import Calling
import Compiler
import Diagnostics
import Examples
import JSON
import Lifecycle

struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the examples that manifests carry, without a socket and without waiting.",
        discussion: """
            Each example passes through the whole chain on its own, over HTTP/1's own bytes: limiters are new, it is \
            2026-01-01T00:00:00Z, random numbers are the same each time, and what waits does not. Exits 0 if all is as \
            expected, 1 if something is not or a manifest has mistakes, and 2 if a file cannot be read.

            Examples of methods are calls over gRPC, or over the protocol that --protocol names. What has no place there, \
            such as a method without an HTTP rule under json, is passed over and told of; HTTP routes are tested as ever.

                radicled test greeter.yaml --protocol connect
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case human
        case junit
        case json
    }

    @Argument(help: ArgumentHelp("Manifests, each on its own; - reads standard input.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Run only examples with this in their service, pattern, name or request; case does not matter.",
            valueName: "text"))
    var filter: String?

    @Option(name: .customLong("protocol"), help: "What methods are called by: grpc; grpc-web; connect; json.")
    var speech = CallProtocol.grpc

    @Option(help: "human, with differences; junit, for continuous integration; json, for programs.")
    var format = Format.human

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func run() throws {
        var run = TestRun(filter: filter, speaking: speech)
        var isUnreadable = false
        for file in files {
            do {
                var findings = Findings()
                let loading = Loading([try SourceFile.read(file)], overrides: overrides, in: .process, &findings)
                run.add(loading, name: file, findings)
            } catch {
                StandardError.write("radicled: \(error)\n")
                isUnreadable = true
            }
        }
        write(run)
        if isUnreadable { throw ExitCode(2) }
        if !run.isGood { throw ExitCode(1) }
    }

    private func write(_ run: TestRun) {
        var mistakes = ByteWriter(capacity: 4096)
        for file in run.files where file.hasErrors {
            HumanRenderer(inColour: StandardError.takesColour).render(file.findings, to: &mistakes)
        }
        StandardError.write(String(decoding: mistakes.bytes, as: UTF8.self))
        var out = ByteWriter(capacity: 4096)
        switch format {
        case .human: HumanReport(inColour: StandardOutput.takesColour).render(run, to: &out)
        case .junit: JUnit.render(run, to: &out)
        case .json: JSONReport.render(run, to: &out)
        }
        StandardOutput.write(out.bytes)
    }
}
