/// A loop's own way from a series' labels, or from a number that stands for them, to its cell: no lock, and no
/// allocation for what it has met before.
struct SeriesCache: ~Copyable {
    private struct Entry {
        let hash: UInt64
        let key: [UInt8]
        let cell: MetricCell
    }

    /// Open addressing with linear probing; a power of two, at most half full.
    private var slots: [Entry?] = Array(repeating: nil, count: 8)
    private var count = 0

    func cell(_ key: UnsafeBufferPointer<UInt8>) -> MetricCell? {
        let hash = Self.hash(key)
        var at = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while let entry = slots[at] {
            if entry.hash == hash, entry.key.count == key.count,
                entry.key.withUnsafeBufferPointer({ $0.elementsEqual(key) })
            {
                return entry.cell
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    /// Remembers a cell for a key that is not there yet.
    mutating func remember(_ key: [UInt8], _ cell: MetricCell) {
        if count * 2 >= slots.count { grow() }
        count += 1
        Self.put(Entry(hash: key.withUnsafeBufferPointer { Self.hash($0) }, key: key, cell: cell), into: &slots)
    }

    private mutating func grow() {
        var larger: [Entry?] = Array(repeating: nil, count: slots.count * 2)
        for case let entry? in slots { Self.put(entry, into: &larger) }
        slots = larger
    }

    private static func put(_ entry: Entry, into slots: inout [Entry?]) {
        var at = Int(truncatingIfNeeded: entry.hash) & (slots.count &- 1)
        while slots[at] != nil { at = (at &+ 1) & (slots.count &- 1) }
        slots[at] = entry
    }

    /// Labels may come from outside: who does not know the seed cannot make them all fall into one place.
    private static let seed = UInt64.random(in: 1 ... .max)

    /// FNV-1a (Fowler, Noll and Vo), from a seed.
    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = seed
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}

/// What each loop has for itself, at fixed addresses.
struct PerLoop<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // @unchecked: a value is touched on its own loop alone.
    private let values: UnsafeMutablePointer<Value>
    let count: Int

    init(_ count: Int, _ make: () -> Value) {
        self.count = max(1, count)
        values = .allocate(capacity: self.count)
        for index in 0..<self.count { (values + index).initialize(to: make()) }
    }

    deinit {
        values.deinitialize(count: count)
        values.deallocate()
    }

    /// Nil for a loop that there is not.
    @inline(__always) subscript(loop: Int) -> UnsafeMutablePointer<Value>? {
        loop >= 0 && loop < count ? values + loop : nil
    }
}
