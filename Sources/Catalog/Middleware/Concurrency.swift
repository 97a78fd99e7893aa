package import Diagnostics
package import Manifests
import NIOCore
package import Pipeline
import Synchronization

/// `concurrency`: how many calls run at once; more wait in a queue, and what is too much is refused.
package struct Concurrency: PolicySection {
    package var limit = 1
    package var queue = 0
    package var queueTimeout = Timespan.seconds(1)
    package var controls = PolicyControls()

    package init() {}

    package static let key = "concurrency"
    package static let doc = """
        Lets so many calls run at once, over all connections. Further ones wait their turn in a queue; where that is \
        full, or the wait too long, the answer is 503.
        """
    package static let short: String? = "limit"
    package static let fields: [Field<Concurrency>] =
        [
            Field(
                "limit", \.limit, doc: "How many calls run at once.", example: "100", required: true,
                check: within(1...1_000_000)),
            Field(
                "queue", \.queue, doc: "How many calls may wait; none without it.", example: "50",
                check: within(0...1_000_000)),
            Field("queue_timeout", \.queueTimeout, doc: "How long a call waits at most.", example: "1s"),
        ] + policyFields

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        let (limit, room) = (limit, queue)
        let gate = scope.shared {
            Gate(limit: limit, room: room)
        } adjust: {
            $0.adjust(limit: limit, room: room)
        }
        return Stage(gate: gate, timeout: queueTimeout.nanoseconds)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit, .finish]
        private let gate: Gate
        private let timeout: Int64

        init(gate: Gate, timeout: Int64) {
            self.gate = gate
            self.timeout = timeout
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            switch gate.enter(Gate.Waiter(&exchange)) {
            case .inside:
                exchange.held.insert(.permit)
                return .proceed
            case .waiting:
                exchange.held.insert(.turn)
                exchange.wakeAt = LoopClock.later(exchange.loop.state.pointee.clock.now, timeout)
                return .park
            case .full: return refuse(&exchange, "too many calls at once")
            }
        }

        func resume(_ exchange: inout Exchange) -> Verdict {
            exchange.held.remove(.turn)
            if gate.claim(exchange.ticket) {
                exchange.held.insert(.permit)
                return .proceed
            }
            return refuse(&exchange, "too many calls at once, and none ended in time")
        }

        func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
            if exchange.held.contains(.permit) {
                exchange.held.remove(.permit)
                gate.leave()
            } else if exchange.held.contains(.turn) {
                exchange.held.remove(.turn)
                // Its client has gone, or its time was up, while it stood in the queue.
                gate.forget(exchange.ticket)
            }
        }

        func withdraw(_ exchange: inout Exchange) {
            exchange.held.remove(.turn)
            gate.forget(exchange.ticket)
        }

        func foretold(_ exchange: inout Exchange) -> String? { gate.inWords(timeout: Timespan(nanoseconds: timeout)) }

        private func refuse(_ exchange: inout Exchange, _ message: String) -> Verdict {
            exchange.fail(Failure(.unavailable, message, retryAfter: 1, reason: .shed))
            return .refuse
        }
    }
}

/// Counts the calls that run, and lets those that wait in one by one, first come first served, whichever loop they
/// are on.
private final class Gate: Sendable {
    enum Answer {
        case inside
        case waiting
        case full
    }

    /// A parked exchange.
    struct Waiter: @unchecked Sendable {
        // @unchecked: the parker is only called on its own loop.
        let ticket: UInt64
        private let eventLoop: any EventLoop
        private let parker: (any Parker)?

        init(_ exchange: inout Exchange) {
            ticket = exchange.ticket
            eventLoop = exchange.loop.state.pointee.eventLoop
            parker = exchange.parker
        }

        func wake(if isStillMeant: @escaping @Sendable () -> Bool) {
            eventLoop.execute { if isStillMeant() { parker?.wake(ticket) } }
        }
    }

    private struct State: ~Copyable {
        /// Calls inside, and those that have been let in and not yet come.
        var running = 0
        var queue: [Waiter] = []
        var letIn: Set<UInt64> = []
        var limit: Int
        var room: Int

        /// The first of the queue, if there is room inside for it.
        mutating func next() -> Waiter? {
            guard running < limit, !queue.isEmpty else { return nil }
            running += 1
            let next = queue.removeFirst()
            letIn.insert(next.ticket)
            return next
        }
    }

    private let state: Mutex<State>

    init(limit: Int, room: Int) {
        state = Mutex(State(limit: limit, room: room))
    }

    /// A reload changed the settings. Who is inside or in the queue stays there; a higher limit lets the next ones in.
    func adjust(limit: Int, room: Int) {
        state.withLock { state in
            state.limit = limit
            state.room = room
        }
        while let next = state.withLock({ $0.next() }) { wake(next) }
    }

    func inWords(timeout: Timespan) -> String {
        let (limit, room) = state.withLock { ($0.limit, $0.room) }
        let queue = room == 0 ? "" : "\(room) more wait up to \(timeout), and "
        return "goes on while fewer than \(limit) run; \(queue)what is more is refused with 503"
    }

    func enter(_ waiter: Waiter) -> Answer {
        state.withLock { state in
            if state.running < state.limit {
                state.running += 1
                return .inside
            }
            if state.queue.count >= state.room { return .full }
            state.queue.append(waiter)
            return .waiting
        }
    }

    /// Whether this one has been let in; if not it stands in the queue no longer.
    func claim(_ ticket: UInt64) -> Bool {
        state.withLock { state in
            if state.letIn.remove(ticket) != nil { return true }
            state.queue.removeAll { $0.ticket == ticket }
            return false
        }
    }

    func leave() {
        let next = state.withLock { state in
            state.running -= 1
            return state.next()
        }
        if let next { wake(next) }
    }

    private func wake(_ next: Waiter) {
        next.wake { [self] in state.withLock { $0.letIn.contains(next.ticket) } }
    }

    func forget(_ ticket: UInt64) {
        if claim(ticket) { leave() }
    }
}
