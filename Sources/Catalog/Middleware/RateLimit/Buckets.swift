import Synchronization

/// How a bucket fills: in nanoseconds, so that a bucket is one number.
package struct BucketRate: Equatable, Sendable {
    /// How long it takes until one more call is let in.
    package let interval: Int64
    /// How long it takes to fill an empty bucket.
    package let window: Int64

    /// Nil if that cannot be counted: more than a million calls a second, or more than a hundred years to fill.
    package init?(calls: Int, per period: Int64, burst: Int) {
        let count = Int64(calls)
        guard count > 0, count <= Self.mostCalls(in: period), burst > 0 else { return nil }
        // Rounded to the nearest: at a million a second an interval is a thousand nanoseconds, so that is exact enough.
        let (sum, tooLarge) = period.addingReportingOverflow(count / 2)
        guard !tooLarge else { return nil }
        interval = sum / count
        let (window, overflow) = interval.multipliedReportingOverflow(by: Int64(burst))
        guard !overflow, window <= Self.longest else { return nil }
        self.window = window
    }

    /// A million a second.
    static func mostCalls(in period: Int64) -> Int64 { period / 1000 }

    /// A hundred years: the sum with any time of a monotonic clock still fits.
    private static let longest: Int64 = 100 * 365 * 86_400 * 1_000_000_000
}

/// The buckets of one policy, one for each key, shared by all loops.
///
/// They follow the generic cell rate algorithm (ITU-T I.371, annex A): of each bucket is kept when it will be full again.
/// A call moves that moment on by its cost, and is refused if it would then lie further off than an empty bucket needs to
/// fill. A bucket that is full is worth nothing and may be forgotten.
///
/// Memory is bounded: 2^20 buckets of 24 bytes, in 64 tables with a lock each, which grow as they are needed. Where all
/// places that a key may have are taken by buckets that are not full, the one nearest to it makes room, and its key begins
/// anew. A key that is held back keeps its bucket while others flood the table: theirs are fuller.
package final class Buckets: Sendable {
    /// What came of a call.
    package enum Answer: Equatable, Sendable {
        /// - Parameters:
        ///   - remaining: how many calls more could come at once.
        ///   - untilFull: nanoseconds until the bucket is full.
        case taken(remaining: Int64, untilFull: Int64)
        /// - Parameters:
        ///   - remaining: how many calls, less dear ones, could come at once.
        ///   - wait: nanoseconds until this one could.
        case refused(remaining: Int64, wait: Int64)
        /// It costs more than a full bucket has.
        case tooDear
    }

    private static let tables = 64
    package static let capacity = 1 << 20

    private final class Shard: Sendable {
        let table: Mutex<BucketTable>

        init(_ rate: BucketRate, capacity: Int) { table = Mutex(BucketTable(rate, capacity: capacity)) }
    }

    private let shards: [Shard]

    /// - Parameter capacity: how many buckets there may be; a power of two, at least 1024.
    package init(_ rate: BucketRate, capacity: Int = Buckets.capacity) {
        shards = (0..<Self.tables).map { _ in Shard(rate, capacity: capacity / Self.tables) }
    }

    private func shard(_ key: KeyHash) -> Shard {
        shards[Int(truncatingIfNeeded: key.high & UInt64(Self.tables - 1))]
    }

    /// Takes what a call costs, if it is there.
    ///
    /// - Parameters:
    ///   - cost: not negative.
    ///   - now: monotonic nanoseconds.
    package func take(_ cost: Int64, of key: KeyHash, now: Int64) -> Answer {
        shard(key).table.withLock { $0.take(cost, of: key, now) }
    }

    /// Gives back what was taken for a call that then did not come to pass.
    package func giveBack(_ cost: Int64, of key: KeyHash) {
        shard(key).table.withLock { $0.giveBack(cost, of: key) }
    }

    /// A reload changed the rate. A bucket keeps its share: one that is half full is half full again.
    package func adjust(_ rate: BucketRate, now: Int64) {
        for shard in shards { shard.table.withLock { $0.adjust(rate, now) } }
    }

    /// How many buckets there are room for now.
    package var room: Int { shards.reduce(0) { $0 + $1.table.withLock { $0.room } } }
}
