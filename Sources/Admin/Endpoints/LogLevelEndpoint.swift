import JSON
package import Logging
import Manifests
import Pipeline
package import Telemetry

/// `/debug/log_level`: how much the program tells of itself. A change can have an end.
package struct LogLevelEndpoint: Endpoint {
    package let path = "/debug/log_level"
    package let methods = ["GET", "POST"]
    package let about = "the program log's level; POST ?level=debug&ttl=10m changes it for a time, ?level=default back"
    private let level: ProgramLogLevel
    private let log: Logger

    package init(_ level: ProgramLogLevel, log: Logger) {
        self.level = level
        self.log = log
    }

    package func reply(to request: AdminRequest) -> AdminReply {
        if request.isPost, let failure = change(request) { return .refused(failure) }
        let state = level.read()
        let left = state.until.map { max(0, $0 - ProgramLogLevel.uptime()) }
        if request.form(.text, .json) == .json {
            return .now(
                .json(
                    .object([
                        ("level", .string(state.current.rawValue)), ("default", .string(state.standard.rawValue)),
                        ("ttl", left.map { .double(Double($0) / 1e9) } ?? .null),
                    ])))
        }
        let end = left.map { ", for \(($0 + 999_999_999) / 1_000_000_000)s more, then \(state.standard.rawValue)" }
        return .now(.text("\(state.current.rawValue)\(end ?? "")\n"))
    }

    /// What is wrong with what was asked; nil if it was done.
    private func change(_ request: AdminRequest) -> Failure? {
        let words = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = request["level"]?.lowercased() else {
            return Failure(.invalidArgument, "`level` is missing: \(words), or default")
        }
        if word.utf8.elementsEqual("default".utf8) {
            tell("default", nil) { level.restore() }
            return nil
        }
        guard let asked = Logger.Level(rawValue: word) else {
            return Failure(.invalidArgument, "`level` is one of \(words), or default")
        }
        var time: Timespan?
        if let text = request["ttl"] {
            guard let read = Timespan(text), read.nanoseconds > 0 else {
                return Failure(.invalidArgument, "`ttl` is a duration such as 10m")
            }
            time = read
        }
        tell(word, time) { level.change(to: asked, for: time?.nanoseconds) }
        return nil
    }

    /// Does it, and tells of it while the log still has ears, or has them again.
    private func tell(_ word: String, _ time: Timespan?, _ change: () -> Void) {
        let isHeard = log.logLevel <= .notice
        if !isHeard { change() }
        log.notice(
            "the log's level is \(word)\(time.map { " for \($0)" } ?? "")",
            metadata: ["event": "log_level", "level": "\(word)", "ttl": "\(time.map { "\($0)" } ?? "")"])
        if isHeard { change() }
    }
}
