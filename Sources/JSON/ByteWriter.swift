/// A growing run of bytes at one address: heads, bodies and log lines are written into it, then copied out once.
///
/// Not an `Array`: appending to one costs a uniqueness check each time, and its growth is not ours to steer.
/// `@inlinable` because the hot path crosses modules here (docs/decisions/0003).
@usableFromInline package struct ByteWriter: ~Copyable {
    @usableFromInline package private(set) var base: UnsafeMutablePointer<UInt8>
    @usableFromInline package private(set) var capacity: Int
    /// How many bytes have been written since the last `clear`.
    @inlinable package var count: Int { written }
    @usableFromInline package var written: Int

    package init(capacity: Int = 1024) {
        self.capacity = max(capacity, 64)
        self.base = .allocate(capacity: self.capacity)
        self.written = 0
    }

    deinit { base.deallocate() }

    /// What has been written. Valid until the next append.
    @inlinable package var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafePointer(base), count: written)
    }

    /// Forgets what was written and keeps the room.
    @inlinable @inline(__always) package mutating func clear() { written = 0 }

    /// Drops what was written after `count`; a larger `count` changes nothing.
    @inlinable package mutating func truncate(to count: Int) {
        if count >= 0 && count < written { written = count }
    }

    /// Gives back memory beyond `keep` bytes, so that one large answer does not stay resident.
    @inlinable @inline(__always) package mutating func shrink(to keep: Int) {
        if capacity > keep, written <= keep { give(back: keep) }
    }

    @usableFromInline @inline(never) mutating func give(back keep: Int) { reallocate(keep) }

    @inlinable @inline(__always) package mutating func reserve(_ more: Int) {
        if capacity &- written < more { grow(more) }
    }

    @usableFromInline @inline(never) mutating func grow(_ more: Int) {
        reallocate(max(capacity * 2, written + more))
    }

    private mutating func reallocate(_ size: Int) {
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        fresh.update(from: base, count: written)
        base.deallocate()
        base = fresh
        capacity = size
    }

    // MARK: Appending

    @inlinable @inline(__always) package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[written] = byte
        written &+= 1
    }

    @inlinable @inline(__always) package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + written).update(from: start, count: bytes.count)
        written &+= bytes.count
    }

    @inlinable @inline(__always) package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(bytes.assumingMemoryBound(to: UInt8.self))
    }

    @inlinable @inline(__always) package mutating func append(_ literal: StaticString) {
        let count = literal.utf8CodeUnitCount
        reserve(count)
        (base + written).update(from: literal.utf8Start, count: count)
        written &+= count
    }

    @inlinable @inline(__always) package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    /// Disfavored: a literal is a `StaticString`, which costs one copy and no look at its form.
    @_disfavoredOverload package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// Appends `count` bytes that `fill` writes itself.
    @inlinable package mutating func append(uninitialized count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        reserve(count)
        fill(base + written)
        written &+= count
    }

    /// Appends what `fill` writes itself, `most` bytes at most; it says how many.
    @inlinable package mutating func append(atMost most: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(most)
        written &+= min(most, max(0, fill(base + written)))
    }

    /// Makes room for `count` bytes at `index`, which the caller overwrites; what stands behind it moves up. An index past
    /// the end changes nothing.
    package mutating func insert(_ count: Int, at index: Int) {
        guard count > 0, index >= 0, index <= written else { return }
        reserve(count)
        (base + index + count).update(from: base + index, count: written - index)
        written &+= count
    }

    /// Takes out one byte; what stands behind it moves down. An index past the end changes nothing.
    package mutating func remove(at index: Int) {
        guard index >= 0, index < written else { return }
        (base + index).update(from: base + index + 1, count: written - index - 1)
        written &-= 1
    }

    /// Overwrites four bytes already written; an index past the end changes nothing.
    @inlinable package mutating func replace(bigEndian value: UInt32, at index: Int) {
        guard index >= 0, index &+ 4 <= written else { return }
        UnsafeMutableRawPointer(base + index).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    /// Overwrites one byte already written; an index past the end changes nothing.
    @inlinable package mutating func replace(at index: Int, with byte: UInt8) {
        if index >= 0 && index < written { base[index] = byte }
    }
}

