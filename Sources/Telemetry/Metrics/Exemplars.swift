import Synchronization

/// A call that stands for others: where to look when a number is strange.
package struct Exemplar: Sendable, Equatable {
    /// The trace's identifier in two halves, and the call's span.
    package var high: UInt64
    package var low: UInt64
    package var span: UInt64
    package var value: Double
    /// Nanoseconds since the Unix epoch.
    package var time: Int64

    package init(high: UInt64, low: UInt64, span: UInt64, value: Double, time: Int64) {
        self.high = high
        self.low = low
        self.span = span
        self.value = value
        self.time = time
    }
}

/// The latest exemplar for each place of a cell. One loop writes; who reads in the middle of it sees that and gets none
/// (a sequence lock: an odd number while it is written).
struct Exemplars: @unchecked Sendable {
    // @unchecked: atomics at an address that lives as long as its cell.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    private static let size = 6

    init(places: Int) {
        let count = max(1, places) * Self.size
        words = .allocate(capacity: count)
        for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
    }

    init?(address: UInt64) {
        guard let words = UnsafeMutablePointer<Atomic<UInt64>>(bitPattern: UInt(address)) else { return nil }
        self.words = words
    }

    var address: UInt64 { UInt64(UInt(bitPattern: words)) }

    func free() { words.deallocate() }

    func write(_ exemplar: Exemplar, at place: Int) {
        let slot = words + place &* Self.size
        let turn = slot[0].load(ordering: .relaxed)
        slot[0].store(turn &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        slot[1].store(exemplar.high, ordering: .relaxed)
        slot[2].store(exemplar.low, ordering: .relaxed)
        slot[3].store(exemplar.span, ordering: .relaxed)
        slot[4].store(exemplar.value.bitPattern, ordering: .relaxed)
        slot[5].store(UInt64(bitPattern: exemplar.time), ordering: .relaxed)
        slot[0].store(turn &+ 2, ordering: .releasing)
    }

    /// Nil if there has been none, or one is being written.
    func read(at place: Int) -> Exemplar? {
        let slot = words + place &* Self.size
        let turn = slot[0].load(ordering: .acquiring)
        guard turn > 0, turn & 1 == 0 else { return nil }
        let exemplar = Exemplar(
            high: slot[1].load(ordering: .relaxed), low: slot[2].load(ordering: .relaxed),
            span: slot[3].load(ordering: .relaxed), value: Double(bitPattern: slot[4].load(ordering: .relaxed)),
            time: Int64(bitPattern: slot[5].load(ordering: .relaxed)))
        atomicMemoryFence(ordering: .acquiring)
        return slot[0].load(ordering: .relaxed) == turn ? exemplar : nil
    }
}
