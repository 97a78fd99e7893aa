import JSON
package import Logging

/// The program's own log, on standard error: a JSON object a line, or a line for people on a terminal.
package struct ProgramLog: LogHandler {
    package enum Format: Sendable {
        case json
        case text
    }

    /// The process's, until somebody gives this logger one of its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? level.current }
        set { ownLevel = newValue }
    }
    package var metadata = Logger.Metadata()
    private let form: ProgramLogForm
    private let colored: Bool
    private let output: LineOutput
    private let level: ProgramLogLevel
    private var ownLevel: Logger.Level?

    /// - Parameter descriptor: where it writes; standard error unless a test looks at it.
    package init(
        format: Format, colored: Bool, level: ProgramLogLevel = ProgramLogLevel(), descriptor: Int32 = 2
    ) {
        self.init(form: ProgramLogForm(format), colored: colored, level: level, descriptor: descriptor)
    }

    /// - Parameter form: which can change while it runs.
    package init(form: ProgramLogForm, colored: Bool, level: ProgramLogLevel, descriptor: Int32 = 2) {
        self.level = level
        self.form = form
        self.colored = colored
        output = descriptor == 2 ? .standardError : LineOutput(descriptor)
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let more = event.metadata { fields.merge(more) { _, new in new } }
        output.write { lost, out in
            if lost > 0 { fields["log_lines_lost"] = "\(lost)" }
            switch form.current {
            case .json: writeJSON(event, fields, into: &out)
            case .text: writeText(event, fields, into: &out)
            }
        }
    }

    private func writeJSON(_ event: LogEvent, _ fields: Logger.Metadata, into out: inout ByteWriter) {
        out.append("{\"timestamp\":\"")
        Self.writeNow(into: &out)
        out.append("\",\"level\":\"")
        out.append(event.level.rawValue)
        out.append("\",\"message\":")
        out.append(jsonString: event.message.description)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            out.append(",")
            out.append(jsonString: key)
            out.append(":")
            out.append(jsonString: value.description)
        }
        out.append("}\n")
    }

    private func writeText(_ event: LogEvent, _ fields: Logger.Metadata, into out: inout ByteWriter) {
        let mark: StaticString =
            switch event.level {
            case .trace, .debug: "\u{1B}[2m"
            case .info, .notice: "\u{1B}[32m"
            case .warning: "\u{1B}[33m"
            case .error, .critical: "\u{1B}[31m"
            }
        if colored { out.append(mark) }
        out.append(event.level.rawValue)
        if colored { out.append("\u{1B}[0m" as StaticString) }
        out.append(": ")
        Self.append(shown: event.message.description, into: &out)
        // The event's name is for machines; the message says the same to people.
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where key != "event" {
            out.append(" ")
            Self.append(shown: key, into: &out)
            out.append("=")
            Self.append(shown: value.description, into: &out)
        }
        out.append("\n")
    }

    /// A text from outside must not begin a line of its own, nor command the terminal: controls are shown as escapes.
    private static func append(shown text: String, into out: inout ByteWriter) {
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
                out.append("\\u{")
                out.append(String(scalar.value, radix: 16))
                out.append("}")
            } else {
                out.append(String(scalar))
            }
        }
    }

    private static func writeNow(into out: inout ByteWriter) {
        let now = WallClock.now()
        CivilTime(unixSeconds: now / 1_000_000_000).writeSecond(into: &out)
        out.append(".")
        out.append(decimal: Int(now % 1_000_000_000) / 1_000_000, width: 3)
        out.append("Z")
    }
}
