import CEL
import JSON
import Pipeline
import Telemetry

/// A JSON object a line, with the keys of OpenTelemetry's HTTP conventions.
final class JSONStage: Middleware {
    let moments: Moments = [.finish]
    private let writer: LogWriter
    /// `,"event":"access","service.name":"…","http.request.method":"`, ready.
    private let opening: [UInt8]
    private let extra: [(key: [UInt8], program: Program)]

    init(writer: LogWriter, serverName: String, extra: [(key: [UInt8], program: Program)]) {
        self.writer = writer
        var opening = ByteWriter(capacity: 128)
        opening.append("\",\"event\":\"access\",\"service.name\":")
        opening.append(jsonString: serverName)
        opening.append(",\"http.request.method\":\"")
        self.opening = Array(opening.bytes)
        self.extra = extra
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        let state = exchange.loop.state
        writer.append(loop: state.pointee.index, on: state.pointee.eventLoop) { out in
            out.append("{\"timestamp\":\"")
            state.pointee.clock.write(timestamp: outcome.ended, into: &out)
            out.append(opening)
            out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
            out.append("\",\"url.path\":\"")
            out.append(jsonEscaped: exchange.pathBytes)
            if !exchange.head.query.isEmpty {
                out.append("\",\"url.query\":\"")
                out.append(jsonEscaped: exchange.head.slice(exchange.head.query))
            }
            out.append("\",\"url.scheme\":\"")
            out.append(exchange.connection.pointee.isTLS ? "https" : "http")
            if !exchange.route.pointee.template.isEmpty {
                out.append("\",\"http.route\":\"")
                out.append(exchange.route.pointee.template)
                out.append("\",\"radicled.service\":\"")
                out.append(exchange.route.pointee.service)
            }
            out.append("\"")
            if outcome.status > 0 {
                out.append(",\"http.response.status_code\":")
                out.append(decimal: UInt(bitPattern: outcome.status))
            }
            out.append(",\"http.request.body.size\":")
            out.append(decimal: UInt(bitPattern: exchange.received))
            out.append(",\"http.response.body.size\":")
            out.append(decimal: UInt(bitPattern: outcome.bodyBytes))
            out.append(",\"http.server.request.duration\":")
            Self.write(seconds: outcome.duration, into: &out)
            out.append(",\"network.protocol.name\":\"http\",\"network.protocol.version\":\"")
            out.append(exchange.head.isHTTP10 ? "1.0" : "1.1")
            if !exchange.connection.pointee.clientAddress.isEmpty {
                out.append("\",\"client.address\":\"")
                out.append(exchange.connection.pointee.clientAddress)
                out.append("\",\"client.port\":")
                out.append(decimal: UInt(bitPattern: exchange.connection.pointee.clientPort))
            } else {
                out.append("\"")
            }
            if !exchange.head.host.isEmpty {
                out.append(",\"server.address\":\"")
                out.append(jsonEscaped: exchange.head.slice(exchange.head.hostName))
                out.append("\"")
            }
            if let agent = exchange.head.value(of: .userAgent) {
                out.append(",\"user_agent.original\":\"")
                out.append(jsonEscaped: exchange.head.slice(agent))
                out.append("\"")
            }
            if !exchange.requestID.isEmpty {
                out.append(",\"radicled.request_id\":\"")
                out.append(jsonEscaped: exchange.requestIDBytes)
                out.append("\"")
            }
            if exchange.trace.isThere {
                out.append(",\"trace_id\":\"")
                exchange.trace.write(traceID: &out)
                out.append("\",\"span_id\":\"")
                exchange.trace.write(spanID: &out)
                out.append("\",\"trace_flags\":\"")
                exchange.trace.write(flags: &out)
                out.append("\"")
            }
            if outcome.reason != .none {
                out.append(",\"radicled.flags\":\"")
                out.append(outcome.reason.name)
                out.append("\"")
            }
            if !exchange.route.pointee.shadows.isEmpty { writeShadows(exchange, into: &out) }
            if !extra.isEmpty { writeExtra(&exchange, into: &out) }
            out.append("}\n")
        }
    }

    private func writeShadows(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        var isFirst = true
        exchange.forEachShadow { name in
            out.append(isFirst ? ",\"radicled.shadow\":[\"" : "\",\"")
            out.append(name)
            isFirst = false
        }
        if !isFirst { out.append("\"]") }
    }

    private func writeExtra(_ exchange: inout Exchange, into out: inout ByteWriter) {
        for (key, program) in extra {
            let start = out.count
            out.append(key)
            guard case .written = program.writeJSON(exchange.context, &out) else {
                out.truncate(to: start)
                continue
            }
        }
    }

    /// Seconds with microseconds: `0.000041`.
    static func write(seconds nanoseconds: Int64, into out: inout ByteWriter) {
        let microseconds = max(0, Int(nanoseconds / 1000))
        out.append(decimal: UInt(bitPattern: microseconds / 1_000_000))
        out.append(".")
        out.append(decimal: microseconds % 1_000_000, width: 6)
    }
}

/// A line for people: time, status, method, target, time taken, size, client, identifier.
final class TextStage: Middleware {
    let moments: Moments = [.finish]
    private let writer: LogWriter

    init(writer: LogWriter) { self.writer = writer }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        let state = exchange.loop.state
        writer.append(loop: state.pointee.index, on: state.pointee.eventLoop) { out in
            state.pointee.clock.write(timestamp: outcome.ended, into: &out)
            out.append(" ")
            out.append(decimal: outcome.status, width: 3)
            out.append(" ")
            // Escaped as in JSON: what a client sends must not move a terminal's cursor or begin a new line.
            out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
            out.append(" ")
            out.append(jsonEscaped: exchange.head.slice(exchange.head.target))
            out.append(" ")
            let microseconds = max(0, Int(outcome.duration / 1000))
            out.append(decimal: UInt(bitPattern: microseconds / 1000))
            out.append(".")
            out.append(decimal: microseconds % 1000, width: 3)
            out.append("ms ")
            out.append(decimal: UInt(bitPattern: outcome.bodyBytes))
            out.append("B ")
            if exchange.connection.pointee.clientAddress.isEmpty {
                out.append("-")
            } else {
                out.append(exchange.connection.pointee.clientAddress)
            }
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
}
