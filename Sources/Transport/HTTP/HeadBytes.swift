/// The bytes that have a meaning of their own in a head.
enum HeadByte {
    static var tab: UInt8 { 0x09 }
    static var lf: UInt8 { 0x0A }
    static var cr: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var comma: UInt8 { 0x2C }
    static var slash: UInt8 { 0x2F }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }
    static var question: UInt8 { 0x3F }

    @inline(__always) static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}

/// A set of ASCII bytes as two words of bits: a look-up costs a shift, and no table is loaded.
struct HeadByteSet {
    /// Bytes 0 to 63, and 64 to 127.
    let low: UInt64
    let high: UInt64

    @inline(__always) func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (word &>> UInt64(byte & 0x3F)) & 1 != 0
    }

    // Computed, so that each use is two constants and no global is initialised.

    /// `tchar` of RFC 9110 section 5.6.2: methods and field names.
    @inline(__always) static var token: HeadByteSet {
        HeadByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// What a path may hold: visible ASCII but for ``"#<>?\`{}``. Wider than RFC 3986, since browsers send
    /// `[`, `]`, `|` and `^` as they are; a backslash is refused, since others read it as a slash.
    @inline(__always) static var path: HeadByteSet {
        HeadByteSet(low: 0x2FFF_FFF2_0000_0000, high: 0x57FF_FFFE_EFFF_FFFF)
    }

    /// What a query may hold: visible ASCII but for `"#<>`, which browsers escape.
    @inline(__always) static var query: HeadByteSet {
        HeadByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// `reg-name` of RFC 3986 without the comma, which is what two Host fields become when an intermediary
    /// joins them.
    @inline(__always) static var registeredName: HeadByteSet {
        HeadByteSet(low: 0x2BFF_6FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// Inside the brackets of an IPv6 address: hexadecimal digits, colons and full stops.
    @inline(__always) static var addressV6: HeadByteSet {
        HeadByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E)
    }

    /// What an authority may hold in all: a name or an address, brackets and colons.
    @inline(__always) static var authority: HeadByteSet {
        HeadByteSet(low: 0x2FFF_6FF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFE)
    }
}

/// The first of `from..<to` that is a control character (0x00 to 0x1F, 0x7F), or `to`: eight bytes at a time.
@inline(__always)
func skipText(_ base: UnsafePointer<UInt8>, from: Int, to: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    var at = from
    while at &+ 8 <= to {
        let word = littleEndianWord(base, at)
        let delete = word ^ (ones &* 0x7F)
        // A borrow can mark a byte above a real find, never below it: the lowest mark is right.
        let found = (((word &- ones &* 0x20) & ~word) | ((delete &- ones) & ~delete)) & high
        if found != 0 { return at &+ found.trailingZeroBitCount &>> 3 }
        at &+= 8
    }
    while at < to, base[at] >= 0x20, base[at] != 0x7F { at &+= 1 }
    return at
}

/// The first of `from..<to` that no field name holds (`tchar`), or `to`.
///
/// Names are letters and hyphens almost always: these go eight at a time, the rest one by one.
@inline(__always)
func skipName(_ base: UnsafePointer<UInt8>, from: Int, to: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    var at = from
    while at &+ 8 <= to {
        let word = littleEndianWord(base, at)
        let lower = (word | ones &* 0x20) & ~high
        // The high bit of each byte: from `a` on, but not after `z`; then: not a hyphen.
        let letter = (lower &+ ones &* 0x1F) & ~(lower &+ ones &* 0x05) & ~word
        let other = word ^ (ones &* 0x2D)
        let notHyphen = ((other & ~high) &+ ~high) | other
        let found = ~letter & notHyphen & high
        if found != 0 {
            at &+= found.trailingZeroBitCount &>> 3
            if base[at] == HeadByte.colon { return at }
            break
        }
        at &+= 8
    }
    while at < to, HeadByteSet.token.contains(base[at]) { at &+= 1 }
    return at
}

/// How many bytes from the first on a path may hold (RFC 3986 section 3.3, and what is not ASCII).
///
/// Letters, digits, `-`, `.` and `/` go eight at a time: they are all of most paths.
@inline(__always)
func skipPath(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    var at = 0
    while at &+ 8 <= bytes.count {
        let word = littleEndianWord(base, at)
        let seven = word & ~high
        let lower = (word | ones &* 0x20) & ~high
        // The high bit of each byte: from `a` on, but not after `z`; from `-` on, but not after `9`.
        let letter = (lower &+ ones &* 0x1F) & ~(lower &+ ones &* 0x05)
        let digit = (seven &+ ones &* 0x53) & ~(seven &+ ones &* 0x46)
        if ~(letter | digit) & high | word & high != 0 { break }
        at &+= 8
    }
    while at < bytes.count, base[at] >= 0x80 || HeadByteSet.path.contains(base[at]) { at &+= 1 }
    return at
}

/// Eight bytes at `at`, the first in the lowest; the caller knows that they are there.
@inline(__always)
func littleEndianWord(_ base: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
}
