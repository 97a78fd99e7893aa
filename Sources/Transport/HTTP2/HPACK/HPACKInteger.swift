package import JSON

/// The integers of HPACK (RFC 7541 section 5.1): some bits of a byte, and what is over in sevens behind it.
package enum HPACKInteger {
    /// More than anything that can be meant: a length, an index or a table's size.
    private static let most = 1 << 28

    /// Reads one at `at` and leaves that behind it; nil if it is broken off, or larger than anything can be.
    @inline(__always)
    package static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, bits: Int) -> Int? {
        guard at >= 0, at < bytes.count else { return nil }
        let mask = (1 << bits) &- 1
        var value = Int(bytes[at]) & mask
        at &+= 1
        if value < mask { return value }
        var shift = 0
        // Four bytes are enough for `most`; zeros without end would say nothing.
        while shift <= 28 {
            guard at < bytes.count else { return nil }
            let byte = Int(bytes[at])
            at &+= 1
            value &+= (byte & 0x7F) << shift
            if value > most { return nil }
            if byte < 0x80 { return value }
            shift &+= 7
        }
        return nil
    }

    /// - Parameter pattern: the bits of the first byte above the integer's.
    @inline(__always)
    package static func write(_ value: Int, bits: Int, pattern: UInt8, into out: inout ByteWriter) {
        let mask = (1 << bits) &- 1
        if value < mask {
            out.append(pattern | UInt8(truncatingIfNeeded: value))
            return
        }
        out.append(pattern | UInt8(truncatingIfNeeded: mask))
        var rest = value &- mask
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest & 0x7F | 0x80))
            rest >>= 7
        }
        out.append(UInt8(truncatingIfNeeded: rest))
    }
}
