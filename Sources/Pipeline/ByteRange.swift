/// A run of bytes inside a buffer that the holder knows: half the size of `Range<Int>`, and it has a "none".
@usableFromInline package struct ByteRange: Sendable, Equatable {
    /// Offset of the first byte.
    @usableFromInline package var start: UInt32
    @usableFromInline package var count: UInt32

    @inlinable @inline(__always) package init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// What lies beyond 4 GiB is cut: no buffer of ours comes near it, and a trap would kill the server.
    @inlinable @inline(__always) package init(start: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.count = UInt32(truncatingIfNeeded: end &- start)
    }

    /// The range as the standard library writes it; none is empty.
    @inlinable package var range: Range<Int> {
        isNone ? 0..<0 : Int(start)..<(Int(start) &+ Int(count))
    }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// Whether there is no such run at all; an empty run is not none.
    @inlinable package var isNone: Bool { start == .max }

    @inlinable package static var none: ByteRange { ByteRange(start: .max, count: 0) }
}
