/// A part of the buckets: a table in which a key stands within a few places of the one that its hash says.
struct BucketTable: ~Copyable {
    private struct Slot {
        var key: KeyHash
        /// When the bucket will be full, in monotonic nanoseconds; earlier than now is full.
        var full: Int64
    }

    /// How many places a key may have.
    private static let reach = 16

    private var rate: BucketRate
    private let capacity: Int
    private var slots: UnsafeMutablePointer<Slot>
    /// A power of two; 0 until the first key comes.
    private(set) var room = 0

    /// - Parameter capacity: to how many places it may grow; a power of two.
    init(_ rate: BucketRate, capacity: Int) {
        self.rate = rate
        self.capacity = capacity
        slots = .allocate(capacity: 0)
    }

    deinit { slots.deallocate() }

    mutating func take(_ cost: Int64, of key: KeyHash, _ now: Int64) -> Buckets.Answer {
        let (span, overflow) = cost.multipliedReportingOverflow(by: rate.interval)
        if overflow || span > rate.window { return .tooDear }
        let place = place(of: key, now)
        let full = max(slots[place].full, now)
        // Both lie within a window of now, and a window is at most a hundred years.
        let left = rate.window &- (full &- now)
        if span > left {
            return .refused(remaining: max(0, left) / rate.interval, wait: span &- left)
        }
        slots[place].full = full &+ span
        return .taken(remaining: (left &- span) / rate.interval, untilFull: full &+ span &- now)
    }

    mutating func giveBack(_ cost: Int64, of key: KeyHash) {
        let (span, overflow) = cost.multipliedReportingOverflow(by: rate.interval)
        guard !overflow, room > 0 else { return }
        for step in 0..<min(Self.reach, room) {
            let place = (home(of: key) &+ step) & (room &- 1)
            if slots[place].key == key {
                slots[place].full &-= min(span, rate.window)
                return
            }
        }
    }

    mutating func adjust(_ rate: BucketRate, _ now: Int64) {
        guard rate != self.rate else { return }
        for place in 0..<room where slots[place].full > now {
            let left = slots[place].full &- now
            let share = min(1, Double(left) / Double(self.rate.window))
            slots[place].full = now &+ Int64(share * Double(rate.window))
        }
        self.rate = rate
    }

    // MARK: Places

    private func home(of key: KeyHash) -> Int { Int(truncatingIfNeeded: key.low) & (room &- 1) }

    /// Where the key stands, or now does.
    private mutating func place(of key: KeyHash, _ now: Int64) -> Int {
        if room == 0 { grow(now) }
        while true {
            var fullest = home(of: key)
            for step in 0..<min(Self.reach, room) {
                let place = (home(of: key) &+ step) & (room &- 1)
                if slots[place].key == key { return place }
                // Nothing is ever taken out, so nothing stands behind a free place.
                if slots[place].key == .none {
                    slots[place] = Slot(key: key, full: 0)
                    return place
                }
                if slots[place].full < slots[fullest].full { fullest = place }
            }
            // A bucket that is full again is as good as none.
            if slots[fullest].full <= now || room == capacity {
                slots[fullest] = Slot(key: key, full: 0)
                return fullest
            }
            grow(now)
        }
    }

    /// Makes twice the room, and leaves out what is full again.
    private mutating func grow(_ now: Int64) {
        let (old, count) = (slots, room)
        room = count == 0 ? Self.reach : count &* 2
        slots = .allocate(capacity: room)
        slots.initialize(repeating: Slot(key: .none, full: 0), count: room)
        for place in 0..<count where old[place].full > now {
            let slot = old[place]
            let new = self.settle(slot.key)
            slots[new] = slot
        }
        old.deallocate()
    }

    /// The place for a key that is not there: a free one, or that of the fullest bucket.
    private func settle(_ key: KeyHash) -> Int {
        var fullest = home(of: key)
        for step in 0..<min(Self.reach, room) {
            let place = (home(of: key) &+ step) & (room &- 1)
            if slots[place].key == .none { return place }
            if slots[place].full < slots[fullest].full { fullest = place }
        }
        return fullest
    }
}
