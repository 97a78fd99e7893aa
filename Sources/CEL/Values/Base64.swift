/// Base64 with padding, RFC 4648 section 4.
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var at = 0
        while at < bytes.count {
            let count = min(3, bytes.count - at)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[at + offset]) : 0) }
            for place in 0..<4 {
                let index = Int(group >> (18 - 6 * UInt32(place)) & 63)
                out.append(place <= count ? alphabet.utf8Start[index] : UInt8(ascii: "="))
            }
            at += 3
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Padding may be left out; nil for what is not base64.
    static func decode(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        var padding = 0
        while padding < 2, digits.last == UInt8(ascii: "=") {
            digits.removeLast()
            padding += 1
        }
        guard digits.count % 4 != 1, padding == 0 || (digits.count + padding) % 4 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var held = 0
        for digit in digits {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        // The bits left over must be zero, or two texts would stand for the same bytes.
        return bits & (1 << UInt32(held) - 1) == 0 ? out : nil
    }

    /// Without padding, `-` and `_` for `+` and `/`: RFC 4648 section 5, as JSON Web Signature has it.
    static func encodeURL(_ bytes: [UInt8]) -> String {
        var digits = Array(encode(bytes).utf8)
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        for at in digits.indices {
            if digits[at] == UInt8(ascii: "+") { digits[at] = UInt8(ascii: "-") }
            if digits[at] == UInt8(ascii: "/") { digits[at] = UInt8(ascii: "_") }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    static func decodeURL(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        for at in digits.indices {
            switch digits[at] {
            case UInt8(ascii: "-"): digits[at] = UInt8(ascii: "+")
            case UInt8(ascii: "_"): digits[at] = UInt8(ascii: "/")
            case UInt8(ascii: "+"), UInt8(ascii: "/"): return nil
            default: break
            }
        }
        return decode(String(decoding: digits, as: UTF8.self))
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
