/// Unicode scalars from one to another, both included.
struct ScalarRange: Hashable, Sendable {
    let first: UInt32
    let last: UInt32

    init(_ first: UInt32, _ last: UInt32) {
        self.first = first
        self.last = last
    }
}

/// A set of Unicode scalars: what one character of a pattern may be.
struct ScalarSet: Hashable, Sendable {
    static let last: UInt32 = 0x10FFFF

    /// In order, with gaps between them.
    let ranges: [ScalarRange]

    /// - Parameter unordered: in any order, overlapping or not.
    init(_ unordered: [ScalarRange]) {
        var merged: [ScalarRange] = []
        for range in unordered.sorted(by: { $0.first < $1.first }) {
            if let before = merged.last, range.first <= before.last + 1 {
                merged[merged.count - 1] = ScalarRange(before.first, max(before.last, range.last))
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }

    var inverted: ScalarSet {
        var gaps: [ScalarRange] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.first > next { gaps.append(ScalarRange(next, range.first - 1)) }
            next = range.last + 1
        }
        if next <= Self.last { gaps.append(ScalarRange(next, Self.last)) }
        return ScalarSet(gaps)
    }

    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].first <= scalar
    }
}

// The sets with names of their own. As in RE2 they are ASCII, whatever the text is.
extension ScalarSet {
    static let digit = ScalarSet([ScalarRange(0x30, 0x39)])
    static let space = ScalarSet([ScalarRange(0x09, 0x0A), ScalarRange(0x0C, 0x0D), ScalarRange(0x20, 0x20)])
    static let word = ScalarSet([
        ScalarRange(0x30, 0x39), ScalarRange(0x41, 0x5A), ScalarRange(0x5F, 0x5F), ScalarRange(0x61, 0x7A),
    ])

    /// Of `\d`, `\w` and `\s`; a capital letter names what is not in the set.
    static func perl(_ letter: UInt32) -> ScalarSet? {
        switch UnicodeScalar(letter) {
        case "d", "D": digit
        case "s", "S": space
        case "w", "W": word
        default: nil
        }
    }

    /// `alpha` in `[[:alpha:]]`.
    static func posix(_ name: String) -> ScalarSet? { posixSets[name] }

    static var posixNames: [String] { posixSets.keys.sorted() }

    private static let posixSets: [String: ScalarSet] = {
        let upper = ScalarRange(0x41, 0x5A)
        let lower = ScalarRange(0x61, 0x7A)
        let digits = ScalarRange(0x30, 0x39)
        return [
            "alnum": ScalarSet([digits, upper, lower]),
            "alpha": ScalarSet([upper, lower]),
            "ascii": ScalarSet([ScalarRange(0, 0x7F)]),
            "blank": ScalarSet([ScalarRange(0x09, 0x09), ScalarRange(0x20, 0x20)]),
            "cntrl": ScalarSet([ScalarRange(0, 0x1F), ScalarRange(0x7F, 0x7F)]),
            "digit": digit,
            "graph": ScalarSet([ScalarRange(0x21, 0x7E)]),
            "lower": ScalarSet([lower]),
            "print": ScalarSet([ScalarRange(0x20, 0x7E)]),
            "punct": ScalarSet([
                ScalarRange(0x21, 0x2F), ScalarRange(0x3A, 0x40), ScalarRange(0x5B, 0x60), ScalarRange(0x7B, 0x7E),
            ]),
            "space": ScalarSet([ScalarRange(0x09, 0x0D), ScalarRange(0x20, 0x20)]),
            "upper": ScalarSet([upper]),
            "word": word,
            "xdigit": ScalarSet([digits, ScalarRange(0x41, 0x46), ScalarRange(0x61, 0x66)]),
        ]
    }()
}
