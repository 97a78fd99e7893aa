/// What the tokens of literals mean. The lexer has told what is wrong in them; here a wrong one has some value.
enum Literals {
    /// Nil if it is larger than 64 bits hold.
    static func integer(_ text: ArraySlice<UInt8>) -> UInt64? {
        var digits = text
        var radix: UInt64 = 10
        if digits.first == UInt8(ascii: "0"), digits.count > 1 {
            digits = digits.dropFirst()
            radix = 8
            if let next = digits.first, next | 0x20 == UInt8(ascii: "x") {
                digits = digits.dropFirst()
                radix = 16
            }
        }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = byte.hexDigit, digit < radix else { continue }
            let (product, overflows) = value.multipliedReportingOverflow(by: radix)
            let (sum, carries) = product.addingReportingOverflow(UInt64(digit))
            if overflows || carries { return nil }
            value = sum
        }
        return value
    }

    /// A float, or an integer that is meant as one.
    static func double(_ text: ArraySlice<UInt8>) -> Double {
        if let value = integer(text), text.allSatisfy(\.continuesIdentifier), isWhole(text) { return Double(value) }
        var spelt = String(decoding: text, as: UTF8.self)
        if spelt.utf8.first == UInt8(ascii: ".") { spelt = "0" + spelt }
        // Swift's reading wants a digit on both sides of the point.
        if let point = spelt.utf8.firstIndex(of: UInt8(ascii: ".")) {
            let behind = spelt.utf8.index(after: point)
            if behind == spelt.utf8.endIndex || !spelt.utf8[behind].isDigit { spelt.insert("0", at: behind) }
        }
        return Double(spelt) ?? 0
    }

    private static func isWhole(_ text: ArraySlice<UInt8>) -> Bool {
        text.starts(with: [0x30, 0x78]) || text.starts(with: [0x30, 0x58]) || text.allSatisfy(\.isDigit)
    }

    /// The bytes of one string token, quotes off and escapes resolved.
    static func string(_ token: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(token)
        guard let quote = text.first else { return [] }
        let end = text.count > 1 && text.last == quote ? text.count - 1 : text.count
        var out: [UInt8] = []
        out.reserveCapacity(end)
        var at = 1
        while at < end {
            if text[at] == UInt8(ascii: "\\"), at + 1 < end {
                at += 1
                escape(text, &at, end, &out)
            } else {
                out.append(text[at])
                at += 1
            }
        }
        return out
    }

    /// `at` stands behind the backslash, and afterwards behind the escape.
    private static func escape(_ text: [UInt8], _ at: inout Int, _ end: Int, _ out: inout [UInt8]) {
        let letter = text[at]
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            // One to three digits; protoc lets them run over a byte and keeps its low eight bits.
            var value: UInt32 = 0
            var count = 0
            while count < 3, at < end, text[at] >= 0x30, text[at] <= 0x37 {
                value = value << 3 | UInt32(text[at] - 0x30)
                at += 1
                count += 1
            }
            out.append(UInt8(truncatingIfNeeded: value))
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            at += 1
            out.append(UInt8(truncatingIfNeeded: hexadecimal(text, &at, end, atMost: 2)))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            at += 1
            appendScalar(text, &at, end, letter == UInt8(ascii: "u") ? 4 : 8, &out)
        default:
            at += 1
            out.append(plain[letter] ?? letter)
        }
    }

    private static let plain: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]

    private static func hexadecimal(_ text: [UInt8], _ at: inout Int, _ end: Int, atMost count: Int) -> UInt32 {
        var value: UInt32 = 0
        var left = count
        while left > 0, at < end, let digit = text[at].hexDigit {
            value = value << 4 | UInt32(digit)
            at += 1
            left -= 1
        }
        return value
    }

    private static func appendScalar(
        _ text: [UInt8], _ at: inout Int, _ end: Int, _ count: Int, _ out: inout [UInt8]
    ) {
        var value = hexadecimal(text, &at, end, atMost: count)
        // Two escapes that are a surrogate pair are one sign, as in JSON.
        if 0xD800..<0xDC00 ~= value, at + 1 < end, text[at] == UInt8(ascii: "\\"), text[at + 1] == UInt8(ascii: "u") {
            var next = at + 2
            let low = hexadecimal(text, &next, end, atMost: 4)
            if 0xDC00..<0xE000 ~= low {
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                at = next
            }
        }
        appendUTF8(value, &out)
    }

    /// Half a surrogate pair too, as protoc does; who needs UTF-8 checks it.
    private static func appendUTF8(_ value: UInt32, _ out: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | value >> shift & 0x3F) }
        switch value {
        case ..<0x80: out.append(UInt8(truncatingIfNeeded: value))
        case ..<0x800: out += [UInt8(truncatingIfNeeded: 0xC0 | value >> 6), tail(0)]
        case ..<0x10000: out += [UInt8(truncatingIfNeeded: 0xE0 | value >> 12), tail(6), tail(0)]
        case ..<0x110000: out += [UInt8(truncatingIfNeeded: 0xF0 | value >> 18), tail(12), tail(6), tail(0)]
        default: out += [0xEF, 0xBF, 0xBD]
        }
    }
}
