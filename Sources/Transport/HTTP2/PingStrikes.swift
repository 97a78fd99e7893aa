import Pipeline

/// Counts PINGs that come sooner than keeping a connection alive has reason for, as servers of gRPC do (gRFC A8), apart
/// from floods (decision 0039).
///
/// The first PING behind a frame of an answer is never early: clients of gRPC send one with each call to measure the way.
/// Nor is one that keeps its distance from the one before, whether calls run or none. What delays two of them on their way
/// so that they come together is forgiven with the next. While a large piece of an answer may still be on its way, which it
/// is long after it was written where the network is slow, a client that measures asks with each round trip.
struct PingStrikes {
    /// How many early ones in a row are let pass (gRPC's number).
    static let most = 2
    /// A piece of so many bytes is large.
    static let large = 16 * 1024
    /// How long one may be on its way, in nanoseconds: 4 MiB of a socket's buffer at 1 Mbit/s.
    static let way: Int64 = 30_000_000_000
    private let interval: Int64
    private var last: Int64 = .min
    private var strikes = 0
    private var isExcused = true
    private var arrivesBy: Int64 = .min

    /// - Parameter interval: nanoseconds; less is early.
    init(interval: Int64) { self.interval = interval }

    /// A frame of an answer has left.
    mutating func excuse() { isExcused = true }

    /// So many bytes of an answer have left.
    mutating func excuse(_ bytes: Int, _ now: Int64) {
        excuse()
        if bytes >= Self.large { arrivesBy = LoopClock.later(now, Self.way) }
    }

    /// One more; false if that is too many.
    mutating func take(_ now: Int64) -> Bool {
        let isEarly = !isExcused && now >= arrivesBy && now < LoopClock.later(last, interval)
        strikes = isEarly ? strikes &+ 1 : 0
        last = now
        isExcused = false
        return strikes <= Self.most
    }
}
