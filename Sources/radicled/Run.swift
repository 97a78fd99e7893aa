import ArgumentParser
import Lifecycle
import Logging

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a manifest (the default command).",
        discussion: """
            Serves until SIGTERM or SIGINT (Ctrl-C), then lets calls in flight finish and exits 0. SIGHUP, or a change of \
            a file, loads the manifest again; one with mistakes is told of, and the one before stays in force. Exits 1 if the \
            manifest has mistakes, which are printed, and 2 if it cannot be read or its address cannot be listened on.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The manifest; - reads standard input. Given again, a later file lies over the earlier ones, key by key.",
            valueName: "file"))
    var config: [String]

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: "Whether the manifest is loaded again by itself when one of its files changes; SIGHUP asks for it always."
    )
    var watch = true

    enum Level: String, ExpressibleByArgument, CaseIterable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical
    }

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How much the program tells of itself; goes before the manifest's telemetry.log_level.", valueName: "level")
    )
    var logLevel: Level?

    func run() throws {
        do {
            let code = try Daemon.run(
                Daemon.Options(
                    manifests: config, overrides: overrides, watches: watch,
                    logLevel: logLevel.flatMap { Logger.Level(rawValue: $0.rawValue) }))
            throw ExitCode(code)
        } catch let refusal as Daemon.Refusal {
            StandardError.write("radicled: \(refusal.message)\n")
            throw ExitCode(refusal.code)
        }
    }
}
