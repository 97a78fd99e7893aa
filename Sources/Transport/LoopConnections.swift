import Pipeline
import Synchronization

/// A connection as the server sees it when it goes down.
protocol Connection: AnyObject {
    /// Finish what runs, take nothing new.
    func drain()
    /// End now.
    func forceClose()
    /// What it is doing.
    func snapshot(now: Int64) -> ConnectionSnapshot
    /// Its place in the loop's list.
    var position: Int { get set }
}

/// The open connections of one loop, touched on that loop alone; the count over all loops is shared.
final class LoopConnections {
    private var list: [any Connection] = []
    private let total: ConnectionCount
    /// For connections that begin now; those that are open keep theirs.
    var limits: ConnectionLimits

    init(total: ConnectionCount, limits: ConnectionLimits) {
        self.total = total
        self.limits = limits
    }

    /// The limits, with up to a tenth of the age taken off by chance: connections that began together, as after a
    /// start, must not all end together.
    func limitsOfOne() -> ConnectionLimits {
        var limits = limits
        if limits.connectionAge != .max { limits.connectionAge -= Int64.random(in: 0...limits.connectionAge / 10) }
        return limits
    }

    var isEmpty: Bool { list.isEmpty }

    func add(_ connection: any Connection) {
        connection.position = list.count
        list.append(connection)
    }

    func remove(_ connection: any Connection) {
        let position = connection.position
        guard position < list.count, list[position] === connection, let last = list.popLast() else { return }
        if last !== connection {
            list[position] = last
            last.position = position
        }
    }

    /// Counts one less. A channel that never became active was counted, but is not in the list.
    func leave() { total.leave() }

    /// - Parameter limit: the most that are described.
    func snapshots(atMost limit: Int) -> (described: [ConnectionSnapshot], total: Int) {
        let now = LoopClock.now()
        return (list.prefix(max(0, limit)).map { $0.snapshot(now: now) }, list.count)
    }

    func drain() {
        for connection in list { connection.drain() }
    }

    func forceClose() {
        for connection in list { connection.forceClose() }
    }
}

@available(*, unavailable)
extension LoopConnections: Sendable {}

/// How many connections there are, over all loops and listeners.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let limit: Atomic<Int>

    init(limit: Int) { self.limit = Atomic(limit) }

    /// Those that are over a lower limit stay open.
    func change(limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    /// Counts one more, unless that is over the limit.
    func enter() -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= limit.load(ordering: .relaxed) { return true }
        leave()
        refused.add(1, ordering: .relaxed)
        return false
    }

    func leave() { count.subtract(1, ordering: .relaxed) }

    var current: Int { count.load(ordering: .relaxed) }
    var most: Int { limit.load(ordering: .relaxed) }
    /// How many there was no room for, since the start.
    var turnedAway: Int { refused.load(ordering: .relaxed) }
}
