import Glibc
import JSON
package import Logging

/// The program's own log, on standard error: a JSON object a line, or a line for people on a terminal.
package struct ProgramLog: LogHandler {
    package enum Format: Sendable {
        case json
        case text
    }

    package var logLevel = Logger.Level.info
    package var metadata = Logger.Metadata()
    private let format: Format
    private let colored: Bool

    package init(format: Format, colored: Bool) {
        self.format = format
        self.colored = colored
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let more = event.metadata { fields.merge(more) { _, new in new } }
        var out = ByteWriter(capacity: 512)
        switch format {
        case .json: writeJSON(event, fields, into: &out)
        case .text: writeText(event, fields, into: &out)
        }
        var rest = UnsafeRawBufferPointer(out.bytes)
        while let base = rest.baseAddress, rest.count > 0 {
            let count = write(2, base, rest.count)
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
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
        out.append(event.message.description)
        // The event's name is for machines; the message says the same to people.
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where key != "event" {
            out.append(" ")
            out.append(key)
            out.append("=")
            out.append(value.description)
        }
        out.append("\n")
    }

    private static func writeNow(into out: inout ByteWriter) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        CivilTime(unixSeconds: Int64(time.tv_sec)).writeSecond(into: &out)
        out.append(".")
        out.append(decimal: Int(time.tv_nsec) / 1_000_000, width: 3)
        out.append("Z")
    }
}
