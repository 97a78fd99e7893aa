package import JSON

/// The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B).
///
/// The code is canonical: of two codes the shorter one is the smaller, so the lengths say all of it. What has eight bits at
/// most, which is nearly all that fields are made of, is looked up at once.
package final class Huffman: Sendable {
    package static let shared = Huffman()

    // Written once, before anybody has them.
    /// By the next eight bits: the length of the code that they begin with and its byte; 0 where that code is longer.
    nonisolated(unsafe) private let short: UnsafePointer<UInt16>
    /// By a length: what codes of that length, with zeros behind up to 32 bits, are less than.
    nonisolated(unsafe) private let bounds: UnsafePointer<UInt64>
    /// By a length: what to add to such a code for the place of its symbol among all, from the shortest on.
    nonisolated(unsafe) private let places: UnsafePointer<Int>
    nonisolated(unsafe) private let symbols: UnsafePointer<UInt16>

    private static let shortest = 5
    private static let longest = 30
    /// The end of a string, which none may say (section 5.2).
    private static let end: UInt16 = 256

    private init() {
        let order = Self.lengths.indices.sorted { (Self.lengths[$0], $0) < (Self.lengths[$1], $1) }
        let symbols = UnsafeMutablePointer<UInt16>.allocate(capacity: order.count)
        let short = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
        let bounds = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.longest + 1)
        let places = UnsafeMutablePointer<Int>.allocate(capacity: Self.longest + 1)
        short.initialize(repeating: 0, count: 256)
        bounds.initialize(repeating: 0, count: Self.longest + 1)
        places.initialize(repeating: 0, count: Self.longest + 1)
        var code = 0
        var length = 0
        for (place, symbol) in order.enumerated() {
            let next = Int(Self.lengths[symbol])
            code <<= next - length
            if next != length { places[next] = place - code }
            length = next
            symbols[place] = UInt16(symbol)
            bounds[length] = UInt64(code + 1) << UInt64(32 - length)
            if length <= 8 {
                let entry = UInt16(length) << 8 | UInt16(symbol)
                for rest in 0..<(1 << (8 - length)) { short[code << (8 - length) | rest] = entry }
            }
            code += 1
        }
        self.short = UnsafePointer(short)
        self.bounds = UnsafePointer(bounds)
        self.places = UnsafePointer(places)
        self.symbols = UnsafePointer(symbols)
    }

    deinit {
        short.deallocate()
        bounds.deallocate()
        places.deallocate()
        symbols.deallocate()
    }

    /// Appends what `bytes` stand for; false if they are no valid string.
    package func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) -> Bool {
        var isValid = false
        out.append(atMost: bytes.count &* 8 / Self.shortest) { target in
            var written = 0
            isValid = decode(bytes, target, &written)
            return written
        }
        return isValid
    }

    private func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ written: inout Int
    ) -> Bool {
        /// Bits that are not used yet, the next one the highest; zeros behind them.
        var window: UInt64 = 0
        var left = 0
        var at = 0
        while true {
            while left <= 56, at < bytes.count {
                window |= UInt64(bytes[at]) << UInt64(56 &- left)
                left &+= 8
                at &+= 1
            }
            var entry = short[Int(window >> 56)]
            while entry != 0, Int(entry >> 8) <= left {
                target[written] = UInt8(truncatingIfNeeded: entry)
                written &+= 1
                window <<= UInt64(entry >> 8)
                left &-= Int(entry >> 8)
                entry = short[Int(window >> 56)]
            }
            // A longer code must be there as a whole.
            if left < Self.longest, at < bytes.count { continue }
            guard entry == 0, let (symbol, length) = longer(window), length <= left else {
                // The padding: ones, and less than a byte of them (section 5.2).
                return left < 8 && (left == 0 || ~window >> UInt64(64 &- left) == 0)
            }
            if symbol == Self.end { return false }
            target[written] = UInt8(truncatingIfNeeded: symbol)
            written &+= 1
            window <<= UInt64(length)
            left &-= length
        }
    }

    /// The symbol whose code begins here, and the code's length, which is more than eight.
    @inline(never) private func longer(_ window: UInt64) -> (UInt16, Int)? {
        let next = window >> 32
        for length in 9...Self.longest where next < bounds[length] {
            return (symbols[places[length] &+ Int(next >> UInt64(32 &- length))], length)
        }
        return nil
    }

    /// Bits of the code of each byte, and of EOS (appendix B).
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]
}
