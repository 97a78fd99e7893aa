extension ByteWriter {
    /// Appends `bytes` as the inside of a JSON string (RFC 8259 section 7): quote, backslash and controls escaped,
    /// what is not UTF-8 replaced by U+FFFD, so that the output is valid JSON whatever came in.
    @inlinable package mutating func append(jsonEscaped bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        let count = bytes.count
        // Most text needs no escape: look at eight bytes at a time and copy the run.
        var clean = 0
        while clean &+ 8 <= count {
            let word = UnsafeRawPointer(start + clean).loadUnaligned(as: UInt64.self)
            if Self.needsCare(word) { break }
            clean &+= 8
        }
        // The last eight bytes overlap those before, which are plain already.
        if count >= 8, clean &+ 8 > count,
            !Self.needsCare(UnsafeRawPointer(start + (count &- 8)).loadUnaligned(as: UInt64.self))
        {
            clean = count
        }
        while clean < count, Self.isPlain(start[clean]) { clean &+= 1 }
        append(UnsafeBufferPointer(start: start, count: clean))
        if clean < count {
            appendEscaped(UnsafeBufferPointer(start: start + clean, count: count &- clean))
        }
    }

    /// Appends `text` as a whole JSON string, quotes included.
    package mutating func append(jsonString text: String) {
        var text = text
        append(UInt8(ascii: "\""))
        text.withUTF8 { append(jsonEscaped: $0) }
        append(UInt8(ascii: "\""))
    }

    /// Whether one of eight bytes is a control, a quote, a backslash or not ASCII.
    @inlinable @inline(__always) static func needsCare(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        let found =
            (word &- ones &* 0x20) | (quote &- ones) | (slash &- ones) | word
        return found & high != 0
    }

    @inlinable @inline(__always) static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
    }

    @usableFromInline @inline(never) mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if Self.isPlain(byte) {
                append(byte)
                at += 1
            } else if byte < 0x80 {
                appendEscape(of: byte)
                at += 1
            } else {
                let length = UTF8Scanner.sequenceLength(bytes, at)
                if length == 0 {
                    append("\u{FFFD}" as StaticString)
                    at += 1
                } else {
                    append(UnsafeBufferPointer(rebasing: bytes[at..<at + length]))
                    at += length
                }
            }
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00" as StaticString)
            let digits: StaticString = "0123456789abcdef"
            append(digits.utf8Start[Int(byte >> 4)])
            append(digits.utf8Start[Int(byte & 15)])
        }
    }
}

/// Well-formed UTF-8 by table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing over U+10FFFF.
package enum UTF8Scanner {
    /// The length of the well-formed sequence at `at`, or 0.
    package static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        guard at >= 0, at < bytes.count else { return 0 }
        let first = bytes[at]
        func continuation(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            at + offset < bytes.count && range.contains(bytes[at + offset])
        }
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: return continuation(1) ? 2 : 0
        case 0xE0: return continuation(1, 0xA0...0xBF) && continuation(2) ? 3 : 0
        case 0xE1...0xEC, 0xEE...0xEF: return continuation(1) && continuation(2) ? 3 : 0
        case 0xED: return continuation(1, 0x80...0x9F) && continuation(2) ? 3 : 0
        case 0xF0: return continuation(1, 0x90...0xBF) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF1...0xF3: return continuation(1) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF4: return continuation(1, 0x80...0x8F) && continuation(2) && continuation(3) ? 4 : 0
        default: return 0
        }
    }

    /// Where the first ill-formed byte is, or nil.
    package static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        while at < bytes.count {
            // Eight at a time: most text is ASCII.
            if bytes.count &- at >= 8, let base = bytes.baseAddress,
                UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                at += 8
                continue
            }
            if bytes[at] < 0x80 {
                at += 1
                continue
            }
            let length = sequenceLength(bytes, at)
            if length == 0 { return at }
            at += length
        }
        return nil
    }
}
