import JSON
import Pipeline
import Telemetry

/// A JSON object a line, with the keys of the Elastic Common Schema (ECS 8.17), as the agents of Elastic take them.
struct ECSLine: AccessLine {
    /// The keys that it writes itself.
    static let builtIn: Set<String> = [
        "@timestamp", "ecs.version", "event.dataset", "event.kind", "event.category", "event.type", "event.outcome",
        "event.duration", "event.reason", "message", "service.name", "service.version", "http.version",
        "http.request.method", "http.request.id", "http.request.body.bytes", "http.response.status_code",
        "http.response.body.bytes", "url.path", "url.query", "url.scheme", "url.domain", "client.address", "client.ip",
        "client.port", "source.address", "source.ip", "source.port", "user_agent.original", "trace.id", "span.id",
        "transaction.name", "log.level", "radicled.service", "radicled.generation", "radicled.shadow",
        "radicled.sample", "rpc.method", "rpc.status_code", "radicled.protocol",
    ]

    /// From `","ecs.version"` to the method, ready.
    private let opening: [UInt8]
    private let extra: [OwnLogField]
    private let redaction: LogRedaction
    private let sampling: TailSampling

    init(_ server: ServerFacts, _ extra: [OwnLogField], _ redaction: LogRedaction, _ sampling: TailSampling) {
        var opening = ByteWriter(capacity: 256)
        opening.append(
            """
            ","ecs.version":"8.17.0","event.dataset":"radicled.access","event.kind":"event","event.category":["web"],\
            "event.type":["access"],"service.name":
            """)
        opening.append(jsonString: server.name)
        opening.append(",\"radicled.generation\":")
        opening.append(decimal: server.generation)
        opening.append(",\"http.request.method\":\"")
        self.opening = Array(opening.bytes)
        self.extra = extra
        self.redaction = redaction
        self.sampling = sampling
    }

    func write(_ exchange: inout Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        let isFailure = outcome.isServerError
        out.append("{\"@timestamp\":\"")
        exchange.loop.state.pointee.clock.write(timestamp: outcome.ended, into: &out)
        out.append("\",\"log.level\":\"")
        out.append(isFailure ? "error" : "info")
        out.append(opening)
        out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
        out.append("\",\"http.version\":\"")
        out.append(exchange.head.version.number)
        out.append("\",\"event.outcome\":\"")
        out.append(isFailure ? "failure" : "success")
        out.append("\",\"event.duration\":")
        out.append(decimal: Int(max(0, outcome.duration)))
        if outcome.reason != .none { field(",\"event.reason\":\"", outcome.reason.name, to: &out) }
        if outcome.status > 0 {
            out.append(",\"http.response.status_code\":")
            out.append(decimal: outcome.status)
        }
        out.append(",\"http.request.body.bytes\":")
        out.append(decimal: exchange.received)
        out.append(",\"http.response.body.bytes\":")
        out.append(decimal: outcome.bodyBytes)
        writeURL(exchange, into: &out)
        writeClient(exchange, into: &out)
        if exchange.face.isCall { writeMethod(exchange, outcome, into: &out) }
        writeRoute(exchange.route, into: &out)
        writeIdentifiers(exchange, into: &out)
        writeShadows(&exchange, into: &out)
        sampling.writeNote(outcome, into: &out)
        for field in extra { field.write(&exchange, into: &out) }
        out.append("}\n")
    }

    private func writeURL(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        if redaction.hides(.path) {
            field(",\"url.path\":\"", LogRedaction.mark, to: &out)
        } else {
            field(",\"url.path\":\"", exchange.pathBytes, to: &out)
        }
        if !exchange.head.query.isEmpty {
            out.append(",\"url.query\":\"")
            redaction.write(query: exchange.head, into: &out) { $0.append(jsonEscaped: $1) }
            out.append("\"")
        }
        field(",\"url.scheme\":\"", exchange.scheme, to: &out)
        guard !exchange.head.host.isEmpty else { return }
        if redaction.hides(.server) {
            field(",\"url.domain\":\"", LogRedaction.mark, to: &out)
        } else {
            field(",\"url.domain\":\"", exchange.head.slice(exchange.head.hostName), to: &out)
        }
    }

    private func writeClient(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        if redaction.hides(.client) {
            field(",\"client.address\":\"", LogRedaction.mark, to: &out)
        } else if !exchange.clientAddress.isEmpty {
            field(",\"client.address\":\"", exchange.clientAddress, to: &out)
            field(",\"client.ip\":\"", exchange.clientAddress, to: &out)
            if exchange.clientPort > 0 {
                out.append(",\"client.port\":")
                out.append(decimal: exchange.clientPort)
            }
        }
        if exchange.isForwarded { writePeer(exchange, into: &out) }
        guard let agent = exchange.head.value(of: .userAgent) else { return }
        if redaction.hides(.userAgent) {
            field(",\"user_agent.original\":\"", LogRedaction.mark, to: &out)
        } else {
            field(",\"user_agent.original\":\"", exchange.head.slice(agent), to: &out)
        }
    }

    /// The proxy that the client came through.
    private func writePeer(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        exchange.withPeer { address, port in
            guard !address.isEmpty, !redaction.hides(.peer) else { return }
            field(",\"source.address\":\"", address, to: &out)
            field(",\"source.ip\":\"", address, to: &out)
            out.append(",\"source.port\":")
            out.append(decimal: port)
        }
    }

    /// The schema has no words for RPC; these are OpenTelemetry's.
    private func writeMethod(_ exchange: borrowing Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        if exchange.route.pointee.methodName.isEmpty {
            field(",\"rpc.method\":\"", "_OTHER", to: &out)
        } else {
            field(",\"rpc.method\":\"", exchange.route.pointee.methodName.bytes, to: &out)
        }
        field(",\"rpc.status_code\":\"", exchange.face.name(of: outcome.code), to: &out)
        field(",\"radicled.protocol\":\"", exchange.face.protocolName, to: &out)
    }

    private func writeRoute(_ route: UnsafePointer<Route>, into out: inout ByteWriter) {
        guard !route.pointee.template.isEmpty else { return }
        out.append(",\"transaction.name\":\"")
        out.append(route.pointee.template.bytes)
        out.append("\",\"radicled.service\":\"")
        out.append(route.pointee.service.bytes)
        out.append("\"")
    }

    private func writeIdentifiers(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        if !exchange.requestID.isEmpty { field(",\"http.request.id\":\"", exchange.requestIDBytes, to: &out) }
        guard exchange.trace.isThere else { return }
        out.append(",\"trace.id\":\"")
        exchange.trace.write(traceID: &out)
        out.append("\",\"span.id\":\"")
        exchange.trace.write(spanID: &out)
        out.append("\"")
    }

    private func field(_ key: StaticString, _ value: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter) {
        out.append(key)
        out.append(jsonEscaped: value)
        out.append("\"")
    }

    private func field(_ key: StaticString, _ value: StaticString, to out: inout ByteWriter) {
        out.append(key)
        out.append(value)
        out.append("\"")
    }
}
