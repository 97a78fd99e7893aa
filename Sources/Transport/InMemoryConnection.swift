import JSON
import NIOCore
import NIOEmbedded
package import Pipeline

/// One connection without a socket: the bytes of a request in, those of its answer out.
///
/// It drives the same code as a channel does, but nothing waits: the loop's clock stands still until nothing is left to
/// do, then goes on to the next moment at which something is due.
package final class InMemoryConnection {
    package enum Ending: Sendable {
        /// The connection ended, or rests, with nothing left to say.
        case answered
        /// It was closed on purpose before the answer was whole.
        case cut
        /// More bytes came than there was room for.
        case tooLarge
        /// More time passed than there was.
        case tooLate
    }

    package struct Outcome: Sendable {
        package let bytes: [UInt8]
        package let ending: Ending
        /// Nanoseconds that passed on the loop's clock.
        package let duration: Int64
    }

    /// Steps in which nothing comes, nothing is taken and no time passes.
    private static let patience = 10_000

    private let state: UnsafeMutablePointer<LoopState>
    private let facts: UnsafeMutablePointer<ConnectionFacts>
    private let connection: UnsafeMutablePointer<WireConnection>
    private let parker = Alarm()
    private let eventLoop = EmbeddedEventLoop()
    private let start: Int64
    private var now: Int64
    private var output: [UInt8] = []

    /// - Parameters:
    ///   - wall: the time at which it begins, in nanoseconds since the Unix epoch.
    ///   - seed: what its random numbers follow from.
    package init(
        plan: Plan, limits: ConnectionLimits, client: consuming ConnectionFacts, wall: Int64, seed: UInt64
    ) {
        state = .allocate(capacity: 1)
        state.initialize(to: LoopState(index: 0, eventLoop: eventLoop, plan: plan))
        state.pointee.clock = LoopClock(standingAt: wall)
        state.pointee.random = RandomPool(seed: seed)
        start = state.pointee.clock.now
        now = start
        facts = .allocate(capacity: 1)
        facts.initialize(to: client)
        connection = .allocate(capacity: 1)
        connection.initialize(
            to: WireConnection(
                loop: LoopPointer(state), limits: limits, facts: UnsafePointer(facts), parker: parker, now: now))
    }

    deinit {
        connection.pointee.closed(now: now)
        connection.deinitialize(count: 1)
        connection.deallocate()
        facts.deinitialize(count: 1)
        facts.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Sends a request and collects what comes of it.
    ///
    /// - Parameters:
    ///   - room: how many bytes it may be at most.
    ///   - time: how many nanoseconds it may take at most.
    package func send(_ request: [UInt8], room: Int, time: Int64) -> Outcome {
        output = []
        var rest = request[...]
        var idleSteps = 0
        let end = LoopClock.later(now, time)
        let begin = now
        func outcome(_ ending: Ending) -> Outcome { Outcome(bytes: output, ending: ending, duration: now - begin) }
        while true {
            let before = (output.count, rest.count, now)
            gather()
            if output.count > room { return outcome(.tooLarge) }
            if let (ticket, turn) = parker.take() {
                connection.pointee.wake(ticket, turn: turn, now: now)
            } else if connection.pointee.closing == .now {
                return outcome(.cut)
            } else if connection.pointee.wantsRoom {
                connection.pointee.roomReached(now: now)
            } else if connection.pointee.closing != .open || isAtRest(rest) {
                return outcome(.answered)
            } else if !rest.isEmpty, connection.pointee.takesInput {
                offer(&rest)
            } else {
                let next = connection.pointee.nextDeadline()
                guard next <= end else { return outcome(.tooLate) }
                pass(until: next)
            }
            // A responder that asks for another turn for ever, and does nothing in it, must not hold us.
            idleSteps = before == (output.count, rest.count, now) ? idleSteps + 1 : 0
            if idleSteps > Self.patience { return outcome(.tooLate) }
        }
    }

    private func isAtRest(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.isEmpty && connection.pointee.isAtRest
    }

    private func offer(_ rest: inout ArraySlice<UInt8>) {
        let used = rest.withUnsafeBufferPointer { connection.pointee.receive($0, now: now) }
        rest = rest.dropFirst(used)
    }

    private func pass(until next: Int64) {
        let span = max(0, next - now)
        now += span
        state.pointee.clock.tell(now)
        eventLoop.advanceTime(by: .nanoseconds(span))
        connection.pointee.timeReached(now: now)
    }

    private func gather() {
        output += state.pointee.wire.bytes
        state.pointee.wire.clear()
        eventLoop.run()
    }

    /// Remembers that a parked exchange may go on.
    private final class Alarm: Parker {
        private var woken: (ticket: UInt64, turn: Int)?

        func wake(_ ticket: UInt64, turn: Int) { woken = (ticket, turn) }

        func take() -> (ticket: UInt64, turn: Int)? {
            defer { woken = nil }
            return woken
        }
    }
}
