import Pipeline
import Telemetry

/// Counts the calls of a method by OpenTelemetry's conventions for RPC, whatever protocol they come over.
struct RPCCalls: Sendable {
    private let calls: RouteCalls
    /// `rpc.method`.
    private let method: [UInt8]

    init(_ metrics: CallMetrics, of method: RPCMethod, limit: Int) {
        self.method = Array(method.fullName.utf8)
        calls = RouteCalls(metrics, route: self.method, limit: limit)
    }

    /// Of what is no method that is served.
    init(strangersOf registry: MetricRegistry) {
        method = []
        calls = registry.strangers
    }

    func enter(loop: Int, wall: Int64) {
        calls.enter(0, loop: loop, wall: wall) { labels in
            labels.label("grpc_method", method, or: "other")
            labels.label("otel_scope_name", "radicled" as StaticString)
        }
    }

    func record(
        _ outcome: Outcome, _ face: Face, received: Int, sent: Int, loop: Int, wall: Int64, exemplar: Exemplar?
    ) {
        let code = outcome.code
        calls.record(
            CallReading(
                key: UInt64(code.rawValue) | UInt64(face.rawValue) << 8, duration: outcome.duration,
                received: received,
                sent: sent, wall: wall),
            exemplar: exemplar, loop: loop
        ) { labels in
            let name = face.name(of: code)
            if code.isServerError { labels.label("error_type", name) }
            labels.label("otel_scope_name", "radicled" as StaticString)
            labels.label("radicled_protocol", face.protocolName)
            labels.label("rpc_method", method, or: "_OTHER")
            labels.label("rpc_status_code", name)
            labels.label("rpc_system_name", face.systemName)
        }
    }
}

extension LabelWriter {
    /// - Parameter other: what stands for none.
    fileprivate mutating func label(_ name: StaticString, _ value: [UInt8], or other: StaticString) {
        if value.isEmpty { label(name, other) } else { label(name, value) }
    }
}
