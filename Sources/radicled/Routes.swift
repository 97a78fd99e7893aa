import ArgumentParser
import Compiler
import Diagnostics
import JSON
import Lifecycle

struct Routes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a manifest serves: each route, what answers it, and its middleware in order.")

    @Argument(help: ArgumentHelp("The manifest; - reads standard input.", valueName: "file"))
    var file: String

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func run() throws {
        let source: Source
        do {
            source = try SourceFile.read(file)
        } catch {
            StandardError.write("radicled: \(error)\n")
            throw ExitCode(2)
        }
        var findings = Findings()
        let loading = Loading([source], overrides: overrides, in: .process, &findings)
        let compilation = Compilation(loading, &findings)
        if findings.hasErrors {
            let ordered = findings.ordered()
            var out = ByteWriter(capacity: 4096)
            HumanRenderer().render(ordered, to: &out)
            StandardError.write(String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(ordered) + "\n")
            throw ExitCode(1)
        }
        var out = ByteWriter(capacity: 4096)
        RouteSummary.table(compilation.routes, into: &out)
        StandardOutput.write(out.bytes)
    }
}
