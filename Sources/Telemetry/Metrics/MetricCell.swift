import Synchronization

/// The numbers of one series on one loop: words that this loop alone writes and whoever scrapes reads.
///
/// With a single writer a relaxed load and a relaxed store make an addition, two plain moves to the processor. A cell has
/// its cache lines to itself, so that loops do not disturb each other.
struct MetricCell: @unchecked Sendable {
    // @unchecked: the words are atomics, at an address that lives as long as the directory that made it.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    init(words count: Int) {
        self.count = count
        // One more for the address of the exemplars.
        let raw = UnsafeMutableRawPointer.allocate(byteCount: (count * 8 + 8 + 63) / 64 * 64, alignment: 64)
        words = raw.bindMemory(to: Atomic<UInt64>.self, capacity: count + 1)
        for index in 0...count { (words + index).initialize(to: Atomic(0)) }
    }

    /// Gives the memory back; nobody may hold the cell any more.
    func free() {
        exemplars?.free()
        UnsafeMutableRawPointer(words).deallocate()
    }

    // MARK: The loop

    @inline(__always) func add(_ value: UInt64, at index: Int) {
        words[index].store(words[index].load(ordering: .relaxed) &+ value, ordering: .relaxed)
    }

    /// Adds to a word that holds a `Double`.
    func add(double value: Double, at index: Int) {
        let sum = Double(bitPattern: words[index].load(ordering: .relaxed)) + value
        words[index].store(sum.bitPattern, ordering: .relaxed)
    }

    /// The last one to set it counts, whichever loop that is.
    func set(_ value: Double, at index: Int) { words[index].store(value.bitPattern, ordering: .relaxed) }

    /// Keeps a call's trace as the latest example of what was counted at a place.
    ///
    /// - Parameter places: how many places this cell has.
    func note(_ exemplar: Exemplar, at place: Int, of places: Int) {
        if let exemplars { return exemplars.write(exemplar, at: place) }
        let exemplars = Exemplars(places: places)
        exemplars.write(exemplar, at: place)
        words[count].store(exemplars.address, ordering: .releasing)
    }

    // MARK: Whoever scrapes

    func value(at index: Int) -> UInt64 { words[index].load(ordering: .relaxed) }

    func double(at index: Int) -> Double { Double(bitPattern: value(at: index)) }

    var exemplars: Exemplars? { Exemplars(address: words[count].load(ordering: .acquiring)) }
}