extension ByteWriter {
    /// Decimal digits.
    @inlinable package mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    @inlinable package mutating func append(decimal value: UInt) {
        if value < 10 {
            append(UInt8(truncatingIfNeeded: 48 &+ value))
            return
        }
        reserve(20)
        if value < 100 {
            Self.write(value, base + written, width: 2)
            written &+= 2
            return
        }
        var digits = 2
        var bound: UInt = 100
        // No UInt has more than 20 digits.
        while digits < 20, value >= bound {
            digits &+= 1
            bound &*= 10
        }
        Self.write(value, base + written, width: digits)
        written &+= digits
    }

    /// Decimal digits, zero-padded to `width` and cut to it from the left: 7 with width 3 is `007`.
    @inlinable package mutating func append(decimal value: Int, width: Int) {
        reserve(width)
        Self.write(value.magnitude, base + written, width: width)
        written &+= width
    }

    /// The last `width` digits.
    @inlinable @inline(__always) static func write(_ value: UInt, _ target: UnsafeMutablePointer<UInt8>, width: Int) {
        var rest = value
        var at = width
        // Two at a time: a division is the most of it.
        while at > 1 {
            at &-= 2
            let quotient = rest / 100
            let pair = rest &- quotient &* 100
            // A tenth of what is under 100, without dividing again.
            let ten = (pair &* 103) &>> 10
            target[at] = UInt8(truncatingIfNeeded: 48 &+ ten)
            target[at &+ 1] = UInt8(truncatingIfNeeded: 48 &+ pair &- ten &* 10)
            rest = quotient
        }
        if at > 0 { target[0] = UInt8(truncatingIfNeeded: 48 &+ rest % 10) }
    }

    /// A varint of protobuf (encoding guide, "Base 128 Varints").
    @inlinable @inline(__always) package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Begins what stands behind its length as a varint (encoding guide, "Length-Delimited Records"). Most of it is short, so that one byte is kept for the length.
    @inline(__always) package mutating func beginLength() -> Int {
        append(UInt8(0))
        return count
    }

    /// Ends what began at `start`, and puts its length in front.
    @inline(__always) package mutating func endLength(_ start: Int) {
        let length = count - start
        if length < 0x80 {
            replace(at: start - 1, with: UInt8(truncatingIfNeeded: length))
        } else {
            widen(start, length)
        }
    }

    private mutating func widen(_ start: Int, _ length: Int) {
        var bytes = 1
        while bytes < 10, length >> (7 * bytes) > 0 { bytes += 1 }
        insert(bytes - 1, at: start)
        for at in 0..<bytes {
            let more: UInt8 = at < bytes - 1 ? 0x80 : 0
            replace(at: start - 1 + at, with: UInt8(truncatingIfNeeded: length >> (7 * at)) & 0x7F | more)
        }
    }

    /// A percent escape (RFC 3986 section 2.1): `%2F`.
    package mutating func append(percentEscape byte: UInt8) {
        let digits: StaticString = "0123456789ABCDEF"
        append(UInt8(ascii: "%"))
        append(digits.utf8Start[Int(byte >> 4)])
        append(digits.utf8Start[Int(byte & 15)])
    }

    /// Sixteen lower-case hexadecimal digits, eight at a time.
    @inlinable package mutating func append(hex value: UInt64) {
        reserve(16)
        let target = UnsafeMutableRawPointer(base + written)
        target.storeBytes(of: Self.digits(UInt32(truncatingIfNeeded: value >> 32)), as: UInt64.self)
        target.storeBytes(of: Self.digits(UInt32(truncatingIfNeeded: value)), toByteOffset: 8, as: UInt64.self)
        written &+= 16
    }

    /// Eight lower-case hexadecimal digits, as they lie in memory.
    @inlinable @inline(__always) package static func digits(_ value: UInt32) -> UInt64 {
        // Spread the eight nibbles over eight bytes, highest first, then turn each into its digit without a branch.
        var x = UInt64(value)
        x = ((x & 0xFFFF_0000) << 16) | (x & 0xFFFF)
        x = ((x & 0x0000_FF00_0000_FF00) << 8) | (x & 0x0000_00FF_0000_00FF)
        x = ((x & 0x00F0_00F0_00F0_00F0) << 4) | (x & 0x000F_000F_000F_000F)
        let above9 = ((x &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return (x &+ 0x3030_3030_3030_3030 &+ above9 &* 0x27).bigEndian
    }

    /// Eight lower-case hexadecimal digits.
    @inlinable package mutating func append(hex value: UInt32) {
        reserve(8)
        UnsafeMutableRawPointer(base + written).storeBytes(of: Self.digits(value), as: UInt64.self)
        written &+= 8
    }
}
