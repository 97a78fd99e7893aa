import Pipeline
import Telemetry

/// Counts the requests of one `http.route` by OpenTelemetry's conventions for HTTP.
struct PageCalls: Sendable {
    private let calls: RouteCalls
    /// Empty for what matched none.
    private let route: [UInt8]

    /// What a request came to.
    struct Reading {
        let method: Method
        let isTLS: Bool
        let version: Version
        let outcome: Outcome
        let received: Int
        let wall: Int64
    }

    init(_ metrics: CallMetrics, route: [UInt8], limit: Int) {
        self.route = route
        calls = RouteCalls(metrics, route: route, limit: limit)
    }

    @inline(__always) func enter(_ method: Method, _ isTLS: Bool, loop: Int, wall: Int64) {
        calls.enter(Self.key(method, isTLS), loop: loop, wall: wall) { Self.write(method, isTLS, &$0) }
    }

    @inline(__always) func leave(_ method: Method, _ isTLS: Bool, loop: Int, wall: Int64) {
        calls.leave(Self.key(method, isTLS), loop: loop, wall: wall) { Self.write(method, isTLS, &$0) }
    }

    @inline(__always) func record(_ reading: Reading, loop: Int, exemplar: Exemplar?) {
        let (method, isTLS, version) = (reading.method, reading.isTLS, reading.version)
        let status = reading.outcome.status
        let reason: Reason = status == 0 ? reading.outcome.reason : .none
        let key =
            Self.key(method, isTLS) | UInt64(version.rawValue) << 8 | UInt64(reason.rawValue) << 16
            | UInt64(UInt16(truncatingIfNeeded: status)) << 32
        calls.record(
            CallReading(
                key: key, duration: reading.outcome.duration, received: reading.received,
                sent: reading.outcome.bodyBytes, wall: reading.wall),
            exemplar: exemplar, loop: loop
        ) { labels in
            write(method, isTLS, version, status, reason, &labels)
        }
    }

    /// Stands for the labels of a running call.
    @inline(__always) private static func key(_ method: Method, _ isTLS: Bool) -> UInt64 {
        UInt64(method.rawValue) << 1 | (isTLS ? 1 : 0)
    }

    private static func write(_ method: Method, _ isTLS: Bool, _ labels: inout LabelWriter) {
        labels.label("http_request_method", method.name)
        labels.label("otel_scope_name", "radicled" as StaticString)
        labels.label("url_scheme", isTLS ? "https" : "http" as StaticString)
    }

    /// By the conventions; `error_type` only where something failed: a status from 500 on, or no answer at all.
    private func write(
        _ method: Method, _ isTLS: Bool, _ version: Version, _ status: Int, _ reason: Reason,
        _ labels: inout LabelWriter
    ) {
        if status >= 500 {
            labels.label("error_type", decimal: status)
        } else if status == 0 {
            labels.label("error_type", reason == .none ? "_OTHER" : reason.name)
        }
        labels.label("http_request_method", method.name)
        if status > 0 { labels.label("http_response_status_code", decimal: status) }
        if !route.isEmpty { labels.label("http_route", route) }
        labels.label("network_protocol_version", version.number)
        labels.label("otel_scope_name", "radicled" as StaticString)
        labels.label("url_scheme", isTLS ? "https" : "http" as StaticString)
    }
}

extension Method {
    /// As the conventions have it: what is not known is `_OTHER`, so that clients cannot make series.
    fileprivate var name: StaticString {
        switch self {
        case .other: "_OTHER"
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        }
    }
}
