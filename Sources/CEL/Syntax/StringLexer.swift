/// How a string literal begins: `r`, `b`, quotes by one or by three.
struct StringPrefix {
    let letters: Int
    let quote: UInt8
    let triple: Bool
    let raw: Bool
    let bytes: Bool
}

extension Lexer {
    /// The prefix of a string literal that starts here, or nil if none does.
    func stringPrefix() -> StringPrefix? {
        var letters = 0
        var raw = false
        var bytes = false
        while letters < 2, let byte = peek(letters) {
            switch byte {
            case UInt8(ascii: "r") where !raw, UInt8(ascii: "R") where !raw: raw = true
            case UInt8(ascii: "b") where !bytes, UInt8(ascii: "B") where !bytes: bytes = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                return prefix(letters, byte, raw, bytes)
            default: return nil
            }
            letters += 1
        }
        guard let byte = peek(letters), byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else { return nil }
        return prefix(letters, byte, raw, bytes)
    }

    private func prefix(_ letters: Int, _ quote: UInt8, _ raw: Bool, _ bytes: Bool) -> StringPrefix {
        let triple = peek(letters + 1) == quote && peek(letters + 2) == quote
        return StringPrefix(letters: letters, quote: quote, triple: triple, raw: raw, bytes: bytes)
    }

    mutating func string(_ prefix: StringPrefix) throws(SyntaxError) -> Token {
        let start = at
        advance(prefix.letters + (prefix.triple ? 3 : 1))
        var content: [UInt8] = []
        while let byte = peek(0) {
            if byte == prefix.quote, !prefix.triple || peek(1) == byte && peek(2) == byte {
                advance(prefix.triple ? 3 : 1)
                return try literal(content, prefix, from: start)
            }
            if byte == 0x0A || byte == 0x0D, !prefix.triple { break }
            if byte == UInt8(ascii: "\\"), !prefix.raw {
                try escape(into: &content, prefix)
            } else if byte == 0x0D {
                // Line ends inside triple quotes are LF, whatever the file has.
                advance(peek(1) == 0x0A ? 2 : 1)
                content.append(0x0A)
            } else {
                content.append(byte)
                advance()
            }
        }
        let quote = String(UnicodeScalar(prefix.quote))
        throw SyntaxError(
            message: "a string is not closed", range: start..<at,
            help: "close it with `\(prefix.triple ? quote + quote + quote : quote)`")
    }

    private func literal(
        _ content: [UInt8], _ prefix: StringPrefix, from start: Int
    ) throws(SyntaxError) -> Token {
        if prefix.bytes { return token(.bytes(content), from: start) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw SyntaxError(message: "the string is not valid UTF-8", range: start..<at)
        }
        return token(.string(text), from: start)
    }

    private mutating func escape(into content: inout [UInt8], _ prefix: StringPrefix) throws(SyntaxError) {
        let start = at
        advance()
        guard let letter = peek(0) else { return }
        advance()
        if let simple = Self.simpleEscape(letter) {
            content.append(simple)
            return
        }
        let scalar: UInt32?
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): scalar = hexDigits(2)
        case UInt8(ascii: "u") where !prefix.bytes: scalar = hexDigits(4)
        case UInt8(ascii: "U") where !prefix.bytes: scalar = hexDigits(8)
        case UInt8(ascii: "0")...UInt8(ascii: "3"): scalar = octalDigits(letter)
        default: throw unknownEscape(start)
        }
        guard let scalar else {
            throw SyntaxError(
                message: "an escape lacks digits", range: start..<at,
                help: "\\x takes two hexadecimal digits, \\u four, \\U eight; \\0 to \\3 start three octal digits")
        }
        if prefix.bytes {
            content.append(UInt8(truncatingIfNeeded: scalar))
        } else if let valid = UnicodeScalar(scalar) {
            content.append(contentsOf: UTF8.encode(valid).map(Array.init) ?? [])
        } else {
            throw SyntaxError(message: "the escape is not a Unicode character", range: start..<at)
        }
    }

    private func unknownEscape(_ start: Int) -> SyntaxError {
        let length = bytes.withUnsafeBufferPointer { scalarLength($0, start + 1) }
        let end = min(start + 1 + length, bytes.count)
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        return SyntaxError(
            message: "unknown escape \(quoted(text))", range: start..<end,
            help: "write \\\\ for a backslash, or a raw string: r'…'")
    }

    private static func simpleEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "a"): 0x07
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "v"): 0x0B
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): letter
        default: nil
        }
    }

    private mutating func hexDigits(_ count: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek(0).flatMap(hexValue) else { return nil }
            // At most eight digits: they fit.
            value = value << 4 | UInt32(digit)
            advance()
        }
        return value
    }

    private mutating func octalDigits(_ first: UInt8) -> UInt32? {
        var value = UInt32(first - UInt8(ascii: "0"))
        for _ in 0..<2 {
            guard let byte = peek(0), (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
            value = value * 8 + UInt32(byte - UInt8(ascii: "0"))
            advance()
        }
        return value
    }
}
