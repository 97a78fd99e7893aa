package import NIOCore
package import Pipeline
import Synchronization

// Questions to the loops, for whoever looks at the server from outside. Nobody waits: each loop answers when its turn
// comes, and `then` is called once, with the last answer or when the time is over.
extension Server {
    /// How long a loop has to answer who looks at the server (2 s): no page waits for one that is stuck.
    package static let patience = TimeAmount.seconds(2)

    /// Runs `body` on each loop, with what it owns; `then` has the answers in the order of the loops, nil of a loop that
    /// gave none in time.
    ///
    /// - Parameter clock: a loop that keeps the time, and is none of those asked; without one all are waited for.
    package func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (LoopPointer) -> Answer, clock: (any EventLoop)? = nil,
        then: @escaping @Sendable ([Answer?]) -> Void
    ) {
        gather({ loop in body(loop.state) }, clock: clock, then: then)
    }

    /// The open connections.
    package struct Connections: Sendable {
        /// The oldest first, as many as were asked for.
        package let described: [ConnectionSnapshot]
        /// How many there are.
        package let total: Int
        /// The loops that did not answer; their connections are in neither.
        package let silentLoops: [Int]
    }

    /// - Parameter limit: the most that are described.
    package func connections(
        atMost limit: Int, clock: (any EventLoop)? = nil, then: @escaping @Sendable (Connections) -> Void
    ) {
        gather({ loop in loop.connections.value.snapshots(atMost: limit) }, clock: clock) { answers in
            let all = answers.compactMap { $0?.described }.joined().sorted { $0.age > $1.age }
            then(
                Connections(
                    described: Array(all.prefix(limit)), total: answers.reduce(0) { $0 &+ ($1?.total ?? 0) },
                    silentLoops: answers.indices.filter { answers[$0] == nil }))
        }
    }

    private func gather<Answer: Sendable>(
        _ body: @escaping @Sendable (Loop) -> Answer, clock: (any EventLoop)?,
        then: @escaping @Sendable ([Answer?]) -> Void
    ) {
        let answers = Answers(count: loops.count, then)
        for (index, loop) in loops.enumerated() {
            loop.eventLoop.execute { answers.add(body(loop), at: index) }
        }
        clock?.scheduleTask(in: Self.patience) { answers.close() }
    }
}

/// Answers of loops until all are there, or nobody waits any longer.
private final class Answers<Answer: Sendable>: Sendable {
    private struct State {
        var answers: [Answer?]
        /// Nil when it has been called.
        var then: (@Sendable ([Answer?]) -> Void)?
    }

    private let state: Mutex<State>

    init(count: Int, _ then: @escaping @Sendable ([Answer?]) -> Void) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), then: then))
    }

    func add(_ answer: Answer, at index: Int) {
        let isWhole = state.withLock { state in
            state.answers[index] = answer
            return state.answers.allSatisfy { $0 != nil }
        }
        if isWhole { close() }
    }

    func close() {
        let (then, answers) = state.withLock { state in
            defer { state.then = nil }
            return (state.then, state.answers)
        }
        then?(answers)
    }
}

/// Whether the loops still turn: each look asks them for a sign, and tells which have owed one for too long.
package final class LoopPulse: Sendable {
    /// When each loop was asked for the sign that it owes; 0 if it owes none. Monotonic nanoseconds.
    private let asked: Mutex<[Int64]>
    private let server: Server
    /// What a loop may take: no answer keeps one for so long (10 s).
    package static let patience: Int64 = 10_000_000_000

    package init(_ server: Server) {
        self.server = server
        asked = Mutex(Array(repeating: 0, count: server.loops.count))
    }

    /// The loops that have not answered for longer than they may.
    package func late() -> [Int] {
        let now = LoopClock.now()
        var late: [Int] = []
        var free: [Int] = []
        asked.withLock { asked in
            for index in asked.indices {
                if asked[index] == 0 {
                    asked[index] = now
                    free.append(index)
                } else if now &- asked[index] > Self.patience {
                    late.append(index)
                }
            }
        }
        for index in free {
            server.loops[index].eventLoop.execute { self.asked.withLock { $0[index] = 0 } }
        }
        return late
    }
}
