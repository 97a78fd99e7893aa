package import JSON

/// Where a call stands in a distributed trace (W3C Trace Context, level 2).
@usableFromInline package struct TraceContext: Sendable, Equatable {
    /// The trace's identifier; both halves zero where there is none.
    @usableFromInline package var high: UInt64 = 0
    @usableFromInline package var low: UInt64 = 0
    /// This call's own span.
    @usableFromInline package var span: UInt64 = 0
    /// The caller's span, 0 if this call is the first of its trace.
    @usableFromInline package var parent: UInt64 = 0
    @usableFromInline package var flags: UInt8 = 0

    @inlinable package static var sampled: UInt8 { 1 }
    /// The identifier's last seven bytes are random (level 2, section 3.2.3.2).
    @inlinable package static var random: UInt8 { 2 }

    @inlinable package init() {}

    @inlinable @inline(__always) package var isThere: Bool { high | low != 0 }
    @inlinable @inline(__always) package var isSampled: Bool { flags & Self.sampled != 0 }

    /// Begins a trace, from two random words.
    @inlinable @inline(__always) package mutating func begin(_ high: UInt64, _ low: UInt64) {
        self.high = high
        // Zero is no identifier.
        self.low = low | 1
        flags = Self.random
    }

    /// A `traceparent` (section 3.2): version, trace id, parent id and flags in lower-case hexadecimal. Nil if it is not
    /// one in every detail; a higher version may have more behind it.
    @inlinable package init?(traceparent text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 55, text[2] == Self.dash, text[35] == Self.dash, text[52] == Self.dash,
            let version = Self.hex2(text, 0), version != 0xFF,
            version == 0 ? text.count == 55 : text.count == 55 || text[55] == Self.dash,
            let high = Self.hex16(text, 3), let low = Self.hex16(text, 19), high | low != 0,
            let parent = Self.hex16(text, 36), parent != 0, let flags = Self.hex2(text, 53)
        else { return nil }
        self.high = high
        self.low = low
        self.parent = parent
        // What this version does not know must not be handed on (section 3.2.2.5).
        self.flags = flags & (Self.sampled | Self.random)
    }

    @inlinable static var dash: UInt8 { UInt8(ascii: "-") }

    @inlinable @inline(__always) static func hex2(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt8? {
        guard let high = digit(text[start]), let low = digit(text[start &+ 1]) else { return nil }
        return high << 4 | low
    }

    @inlinable @inline(__always) static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    /// Sixteen lower-case digits, which must be there.
    @inlinable @inline(__always) static func hex16(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64? {
        guard let high = hex8(text, start), let low = hex8(text, start &+ 8) else { return nil }
        return high << 32 | low
    }

    /// Eight lower-case digits at a time: a digit at a time was the largest part of the whole middleware.
    @inlinable @inline(__always) static func hex8(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64? {
        guard let base = UnsafeRawBufferPointer(text).baseAddress else { return nil }
        let word = UInt64(bigEndian: (base + start).loadUnaligned(as: UInt64.self))
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Letters have this bit, and are nine more than their low half.
        var x = (word & (ones &* 0x0F)) &+ ((word >> 6) & ones) &* 9
        // Written again, they must be what was read: that leaves out all that is no such digit.
        let letters = ((x &+ (ones &* 6)) >> 4) & ones
        guard x & (ones &* 0xF0) == 0, x &+ (ones &* 0x30) &+ (letters &* 0x27) == word else { return nil }
        x = (x | x >> 4) & 0x00FF_00FF_00FF_00FF
        x = (x | x >> 8) & 0x0000_FFFF_0000_FFFF
        return (x | x >> 16) & 0xFFFF_FFFF
    }

    package func write(traceID out: inout ByteWriter) {
        out.append(hex: high)
        out.append(hex: low)
    }

    package func write(spanID out: inout ByteWriter) { out.append(hex: span) }

    /// Two hexadecimal digits.
    package func write(flags out: inout ByteWriter) {
        out.append("0")
        out.append(UInt8(ascii: "0") &+ flags & 3)
    }

    /// A `traceparent` for whoever is called from here.
    package func write(traceparent out: inout ByteWriter) {
        out.append("00-")
        write(traceID: &out)
        out.append("-")
        out.append(hex: caller)
        out.append("-")
        write(flags: &out)
    }

    /// The span that what is begun here is in: the own one, or that of whoever called.
    package var caller: UInt64 { span != 0 ? span : parent }
}
