/// Eight bytes at a time, little-endian, never past the end of what is given.
enum Words {
    @inline(__always) static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    /// At most eight bytes, padded with zeros.
    @inline(__always) static func load(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(bytes)
        if count >= 8 { return load(bytes) }
        // Two loads that overlap: both give the shared bytes the same value.
        if count >= 4 {
            let low = UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
            let high = UInt64(UInt32(littleEndian: (raw + (count &- 4)).loadUnaligned(as: UInt32.self)))
            return low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
        }
        if count >= 2 {
            let low = UInt64(UInt16(littleEndian: raw.loadUnaligned(as: UInt16.self)))
            let high = UInt64(UInt16(littleEndian: (raw + (count &- 2)).loadUnaligned(as: UInt16.self)))
            return low | high &<< UInt64(truncatingIfNeeded: (count &- 2) &* 8)
        }
        return count == 1 ? UInt64(bytes.pointee) : 0
    }

    /// Whether two runs of at least eight bytes are the same.
    @inline(__always)
    static func areEqual(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var at = 0
        while at &+ 8 < count {
            if load(a + at) != load(b + at) { return false }
            at &+= 8
        }
        return load(a + (count &- 8)) == load(b + (count &- 8))
    }

    /// The highest bit of each byte that is zero, and no other bit.
    @inline(__always) static func zeros(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~(((word & low) &+ low) | word | low)
    }

    @inline(__always) static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }
}
