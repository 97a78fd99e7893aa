import JSON
import Pipeline

/// A line for people: time, status, method, target, time taken, size, client, identifier.
struct TextLine: AccessLine {
    private let redaction: LogRedaction

    init(_ redaction: LogRedaction) { self.redaction = redaction }

    func write(_ exchange: inout Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        exchange.loop.state.pointee.clock.write(timestamp: outcome.ended, into: &out)
        out.append(" ")
        if exchange.face.isPage {
            out.append(decimal: outcome.status, width: 3)
        } else {
            out.append(outcome.code.name)
        }
        out.append(" ")
        // Escaped as in JSON: what a client sends must not move a terminal's cursor or begin a new line.
        out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
        out.append(" ")
        redaction.write(target: exchange.head, into: &out) { $0.append(jsonEscaped: $1) }
        out.append(" ")
        let microseconds = max(0, Int(outcome.duration / 1000))
        out.append(decimal: UInt(bitPattern: microseconds / 1000))
        out.append(".")
        out.append(decimal: microseconds % 1000, width: 3)
        out.append("ms ")
        out.append(decimal: UInt(bitPattern: outcome.bodyBytes))
        out.append("B ")
        redaction.write(client: exchange, into: &out)
        if !exchange.requestID.isEmpty {
            out.append(" ")
            out.append(jsonEscaped: exchange.requestIDBytes)
        }
        if outcome.reason != .none {
            out.append(" ")
            out.append(outcome.reason.name)
        }
        exchange.forEachShadow { name in
            out.append(" shadow:")
            out.append(name)
        }
        out.append("\n")
    }
}
