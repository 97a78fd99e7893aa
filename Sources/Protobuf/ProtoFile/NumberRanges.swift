/// Ranges of numbers, to be asked which of them holds a number without looking at all.
struct NumberRanges {
    private let sorted: [(range: NumberRange, index: Int)]
    /// Of those up to each place, the one that reaches furthest.
    private let furthest: [Int]

    init(_ ranges: [NumberRange]) {
        sorted = ranges.enumerated().map { ($0.element, $0.offset) }.sorted { a, b in
            (a.range.start, a.index) < (b.range.start, b.index)
        }
        var best = 0
        var furthest: [Int] = []
        for place in sorted.indices {
            if sorted[place].range.end > sorted[best].range.end { best = place }
            furthest.append(best)
        }
        self.furthest = furthest
    }

    /// The index of a range that holds the number.
    func holding(_ number: Int32) -> Int? {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].range.start <= number { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let best = sorted[furthest[low - 1]]
        return best.range.contains(number) ? best.index : nil
    }

    /// Pairs that overlap: the later one as written, and one that it meets.
    var overlaps: [(later: Int, earlier: Int)] {
        var pairs: [(later: Int, earlier: Int)] = []
        for place in sorted.indices.dropFirst() {
            let (range, index) = sorted[place]
            let other = sorted[furthest[place - 1]]
            if other.range.end > Int64(range.start) { pairs.append((max(index, other.index), min(index, other.index))) }
        }
        return pairs
    }
}
