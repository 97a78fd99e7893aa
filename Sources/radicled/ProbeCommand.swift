import ArgumentParser
import Diagnostics
import Lifecycle

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Ask a running server whether it is ready: for exec probes and health checks.",
        discussion: """
            Prints the answer on one line. Exits 0 if its status is 2xx, 1 if it is another, and 2 if there was none.

                radicled probe                          http://127.0.0.1:9901/readyz
                radicled probe 10.0.0.7:9902            /readyz there
                radicled probe http://[::1]:9901/livez
                radicled probe --config greeter.yaml    the address that the manifest says
                radicled probe /livez --config greeter.yaml

            A server whose admin address speaks TLS is known by the certificate that the manifest names.
            """)

    @Argument(
        help: ArgumentHelp("A URL, HOST:PORT, unix:PATH, or a path such as /livez.", valueName: "url"))
    var target: String?

    @Option(help: ArgumentHelp("A manifest whose probes or admin address is asked.", valueName: "file"))
    var config: [String] = []

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    @Option(help: ArgumentHelp("How long it waits for all of it.", valueName: "duration"))
    var timeout = "1s"

    func run() throws {
        guard let nanoseconds = Probe.nanoseconds(timeout) else {
            throw ValidationError("--timeout is a duration such as 500ms or 2s")
        }
        do {
            let probe = try Probe(target, try SourceFile.read(config), overrides: overrides)
            switch probe.run(timeout: nanoseconds) {
            case .answered(let status, let text):
                StandardOutput.write(text + "\n")
                if !(200...299).contains(status) { throw ExitCode(1) }
            case .unreachable(let reason):
                StandardError.write("radicled: \(reason)\n")
                throw ExitCode(2)
            }
        } catch let unusable as Probe.Unusable {
            StandardError.write("radicled: \(unusable)\n")
            throw ExitCode(2)
        } catch let unreadable as SourceFile.Unreadable {
            StandardError.write("radicled: \(unreadable)\n")
            throw ExitCode(2)
        }
    }
}
