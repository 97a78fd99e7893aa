import Manifests
import Pipeline
import Synchronization
import Telemetry

/// Counts the calls that run, and lets those that wait in one by one, whichever loop they are on.
final class Gate: Sendable {
    enum Width: Sendable, Equatable {
        case fixed(Int)
        case adaptive(minimum: Int, maximum: Int)
    }

    enum Answer {
        case inside
        case waiting(place: Int)
        case full
    }

    private struct State {
        /// Calls inside, and those that have been called and not yet come.
        var running = 0
        /// How many may run.
        var limit = 0
        var gradient: GradientLimit?
        /// How many may wait.
        var room: Int
        var line = WaitingLine<Waiter>()

        init(_ width: Width, room: Int) {
            self.room = room
            set(width)
        }

        mutating func set(_ width: Width) {
            switch width {
            case .fixed(let limit):
                self.limit = limit
                gradient = nil
            case .adaptive(let minimum, let maximum):
                var gradient = gradient ?? GradientLimit(minimum: minimum, maximum: maximum)
                gradient.adjust(minimum: minimum, maximum: maximum)
                limit = gradient.limit
                self.gradient = gradient
            }
        }

        /// The next of the line, if there is room inside.
        mutating func next() -> Waiter? {
            guard running < limit, let next = line.callNext() else { return nil }
            running += 1
            return next
        }
    }

    private let state: Mutex<State>

    init(_ width: Width, room: Int) {
        state = Mutex(State(width, room: room))
    }

    /// A reload changed the settings. Who is inside or in the line stays there; a higher limit lets the next ones in.
    func adjust(_ width: Width, room: Int) {
        state.withLock { state in
            state.set(width)
            state.room = room
        }
        callAll()
    }

    /// How many may run now, and how many more may wait.
    var size: (limit: Int, room: Int) { state.withLock { ($0.limit, $0.room) } }

    /// Goes in if nobody need wait.
    func enter() -> Bool {
        state.withLock { state in
            guard state.running < state.limit else { return false }
            state.running += 1
            return true
        }
    }

    /// Goes in or joins the line; where that is full, in the place of somebody less important.
    ///
    /// - Parameter level: 0 to 9, the higher the more important.
    func enter(_ waiter: Waiter, level: Int) -> Answer {
        let (answer, victim) = state.withLock { state -> (Answer, Waiter?) in
            if state.running < state.limit {
                state.running += 1
                return (.inside, nil)
            }
            var victim: Waiter?
            if state.line.count >= state.room {
                guard let shed = state.line.shed(below: level) else { return (.full, nil) }
                victim = shed
            }
            return (.waiting(place: state.line.join(waiter, ticket: waiter.ticket, level: level)), victim)
        }
        if let victim { victim.wake() }
        return answer
    }

    /// Leaves the line for good, and says what had become of it there; nil if it was not in it. Who was called is inside.
    func leaveLine(_ place: Int, ticket: UInt64) -> WaitingLine<Waiter>.Fate? {
        state.withLock { $0.line.leave(place, ticket: ticket) }
    }

    /// A call has ended.
    ///
    /// - Parameter duration: how long it ran, if that tells something of the load; nanoseconds.
    func leave(duration: Int64? = nil, now: Int64 = 0) {
        let next = state.withLock { state in
            if let duration, state.gradient != nil {
                state.gradient?.note(duration: duration, running: state.running, now: now)
                state.limit = state.gradient?.limit ?? state.limit
            }
            state.running -= 1
            return state.next()
        }
        guard let next else { return }
        next.wake()
        // A limit that has grown has room for more than the one who left.
        callAll()
    }

    private func callAll() {
        while let next = state.withLock({ $0.next() }) { next.wake() }
    }

    /// Stands in the line no longer, and is not inside either.
    func forget(_ place: Int, ticket: UInt64) {
        if leaveLine(place, ticket: ticket) == .called { leave() }
    }
}

extension Gate: Gauged {
    var gauges: [(family: MetricFamily, value: Double)] {
        let (running, waiting, limit) = state.withLock { ($0.running, $0.line.count, $0.limit) }
        return [
            (ServerMetrics.running, Double(running)), (ServerMetrics.waiting, Double(waiting)),
            (ServerMetrics.permitted, Double(limit)),
        ]
    }
}
