import JSON
import Pipeline
import Telemetry

/// A JSON object a line, with the keys of OpenTelemetry's conventions for HTTP, or for RPC where a method is called.
struct JSONLine: AccessLine {
    /// `,"event":"access","service.name":"…","radicled.generation":1,"http.request.method":"`, ready.
    private let opening: [UInt8]
    /// The same in front of what a call has; and up to the name of the method, where it is gRPC's.
    private let rpcOpening: [UInt8]
    private let grpcOpening: [UInt8]
    private let extra: [OwnLogField]
    private let redaction: LogRedaction
    private let sampling: TailSampling

    init(_ server: ServerFacts, _ extra: [OwnLogField], _ redaction: LogRedaction, _ sampling: TailSampling) {
        var opening = ByteWriter(capacity: 128)
        opening.append("\",\"event\":\"access\",\"service.name\":")
        opening.append(jsonString: server.name)
        opening.append(",\"radicled.generation\":")
        opening.append(decimal: server.generation)
        rpcOpening = Array(opening.bytes)
        grpcOpening =
            rpcOpening + Array(",\"rpc.system.name\":\"grpc\",\"radicled.protocol\":\"grpc\",\"rpc.method\":\"".utf8)
        opening.append(",\"http.request.method\":\"")
        self.opening = Array(opening.bytes)
        self.extra = extra
        self.redaction = redaction
        self.sampling = sampling
    }

    func write(_ exchange: inout Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        out.append("{\"timestamp\":\"")
        exchange.loop.state.pointee.clock.write(timestamp: outcome.ended, into: &out)
        if exchange.face.isCall {
            writeMethod(exchange.route, exchange.face, outcome.code, into: &out)
            if exchange.face.isPage {
                out.append("\",\"http.request.method\":\"")
                out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
            }
        } else {
            out.append(opening)
            out.append(jsonEscaped: exchange.head.slice(exchange.head.methodName))
        }
        out.append("\",\"url.path\":\"")
        if redaction.hides(.path) {
            out.append(LogRedaction.mark)
        } else {
            out.append(jsonEscaped: exchange.pathBytes)
        }
        if !exchange.head.query.isEmpty {
            out.append("\",\"url.query\":\"")
            redaction.write(query: exchange.head, into: &out) { $0.append(jsonEscaped: $1) }
        }
        out.append("\",\"url.scheme\":\"")
        out.append(exchange.scheme)
        if !exchange.route.pointee.template.isEmpty {
            if exchange.face.isPage {
                out.append("\",\"http.route\":\"")
                out.append(exchange.route.pointee.template.bytes)
            }
            out.append("\",\"radicled.service\":\"")
            out.append(exchange.route.pointee.service.bytes)
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
        out.append(exchange.face.isPage ? ",\"http.server.request.duration\":" : ",\"rpc.server.call.duration\":")
        Self.write(seconds: outcome.duration, into: &out)
        out.append(",\"network.protocol.name\":\"http\",\"network.protocol.version\":\"")
        out.append(exchange.head.version.number)
        if redaction.hides(.client) {
            out.append("\",\"client.address\":\"REDACTED\"")
        } else if !exchange.clientAddress.isEmpty {
            out.append("\",\"client.address\":\"")
            out.append(exchange.clientAddress)
            out.append("\"")
            // 0 is what a proxy did not say.
            if exchange.clientPort > 0 {
                out.append(",\"client.port\":")
                out.append(decimal: UInt(bitPattern: exchange.clientPort))
            }
        } else {
            out.append("\"")
        }
        if exchange.isForwarded { writePeer(&exchange, into: &out) }
        if !exchange.head.host.isEmpty {
            out.append(",\"server.address\":\"")
            if redaction.hides(.server) {
                out.append(LogRedaction.mark)
            } else {
                out.append(jsonEscaped: exchange.head.slice(exchange.head.hostName))
            }
            out.append("\"")
        }
        if let agent = exchange.head.value(of: .userAgent) {
            out.append(",\"user_agent.original\":\"")
            if redaction.hides(.userAgent) {
                out.append(LogRedaction.mark)
            } else {
                out.append(jsonEscaped: exchange.head.slice(agent))
            }
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
        if !exchange.route.pointee.shadows.isEmpty { writeShadows(&exchange, into: &out) }
        sampling.writeNote(outcome, into: &out)
        for field in extra { field.write(&exchange, into: &out) }
        out.append("}\n")
    }

    private func writeMethod(
        _ route: UnsafePointer<Route>, _ face: Face, _ code: Code, into out: inout ByteWriter
    ) {
        if case .grpc = face {
            out.append(grpcOpening)
        } else {
            out.append(rpcOpening)
            out.append(",\"rpc.system.name\":\"")
            out.append(face.systemName)
            out.append("\",\"radicled.protocol\":\"")
            out.append(face.protocolName)
            out.append("\",\"rpc.method\":\"")
        }
        if route.pointee.methodName.isEmpty {
            out.append("_OTHER")
        } else {
            out.append(route.pointee.methodName.bytes)
        }
        out.append("\",\"rpc.status_code\":\"")
        if case .grpc = face { out.append(code.name) } else { out.append(face.name(of: code)) }
    }

    /// The proxy that the client came through.
    @inline(never) private func writePeer(_ exchange: inout Exchange, into out: inout ByteWriter) {
        exchange.withPeer { address, port in
            guard !address.isEmpty else { return }
            out.append(",\"network.peer.address\":\"")
            if redaction.hides(.peer) { out.append(LogRedaction.mark) } else { out.append(address) }
            out.append("\",\"network.peer.port\":")
            out.append(decimal: port)
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
