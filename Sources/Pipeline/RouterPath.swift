/// A request's path while routes are sought: where its slashes are, and whether it is as plain as most are.
struct RouterPath {
    let bytes: UnsafePointer<UInt8>
    let count: Int
    /// The slashes among the first 64 bytes.
    private let slashes: UInt64
    /// There is no `%`, no `//` and no `/.`: the path is clean, and its segments are their own decoded text.
    let isPlain: Bool

    @inline(__always) init(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        var scan = Scan()
        var at = 0
        while count &- at >= 8 {
            scan.read(Words.load(bytes + at), at: at)
            at &+= 8
        }
        if at < count {
            if count >= 8 {
                // The last eight bytes: some are read twice, which changes nothing.
                at = count &- 8
                scan.slashBefore = 0
                scan.read(Words.load(bytes + at), at: at)
            } else {
                scan.read(Words.load(bytes, count), at: 0)
            }
        }
        self.bytes = bytes
        self.count = count
        self.slashes = scan.slashes
        self.isPlain = scan.odd & Words.all(0x80) == 0
    }

    private struct Scan {
        var slashes: UInt64 = 0
        /// Only the highest bit of each byte means something.
        var odd: UInt64 = 0
        /// The highest bit of the first byte, if the byte before this word is a slash.
        var slashBefore: UInt64 = 0

        @inline(__always) mutating func read(_ word: UInt64, at place: Int) {
            let slash = Words.zeros(word ^ Words.all(UInt8(ascii: "/")))
            // '.' and '/' differ in the lowest bit only. The short form of a search for zero bytes marks a wrong byte
            // only if that is 1 and behind a right one, and here all are even.
            let slashOrDot = (word | Words.all(1)) ^ Words.all(UInt8(ascii: "/"))
            odd |= (slash &<< 8 | slashBefore) & (slashOrDot &- Words.all(1)) & ~slashOrDot
            // A wrong mark here comes only with a right one.
            let percent = word ^ Words.all(UInt8(ascii: "%"))
            odd |= (percent &- Words.all(1)) & ~percent
            slashBefore = slash &>> 56
            // Gathers the eight marks in one byte.
            if place < 64 { slashes |= ((slash &* 0x0002_0408_1020_4081) &>> 56) &<< UInt64(truncatingIfNeeded: place) }
        }
    }

    /// Where the segment that starts at `start` ends.
    @inline(__always) func segmentEnd(_ start: Int) -> Int {
        if start < 64 {
            let rest = slashes &>> UInt64(truncatingIfNeeded: start)
            if rest != 0 { return start &+ rest.trailingZeroBitCount }
            if count <= 64 { return count }
        }
        return farEnd(max(start, 64))
    }

    @inline(never) private func farEnd(_ start: Int) -> Int {
        var end = start
        while end < count, bytes[end] != UInt8(ascii: "/") { end &+= 1 }
        return end
    }
}
