/// What is kept of a limiter's key: 128 bits of SipHash-2-4 (Aumasson and Bernstein, 2012) under a seed of the process.
/// Nobody outside can choose keys that meet, and nobody who reads the memory finds a key in it.
package struct KeyHash: Equatable, Sendable {
    package let low: UInt64
    package let high: UInt64

    /// No key has it, but by a chance of one in 2^128.
    static let none = KeyHash(low: 0, high: 0)

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    private static let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.init(bytes, seed: Self.seed) }

    package init(_ bytes: UnsafeBufferPointer<UInt8>, seed: (UInt64, UInt64)) {
        var state = State(seed)
        var at = 0
        while bytes.count &- at >= 8, let base = UnsafeRawPointer(bytes.baseAddress) {
            state.take(UInt64(littleEndian: (base + at).loadUnaligned(as: UInt64.self)))
            at &+= 8
        }
        // What is left, with the length of all in the last byte.
        state.take(Self.rest(bytes, at) | UInt64(truncatingIfNeeded: bytes.count) << 56)
        (low, high) = state.finished()
    }

    /// Fewer than eight bytes, the first the lowest.
    @inline(__always) private static func rest(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64 {
        let count = bytes.count &- start
        guard count > 0, let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        if bytes.count >= 8 {
            // The last eight bytes, without those that were taken already.
            let last = UInt64(littleEndian: (base + (bytes.count &- 8)).loadUnaligned(as: UInt64.self))
            return last >> UInt64(truncatingIfNeeded: (8 &- count) &* 8)
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[start &+ index]) << UInt64(truncatingIfNeeded: index &* 8) }
        return word
    }

    private struct State {
        private var v0: UInt64
        private var v1: UInt64
        private var v2: UInt64
        private var v3: UInt64

        init(_ seed: (UInt64, UInt64)) {
            v0 = seed.0 ^ 0x736f_6d65_7073_6575
            v1 = seed.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
            v2 = seed.0 ^ 0x6c79_6765_6e65_7261
            v3 = seed.1 ^ 0x7465_6462_7974_6573
        }

        @inline(__always) mutating func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finished() -> (UInt64, UInt64) {
            v2 ^= 0xee
            for _ in 0..<4 { round() }
            let low = v0 ^ v1 ^ v2 ^ v3
            v1 ^= 0xdd
            for _ in 0..<4 { round() }
            return (low, v0 ^ v1 ^ v2 ^ v3)
        }

        @inline(__always) private mutating func round() {
            v0 &+= v1
            v1 = Self.rotated(v1, 13) ^ v0
            v0 = Self.rotated(v0, 32)
            v2 &+= v3
            v3 = Self.rotated(v3, 16) ^ v2
            v0 &+= v3
            v3 = Self.rotated(v3, 21) ^ v0
            v2 &+= v1
            v1 = Self.rotated(v1, 17) ^ v2
            v2 = Self.rotated(v2, 32)
        }

        @inline(__always) private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word << count | word >> (64 &- count)
        }
    }
}
