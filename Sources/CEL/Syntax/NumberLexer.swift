extension Lexer {
    /// `12`, `12u`, `0x1F`, `1.5`, `1e3`, `.5`
    mutating func number() throws(SyntaxError) -> Token {
        let start = at
        if peek(0) == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            advance(2)
            let digits = at
            while let byte = peek(0), Self.isHexDigit(byte) { advance() }
            return try whole(digits..<at, radix: 16, from: start)
        }
        skipDigits()
        var fraction = false
        // `1.size()` is not a number with a fraction: CEL wants a digit behind the point.
        if peek(0) == UInt8(ascii: "."), peek(1).map(Self.isDigit) == true {
            fraction = true
            advance()
            skipDigits()
        }
        if peek(0) == UInt8(ascii: "e") || peek(0) == UInt8(ascii: "E") {
            let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
            if peek(1 + sign).map(Self.isDigit) == true {
                fraction = true
                advance(1 + sign)
                skipDigits()
            }
        }
        guard fraction else { return try whole(start..<at, radix: 10, from: start) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let value = Double(text.utf8.first == UInt8(ascii: ".") ? "0" + text : text), value.isFinite else {
            throw SyntaxError(message: "the number \(text) is too large for a double", range: start..<at)
        }
        try noNameBehind(start)
        return token(.double(value), from: start)
    }

    private mutating func whole(_ digits: Range<Int>, radix: Int, from start: Int) throws(SyntaxError) -> Token {
        let unsigned = peek(0) == UInt8(ascii: "u") || peek(0) == UInt8(ascii: "U")
        let text = String(decoding: bytes[digits], as: UTF8.self)
        if unsigned { advance() }
        try noNameBehind(start)
        guard !digits.isEmpty else {
            throw SyntaxError(message: "digits are missing after `0x`", range: start..<at)
        }
        // The parser knows of a minus before it; 2^63 is an int only with one.
        guard let value = UInt64(text, radix: radix), unsigned || value <= 1 << 63 else {
            throw SyntaxError(
                message: "the number is too large for \(unsigned ? "a uint" : "an int")", range: start..<at,
                help: "an int goes to 9223372036854775807, a uint to 18446744073709551615u")
        }
        return token(unsigned ? .uint(value) : .int(value), from: start)
    }

    private func noNameBehind(_ start: Int) throws(SyntaxError) {
        guard let byte = peek(0), Self.continuesName(byte) else { return }
        var end = at
        while end < bytes.count, Self.continuesName(bytes[end]) { end += 1 }
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        throw SyntaxError(
            message: "'\(text)' is neither a number nor a name", range: start..<end,
            help: "a name starts with a letter; durations and sizes are not literals of expressions")
    }

    private mutating func skipDigits() {
        while let byte = peek(0), Self.isDigit(byte) { advance() }
    }

    static func isHexDigit(_ byte: UInt8) -> Bool { hexValue(byte) != nil }
}

func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
