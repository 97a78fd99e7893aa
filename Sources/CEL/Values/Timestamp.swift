/// A point in time, from year 1 to year 9999 (the range of RFC 3339).
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    package let seconds: Int64
    /// 0 to 999,999,999, counted forward also before 1970.
    package let nanoseconds: Int32

    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    package static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    package init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard Self.range.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// What a clock of nanoseconds since 1970 shows; an Int64 of them is always in the range.
    package init(nanosecondsSinceEpoch: Int64) {
        let (seconds, rest) = floorDivide(nanosecondsSinceEpoch, 1_000_000_000)
        self.seconds = seconds
        self.nanoseconds = Int32(truncatingIfNeeded: rest)
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.seconds == b.seconds ? a.nanoseconds < b.nanoseconds : a.seconds < b.seconds
    }
}

/// A length of time, negative or positive, about 292 years at most.
package struct TimeSpan: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// The quotient rounded down, and what is left, never negative. The divisor must be positive.
func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
}
