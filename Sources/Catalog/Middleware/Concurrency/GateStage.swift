import CEL
import Manifests
import Pipeline

/// Asks a call to the gate: it goes in, waits its turn, or is refused.
final class GateStage: Middleware {
    let moments: Moments = [.admit, .finish]
    private let gate: Gate
    private let isAdaptive: Bool
    private let timeout: Int64
    private let priority: Program?
    /// Where it stands in the line.
    private let place: StageWord
    /// When it went in.
    private let since: StageWord

    /// How important a call is of which nothing is said.
    static let ordinary = 5

    init(_ gate: Gate, isAdaptive: Bool, timeout: Int64, priority: Program?, words: StageWords) {
        self.gate = gate
        self.isAdaptive = isAdaptive
        self.timeout = timeout
        self.priority = priority
        place = words.take()
        since = words.take()
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        var level = Self.ordinary
        if let priority {
            switch priority.evaluate(exchange.context) {
            case .int(let value): level = Int(clamping: value)
            case .error(let error):
                _ = exchange.failEvaluation(error, readsClient: priority.readsClient)
                return .refuse
            default:
                _ = exchange.failEvaluation(
                    EvaluationError("a priority is a whole number"), readsClient: priority.readsClient)
                return .refuse
            }
        }
        if gate.enter() { return goIn(&exchange) }
        switch gate.enter(Waiter(&exchange, turn: exchange.admitted), level: level) {
        case .inside: return goIn(&exchange)
        case .waiting(let place):
            exchange.held.insert(.turn)
            exchange[self.place] = Int64(place)
            exchange.wakeAt = LoopClock.later(exchange.loop.state.pointee.clock.now, timeout)
            return .park
        case .full: return refuse(&exchange, "too many calls at once")
        }
    }

    private func goIn(_ exchange: inout Exchange) -> Verdict {
        exchange.held.insert(.permit)
        if isAdaptive { exchange[since] = exchange.loop.state.pointee.clock.now }
        return .proceed
    }

    func resume(_ exchange: inout Exchange) -> Verdict {
        exchange.held.drop(.turn)
        switch gate.leaveLine(Int(exchange[place]), ticket: exchange.ticket) {
        case .called: return goIn(&exchange)
        case .shed: return refuse(&exchange, "too many calls at once, and more important ones came")
        case .waiting, nil: return refuse(&exchange, "too many calls at once, and none ended in time")
        }
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        if exchange.held.contains(.permit) {
            exchange.held.drop(.permit)
            gate.leave(duration: duration(of: &exchange, outcome), now: outcome.ended)
        } else if exchange.held.contains(.turn) {
            // Its client has gone, or its time was up, while it stood in the line.
            withdraw(&exchange)
        }
    }

    /// How long it ran, if that says how busy the server is. A stream takes as long as it is meant to, and who is gone says
    /// nothing.
    private func duration(of exchange: inout Exchange, _ outcome: Outcome) -> Int64? {
        guard isAdaptive, outcome.reason != .clientGone, !exchange.response.isStreaming else { return nil }
        return max(0, outcome.ended &- exchange[since])
    }

    func withdraw(_ exchange: inout Exchange) {
        exchange.held.drop(.turn)
        gate.forget(Int(exchange[place]), ticket: exchange.ticket)
    }

    func foretold(_ exchange: inout Exchange) -> String? {
        let (limit, room) = gate.size
        let now = isAdaptive ? "\(limit) run, a limit that follows how long calls take; " : "\(limit) run; "
        let first = priority.map { ", the highest `\($0.text)` first" } ?? ""
        let queue = room == 0 ? "" : "\(room) more wait up to \(Timespan(nanoseconds: timeout))\(first), and "
        return "goes on while fewer than \(now)\(queue)what is more is refused with 503"
    }

    private func refuse(_ exchange: inout Exchange, _ message: String) -> Verdict {
        exchange.fail(
            Failure(.unavailable, message, retryAfter: 1, reason: .shed, type: .temporaryReducedCapacity))
        return .refuse
    }
}
