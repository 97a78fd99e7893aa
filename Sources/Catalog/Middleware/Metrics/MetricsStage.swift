import CEL
import Pipeline
import Telemetry

/// Counts a call when it begins, and what became of it when it is over.
final class MetricsStage: Middleware {
    let moments: Moments = [.admit, .finish]
    private let page: PageCalls
    /// Of each HTTP rule of a method.
    private let rules: [PageCalls]
    private let rpc: RPCCalls
    private let own: [OwnMetricRecorder]
    private let condition: Program?
    private let registry: MetricRegistry

    init(
        _ registry: MetricRegistry, _ page: PageCalls, rules: [PageCalls], _ rpc: RPCCalls, _ own: [OwnMetricRecorder],
        when condition: Program?
    ) {
        self.registry = registry
        self.page = page
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
        let (loop, wall) = (state.pointee.index, state.pointee.clock.wall(exchange.started))
        if exchange.route.pointee.isTranscoded {
            rule(exchange.route)?.enter(method, isTLS, loop: loop, wall: wall)
        } else {
            page.enter(method, isTLS, loop: loop, wall: wall)
        }
        return .proceed
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        let state = exchange.loop.state
        let loop = state.pointee.index
        let wall = state.pointee.clock.wall(outcome.ended)
        let (method, isTLS) = (exchange.head.method, exchange.connection.pointee.isTLS)
        if exchange.held.contains(.count) {
            exchange.held.drop(.count)
            if exchange.route.pointee.isTranscoded {
                rule(exchange.route)?.leave(method, isTLS, loop: loop, wall: wall)
            } else if !exchange.face.isCall {
                page.leave(method, isTLS, loop: loop, wall: wall)
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
            let reading = PageCalls.Reading(
                method: method, isTLS: isTLS, version: exchange.head.version, outcome: outcome,
                received: exchange.received, wall: wall)
            if exchange.route.pointee.isTranscoded {
                rule(exchange.route)?.record(reading, loop: loop, exemplar: exemplar)
            } else {
                page.record(reading, loop: loop, exemplar: exemplar)
            }
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

    private func rule(_ route: UnsafePointer<Route>) -> PageCalls? {
        let number = route.pointee.bindingNumber
        return number < rules.count ? rules[number] : nil
    }
}
