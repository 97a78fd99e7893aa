import CEL
import Pipeline
import Telemetry

/// Counts a call when it begins, and what became of it when it is over.
final class MetricsStage: Middleware {
    let moments: Moments = [.admit, .finish]
    private let calls: RouteCalls
    /// `http.route`; empty for what matched none.
    private let route: [UInt8]
    /// Of each HTTP rule of a method.
    private let rules: [Page]
    private let rpc: RPCCalls
    private let own: [OwnMetricRecorder]
    private let condition: Program?
    private let registry: MetricRegistry

    /// Calls of one `http.route`.
    struct Page: Sendable {
        /// Empty for what matched none.
        let path: [UInt8]
        let calls: RouteCalls
    }

    init(
        _ registry: MetricRegistry, _ page: Page, rules: [Page], _ rpc: RPCCalls, _ own: [OwnMetricRecorder],
        when condition: Program?
    ) {
        self.registry = registry
        calls = page.calls
        route = page.path
        self.rules = rules
        self.rpc = rpc
        self.own = own
        self.condition = condition
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        let (method, isTLS) = (exchange.head.method, exchange.connection.pointee.isTLS)
        exchange.held.insert(.count)
        let state = exchange.loop.state
        if exchange.face.isCall {
            rpc.enter(loop: state.pointee.index, wall: state.pointee.clock.wall(exchange.started))
            if !exchange.face.isPage { return .proceed }
        }
        pages(exchange.route).enter(
            Self.key(method, isTLS), loop: state.pointee.index, wall: state.pointee.clock.wall(exchange.started)
        ) { labels in
            Self.write(method, isTLS, &labels)
        }
        return .proceed
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        let state = exchange.loop.state
        let loop = state.pointee.index
        let wall = state.pointee.clock.wall(outcome.ended)
        let (method, isTLS) = (exchange.head.method, exchange.connection.pointee.isTLS)
        let running = Self.key(method, isTLS)
        if exchange.held.contains(.count) {
            exchange.held.drop(.count)
            if exchange.face.isPage {
                pages(exchange.route).leave(running, loop: loop, wall: wall) { Self.write(method, isTLS, &$0) }
            }
        }
        if let condition, case .bool(false) = condition.evaluate(exchange.context) { return }
        var exemplar: Exemplar?
        if exchange.trace.isSampled, exchange.trace.isThere {
            exemplar = Exemplar(
                high: exchange.trace.high, low: exchange.trace.low, span: exchange.trace.span,
                value: Double(outcome.duration) * 1e-9, time: wall)
        }
        if exchange.face.isPage {
            record(exchange, outcome, running: running, loop: loop, wall: wall, exemplar: exemplar)
        }
        if exchange.face.isCall {
            // What is around the messages is not theirs.
            let prefix = exchange.isGRPC ? CallState.prefix : 0
            rpc.record(
                outcome, exchange.face, received: exchange.received &- prefix &* exchange.call.frames.count,
                sent: outcome.bodyBytes &- prefix &* exchange.call.answered, loop: loop, wall: wall,
                exemplar: exemplar)
        }
        if outcome.reason != .none {
            registry.flagged.record(1, loop: loop, limit: .max, wall: wall, exemplar: exemplar) { labels, _ in
                labels.label("flag", outcome.reason.name)
            }
        }
        if !exchange.route.pointee.shadows.isEmpty {
            exchange.forEachShadow { policy in
                registry.shadowed.record(1, loop: loop, limit: .max, wall: wall, exemplar: exemplar) { labels, _ in
                    labels.label("policy", policy)
                }
            }
        }
        // A preflight is no call of the route that it asks about yet, and has nothing of what such a call carries.
        if exchange.isPreflight { return }
        for recorder in own { recorder.record(&exchange, loop: loop, wall: wall, exemplar: exemplar) }
    }

    @inline(__always) private func record(
        _ exchange: borrowing Exchange, _ outcome: Outcome, running: UInt64, loop: Int, wall: Int64,
        exemplar: Exemplar?
    ) {
        let (method, isTLS) = (exchange.head.method, exchange.connection.pointee.isTLS)
        let version = exchange.head.version
        let reason: Reason = outcome.status == 0 ? outcome.reason : .none
        let key =
            running | UInt64(version.rawValue) << 8 | UInt64(reason.rawValue) << 16
            | UInt64(UInt16(truncatingIfNeeded: outcome.status)) << 32
        let reading = CallReading(
            key: key, duration: outcome.duration, received: exchange.received, sent: outcome.bodyBytes, wall: wall)
        // Not the exchange into the closure: it would be copied.
        let place = exchange.route
        let status = outcome.status
        pages(place).record(reading, exemplar: exemplar, loop: loop) { labels in
            let number = place.pointee.bindingNumber
            let path = place.pointee.isTranscoded && number < rules.count ? rules[number].path : route
            Self.write(method, isTLS, version, status, reason, path, &labels)
        }
    }

    /// Where calls of a page are counted: those by an HTTP rule by that.
    @inline(__always) private func pages(_ route: UnsafePointer<Route>) -> RouteCalls {
        guard route.pointee.isTranscoded, route.pointee.bindingNumber < rules.count else { return calls }
        return rules[route.pointee.bindingNumber].calls
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
    private static func write(
        _ method: Method, _ isTLS: Bool, _ version: Version, _ status: Int, _ reason: Reason, _ route: [UInt8],
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
