import Catalog
import Logging
import Telemetry

/// The program's own log, as the flag and the manifest in force say it.
struct LogSettings {
    let level: ProgramLogLevel
    let form: ProgramLogForm
    private let flag: Logger.Level?
    private let isTerminal: Bool

    /// - Parameter flag: `--log-level`, which goes before the manifest.
    init(flag: Logger.Level?, isTerminal: Bool) {
        self.flag = flag
        self.isTerminal = isTerminal
        level = ProgramLogLevel(flag ?? .info)
        form = ProgramLogForm(isTerminal ? .text : .json)
    }

    func apply(_ telemetry: TelemetrySection?) {
        level.settle(on: flag ?? telemetry?.level.flatMap { Logger.Level(rawValue: $0.rawValue) } ?? .info)
        form.settle(on: telemetry?.format.map { $0 == .json ? .json : .text } ?? (isTerminal ? .text : .json))
    }
}
