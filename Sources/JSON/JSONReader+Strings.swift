extension JSONReader {
    /// From the opening quote past the closing one.
    mutating func string() throws(JSONError) -> String {
        at += 1
        let start = at
        // Nearly all strings have no escape: one copy of the run.
        while let byte = peek, byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C { at += 1 }
        if peek == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[start..<at - 1], as: UTF8.self)
        }
        var text = [UInt8](bytes[start..<at])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(&text)
            case 0x00..<0x20: throw error("a control character in a string must be escaped, found \(found)")
            default:
                let length = UTF8Scanner.sequenceLength(bytes, at)
                if length == 0 { throw error("the string is not valid UTF-8") }
                text.append(contentsOf: bytes[at..<at + length])
                at += length
            }
        }
        throw error("the string does not end")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONError) {
        let start = at
        at += 1
        guard let byte = peek else { throw error("the string does not end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hex4()
            if code & 0xFC00 == 0xD800, peek == UInt8(ascii: "\\"), at + 1 < bytes.count,
                bytes[at + 1] == UInt8(ascii: "u")
            {
                at += 2
                let low = try hex4()
                // Otherwise the first half stays alone, which `Unicode.Scalar` refuses.
                if low & 0xFC00 == 0xDC00 { code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF) }
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw JSONError(offset: start, message: "half a surrogate pair is no character")
            }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw JSONError(offset: start, message: "no such escape in JSON")
        }
    }

    private mutating func hex4() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Self.hexDigit(byte) else {
                throw error("expected four hexadecimal digits after `\\u`, found \(found)")
            }
            code = code << 4 | digit
            at += 1
        }
        return code
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        if byte &- 0x30 < 10 { return UInt32(byte &- 0x30) }
        let lower = byte | 0x20
        return lower &- 0x61 < 6 ? UInt32(lower &- 0x61 &+ 10) : nil
    }
}
