import NIOCore
package import Pipeline
import Synchronization

// Questions to the loops, for whoever looks at the server from outside. Nobody waits: each loop answers when its turn
// comes, and the last answer calls `then`, on that loop.
extension Server {
    /// Runs `body` on each loop, with what it owns; `then` has the answers in the order of the loops.
    package func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (LoopPointer) -> Answer, then: @escaping @Sendable ([Answer]) -> Void
    ) {
        gather({ loop in body(loop.state) }, then: then)
    }

    /// The open connections, the oldest first.
    /// - Parameter limit: the most that are described; `then` has also how many there are.
    package func connections(
        atMost limit: Int, then: @escaping @Sendable (_ described: [ConnectionSnapshot], _ total: Int) -> Void
    ) {
        gather({ loop in loop.connections.value.snapshots(atMost: limit) }) { answers in
            let all = answers.flatMap(\.described).sorted { $0.age > $1.age }
            then(Array(all.prefix(limit)), answers.reduce(0) { $0 &+ $1.total })
        }
    }

    func gather<Answer: Sendable>(
        _ body: @escaping @Sendable (Loop) -> Answer, then: @escaping @Sendable ([Answer]) -> Void
    ) {
        let answers = Answers<Answer>(count: loops.count)
        for (index, loop) in loops.enumerated() {
            loop.eventLoop.execute {
                if let all = answers.add(body(loop), at: index) { then(all) }
            }
        }
    }
}

/// Answers of loops until all are there.
private final class Answers<Answer: Sendable>: Sendable {
    private let answers: Mutex<[Answer?]>

    init(count: Int) { answers = Mutex(Array(repeating: nil, count: count)) }

    /// All of them, with the last.
    func add(_ answer: Answer, at index: Int) -> [Answer]? {
        answers.withLock { answers in
            answers[index] = answer
            let all = answers.compactMap { $0 }
            return all.count == answers.count ? all : nil
        }
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
