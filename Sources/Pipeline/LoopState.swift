import Glibc
package import JSON
package import NIOCore

/// What one event loop owns and every exchange on it uses: writers, clock, random numbers, and the plan in force.
///
/// It lives at a fixed address from before the first connection until after the last, so handlers keep its pointer
/// and reach it without reference counting or exclusivity checks (docs/decisions/0004).
package struct LoopState: ~Copyable {
    /// Which loop this is, from 0.
    package let index: Int
    package let eventLoop: any EventLoop
    /// The body that a responder is writing; the face takes it after each step.
    package var body = ByteWriter(capacity: 16 * 1024)
    /// For what must be made whole before it is copied: a header's value.
    package var scratch = ByteWriter(capacity: 1024)
    /// The bytes for the wire, gathered over one read event.
    package var wire = ByteWriter(capacity: 64 * 1024)
    /// What hands `wire` over to a channel. One serves all connections, since each flushes before the next one's turn.
    package var out = ByteBuffer()
    package var clock = LoopClock()
    package var random = RandomPool()
    package var codings = CodingPool()
    /// The plan in force, for exchanges that begin now.
    private(set) var lease: PlanLeasePointer
    /// Exchanges at rest, each at its own address.
    private var pool: [UnsafeMutablePointer<Exchange>] = []
    /// How many exchanges there have been on this loop; 48 bits last for years.
    private var taken: UInt64 = 0
    /// How many exchanges are in use on this loop.
    package private(set) var active = 0

    package init(index: Int, eventLoop: any EventLoop, plan: Plan) {
        self.index = index
        self.eventLoop = eventLoop
        self.lease = PlanLeasePointer(plan)
    }

    deinit {
        for exchange in pool {
            exchange.deinitialize(count: 1)
            exchange.deallocate()
        }
        lease.end()
    }

    /// The plan in force. An exchange that has begun may have another: its own.
    package var plan: Plan { lease.plan }

    /// Exchanges that begin from now on have this plan; those that run keep theirs.
    ///
    /// - Parameter whenLeft: takes the old plan when the last exchange of it on this loop has ended; called on the loop.
    package mutating func change(to plan: Plan, whenLeft: @escaping @Sendable (Plan) -> Void) {
        let old = lease
        lease = PlanLeasePointer(plan)
        old.retire(whenLeft: whenLeft)
    }

    /// An exchange ready for a new request. It never moves until it is given back.
    package mutating func take(_ loop: LoopPointer) -> UnsafeMutablePointer<Exchange> {
        active &+= 1
        taken &+= 1
        let exchange: UnsafeMutablePointer<Exchange>
        if let rested = pool.popLast() {
            exchange = rested
        } else {
            exchange = .allocate(capacity: 1)
            exchange.initialize(to: Exchange(loop: loop, route: plan.unmatched))
        }
        exchange.pointee.ticket = UInt64(truncatingIfNeeded: index) << 48 | taken
        return exchange
    }

    package mutating func give(_ exchange: UnsafeMutablePointer<Exchange>) {
        active &-= 1
        exchange.pointee.reset()
        if let used = exchange.pointee.lease {
            exchange.pointee.lease = nil
            if used.leave(), used != lease { used.end() }
        }
        // What a burst needed need not stay: a few at rest serve the usual load.
        if pool.count < 256 {
            pool.append(exchange)
        } else {
            exchange.deinitialize(count: 1)
            exchange.deallocate()
        }
    }
}

/// The address of a loop's state: the one unsafe type through which the hot path reaches it.
///
/// Sound because the state outlives every connection of its loop and is touched on that loop only.
package struct LoopPointer: @unchecked Sendable {
    // @unchecked: handed to the loop once when it starts, then used on that loop alone.
    package let state: UnsafeMutablePointer<LoopState>

    package init(_ state: UnsafeMutablePointer<LoopState>) { self.state = state }
}

/// Random bytes from the system, fetched a page at a time: one system call serves hundreds of identifiers. With a seed
/// they are the same each time.
package struct RandomPool: ~Copyable {
    private let words: UnsafeMutablePointer<UInt64>
    private var next = Self.size
    private static let size = 256
    private var seed: UInt64?

    package init(seed: UInt64? = nil) {
        words = .allocate(capacity: Self.size)
        self.seed = seed
    }

    deinit { words.deallocate() }

    @inline(__always) package mutating func word() -> UInt64 {
        if next == Self.size { refill() }
        let word = words[next]
        next &+= 1
        return word
    }

    /// An even number from 0 up to but not including 1.
    package mutating func fraction() -> Double { Double(word() >> 11) * 0x1p-53 }

    private mutating func refill() {
        if let seed { return refill(from: seed) }
        let bytes = UnsafeMutableRawPointer(words)
        var filled = 0
        while filled < Self.size * 8 {
            // At most 256 bytes a call (getentropy(3)); it cannot fail for that many with a valid address.
            if getentropy(bytes + filled, 256) == 0 { filled += 256 }
        }
        next = 0
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private mutating func refill(from seed: UInt64) {
        var state = seed
        for index in 0..<Self.size {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            words[index] = word ^ (word >> 31)
        }
        self.seed = state
        next = 0
    }
}
