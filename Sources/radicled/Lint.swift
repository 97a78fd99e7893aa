import ArgumentParser
import Compiler
import Diagnostics
import JSON
import Lifecycle

struct Lint: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find every mistake in manifests, with its place and its fix.",
        discussion: """
            Runs the server's own loader, so what lint accepts is served. Exits 0 if there are no errors, 1 if there \
            are, and 2 if a file cannot be read.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case human
        case json
        case github
        case sarif
    }

    @Argument(help: ArgumentHelp("Manifests, each on its own; - reads standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "human, with excerpts; json, for programs; github, for pull requests; sarif, for code scanning.")
    var format = Format.human

    @Flag(help: "Let warnings count as errors.")
    var strict = false

    @Option(help: "default, what a server needs; production, what one needs that others depend on, as warnings.")
    var profile = Profile.standard

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func run() throws {
        var all: [Finding] = []
        var isUnreadable = false
        for file in files {
            do {
                var findings = Findings()
                let source = try SourceFile.read(file)
                let loading = Loading([source], overrides: overrides, in: .process, &findings)
                _ = Compilation(loading, profile: profile, &findings)
                all += findings.ordered()
            } catch {
                StandardError.write("radicled: \(error)\n")
                isUnreadable = true
            }
        }
        write(all, readAll: !isUnreadable)
        if isUnreadable { throw ExitCode(2) }
        if all.contains(where: { strict || $0.level == .error }) { throw ExitCode(1) }
    }

    private func write(_ findings: [Finding], readAll: Bool) {
        var out = ByteWriter(capacity: 4096)
        switch format {
        case .json: JSONRenderer.render(findings, to: &out)
        case .github: GitHubRenderer.render(findings, to: &out)
        case .sarif: SARIFRenderer.render(findings, version: Version.number, to: &out)
        case .human:
            HumanRenderer(inColour: StandardOutput.takesColour).render(findings, to: &out)
            if !findings.isEmpty || readAll {
                let count = files.count == 1 ? files[0] : "\(files.count) files"
                out.append("\(count): \(HumanRenderer.summary(findings))\n")
            }
        }
        StandardOutput.write(out.bytes)
    }
}

extension Profile: ExpressibleByArgument {}
