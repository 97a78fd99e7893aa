import JSON
import Pipeline
import Telemetry

/// A call as a span (OpenTelemetry semantic conventions, HTTP and RPC server spans).
enum ServerSpan {
    private static let redactedQuery = RedactedQuery()

    static func write(_ exchange: borrowing Exchange, _ outcome: Outcome, into writer: inout OTLPWriter) {
        let trace = exchange.trace
        let end = exchange.loop.state.pointee.clock.wall(outcome.ended)
        // When something was, from how long before the end it was.
        func time(_ monotonic: Int64) -> UInt64 { UInt64(max(0, end &- max(0, outcome.ended &- monotonic))) }
        let name = name(exchange)
        let state = trace.parent == 0 ? [] : TraceState.of(exchange.head)
        let span = OTLPWriter.Span(
            traceHigh: trace.high, traceLow: trace.low, id: trace.span, parent: trace.parent, flags: trace.flags,
            start: time(exchange.started), end: time(outcome.ended),
            status: outcome.isServerError ? .error : .unset)
        state.withUnsafeBufferPointer { state in
            name.withUnsafeBufferPointer { name in
                writer.span(
                    span, state: state, name: name, attributes: { writeAttributes(exchange, outcome, into: &$0) },
                    events: { writer in
                        for index in 0..<exchange.timeline.count {
                            let (phase, monotonic) = exchange.timeline[index]
                            writer.event(phase.name, at: time(monotonic))
                        }
                    })
            }
        }
    }

    /// `{method} {route}`, the method alone without a route; of a call of a method `rpc.method`.
    private static func name(_ exchange: borrowing Exchange) -> [UInt8] {
        if exchange.face.isCall { return rpcMethod(exchange) }
        var name =
            exchange.head.method == .other ? Array("HTTP".utf8) : Array(exchange.head.slice(exchange.head.methodName))
        if !exchange.route.pointee.path.isEmpty {
            name.append(UInt8(ascii: " "))
            name += exchange.route.pointee.path
        }
        return name
    }

    private static func rpcMethod(_ exchange: borrowing Exchange) -> [UInt8] {
        exchange.route.pointee.methodName.isEmpty
            ? Array("_OTHER".utf8) : Array(exchange.route.pointee.methodName.bytes)
    }

    private static func writeMethod(
        _ exchange: borrowing Exchange, _ outcome: Outcome, into writer: inout OTLPWriter
    ) {
        writer.attribute("rpc.system.name", exchange.face.systemName)
        rpcMethod(exchange).withUnsafeBufferPointer { writer.attribute("rpc.method", $0) }
        if !exchange.route.pointee.isMethod {
            writer.attribute(
                "rpc.method_original", UnsafeBufferPointer(rebasing: exchange.pathBytes.dropFirst()))
        }
        let code = exchange.face.name(of: outcome.code)
        writer.attribute("rpc.status_code", code)
        writer.attribute("radicled.protocol", exchange.face.protocolName)
        if outcome.code.isServerError { writer.attribute("error.type", code) }
    }

    private static func writeAttributes(
        _ exchange: borrowing Exchange, _ outcome: Outcome, into writer: inout OTLPWriter
    ) {
        if exchange.face.isCall { writeMethod(exchange, outcome, into: &writer) }
        if exchange.face.isPage { writeRequest(exchange, into: &writer) }
        writeRoute(exchange.route, isPage: exchange.face.isPage, into: &writer)
        writeOutcome(exchange, outcome, into: &writer)
        writePeers(exchange, into: &writer)
        writer.attribute("network.protocol.name", "http")
        writer.attribute("network.protocol.version", exchange.head.version.number)
        if let tls = exchange.connection.pointee.tls {
            writer.attribute("tls.protocol.name", "tls")
            writer.attribute("tls.protocol.version", tls.version)
        }
        if let agent = exchange.head.value(of: .userAgent) {
            writer.attribute("user_agent.original", exchange.head.slice(agent))
        }
        writer.attribute("radicled.generation", exchange.plan.generation)
        if !exchange.requestID.isEmpty { writer.attribute("radicled.request_id", exchange.requestIDBytes) }
    }

    private static func writeRequest(_ exchange: borrowing Exchange, into writer: inout OTLPWriter) {
        let method = exchange.head.slice(exchange.head.methodName)
        if exchange.head.method == .other {
            writer.attribute("http.request.method", "_OTHER")
            if !method.isEmpty { writer.attribute("http.request.method_original", method) }
        } else {
            writer.attribute("http.request.method", method)
        }
        writer.attribute("url.scheme", exchange.scheme)
        writer.attribute("url.path", exchange.pathBytes)
        if !exchange.head.query.isEmpty {
            var query = ByteWriter(capacity: Int(exchange.head.query.count))
            redactedQuery.write(exchange.head.slice(exchange.head.query), into: &query) { $0.append($1) }
            writer.attribute("url.query", query.bytes)
        }
    }

    private static func writeRoute(_ route: UnsafePointer<Route>, isPage: Bool, into writer: inout OTLPWriter) {
        guard !route.pointee.path.isEmpty else { return }
        if isPage { route.pointee.path.withUnsafeBufferPointer { writer.attribute("http.route", $0) } }
        var service = route.pointee.serviceName
        service.withUTF8 { writer.attribute("radicled.service", $0) }
    }

    private static func writeOutcome(
        _ exchange: borrowing Exchange, _ outcome: Outcome, into writer: inout OTLPWriter
    ) {
        if exchange.face.isCall {
            if exchange.face.isPage, outcome.status > 0 {
                writer.attribute("http.response.status_code", outcome.status)
            }
            if outcome.reason != .none { writer.attribute("radicled.flags", outcome.reason.name) }
            return
        }
        if outcome.status > 0 { writer.attribute("http.response.status_code", outcome.status) }
        if outcome.status >= 500 {
            var type = String(outcome.status)
            type.withUTF8 { writer.attribute("error.type", $0) }
        } else if outcome.status == 0 {
            writer.attribute("error.type", outcome.reason.name)
        }
        writer.attribute("http.request.body.size", exchange.received)
        writer.attribute("http.response.body.size", outcome.bodyBytes)
        if outcome.reason != .none { writer.attribute("radicled.flags", outcome.reason.name) }
    }

    private static func writePeers(_ exchange: borrowing Exchange, into writer: inout OTLPWriter) {
        if !exchange.clientAddress.isEmpty {
            writer.attribute("client.address", exchange.clientAddress)
            if exchange.clientPort > 0 { writer.attribute("client.port", exchange.clientPort) }
        }
        exchange.withPeer { address, port in
            guard !address.isEmpty else { return }
            writer.attribute("network.peer.address", address)
            writer.attribute("network.peer.port", port)
        }
        let name = exchange.head.hostName
        guard !name.isEmpty else { return }
        writer.attribute("server.address", exchange.head.slice(name))
        var port = 0
        for digit in exchange.head.slice(exchange.head.host).dropFirst(Int(name.count) + 1).prefix(5) {
            port = port &* 10 &+ Int(digit &- 0x30)
        }
        if port > 0 { writer.attribute("server.port", port) }
    }
}
