package import Diagnostics
import Glibc
package import Logging
import Telemetry

/// A manifest's life as a running server: load, listen, serve, drain, end.
package enum Daemon {
    /// What `radicled run` was asked for.
    package struct Options: Sendable {
        /// Paths of manifests, each over those before it; `-` is standard input.
        let manifests: [String]
        /// `KEY=VALUE`, over all of them.
        let overrides: [String]
        /// Whether a file that changes is loaded again by itself.
        let watches: Bool
        /// Goes before what the manifest says.
        let logLevel: Logger.Level?

        package init(manifests: [String], overrides: [String], watches: Bool, logLevel: Logger.Level? = nil) {
            self.manifests = manifests
            self.overrides = overrides
            self.watches = watches
            self.logLevel = logLevel
        }
    }

    /// Why a manifest did not come to be served. At the start the process ends with `code`.
    package struct Refusal: Error {
        package let message: String
        package let code: Int32
        /// The mistakes, if those are the reason.
        package let findings: [Finding]

        init(message: String, code: Int32) {
            self.message = message
            self.code = code
            findings = []
        }

        init(findings: [Finding]) {
            message = Report.rendered(findings)
            code = 1
            self.findings = findings
        }
    }

    /// Serves until a signal ends it. Returns the process's exit code.
    package static func run(_ options: Options) throws(Refusal) -> Int32 {
        Signals.block()
        let isTerminal = StandardError.isTerminal
        let settings = LogSettings(flag: options.logLevel, isTerminal: isTerminal)
        LoggingSystem.bootstrap { _ in
            ProgramLog(form: settings.form, colored: StandardError.takesColour, level: settings.level)
        }
        let log = Logger(label: "radicled")
        var service = try Service(options, isTerminal: isTerminal, settings, log)
        let signal = service.serve()
        service.drain(after: signal)
        service.end()
        log.info("stopped", metadata: ["event": "stopped"])
        return 0
    }
}
