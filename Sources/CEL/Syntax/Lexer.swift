/// Cuts the bytes of an expression into tokens (CEL specification, "Syntax").
struct Lexer {
    let bytes: [UInt8]
    private(set) var at: Int

    init(_ bytes: [UInt8], at start: Int = 0) {
        self.bytes = bytes
        self.at = start
    }

    mutating func next() throws(SyntaxError) -> Token {
        skipBlanks()
        let start = at
        guard let byte = peek(0) else { return Token(kind: .end, range: start..<start) }
        if let prefix = stringPrefix() { return try string(prefix) }
        if Self.startsName(byte) { return name() }
        if Self.isDigit(byte) || byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true {
            return try number()
        }
        if byte == UInt8(ascii: "`") { return try quotedName() }
        return try symbol()
    }

    func peek(_ offset: Int) -> UInt8? {
        let place = at + offset
        return place < bytes.count ? bytes[place] : nil
    }

    mutating func advance(_ count: Int = 1) { at = min(at + count, bytes.count) }

    func token(_ kind: Token.Kind, from start: Int) -> Token { Token(kind: kind, range: start..<at) }

    private mutating func skipBlanks() {
        while let byte = peek(0) {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, 0x0C: advance()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let byte = peek(0), byte != 0x0A {
                    _ = byte
                    advance()
                }
            default: return
            }
        }
    }

    // MARK: Names

    static func startsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func continuesName(_ byte: UInt8) -> Bool { startsName(byte) || isDigit(byte) }

    private mutating func name() -> Token {
        let start = at
        while let byte = peek(0), Self.continuesName(byte) { advance() }
        return token(.name(String(decoding: bytes[start..<at], as: UTF8.self)), from: start)
    }

    private mutating func quotedName() throws(SyntaxError) -> Token {
        let start = at
        advance()
        while let byte = peek(0), byte != UInt8(ascii: "`"), byte != 0x0A { advance() }
        guard peek(0) == UInt8(ascii: "`") else {
            throw SyntaxError(
                message: "a name in back quotes is not closed", range: start..<at, help: "close it with '`'")
        }
        let text = bytes[start + 1..<at]
        advance()
        let allowed: [UInt8] = Array("-./ ".utf8)
        guard !text.isEmpty, text.allSatisfy({ Self.continuesName($0) || allowed.contains($0) }) else {
            throw SyntaxError(
                message: "a name in back quotes holds letters, digits, '_', '-', '.', '/' and spaces only",
                range: start..<at, help: "write an index instead: [\"name\"]")
        }
        return token(.quotedName(String(decoding: text, as: UTF8.self)), from: start)
    }

    // MARK: Symbols

    private mutating func symbol() throws(SyntaxError) -> Token {
        let start = at
        guard let first = peek(0) else { throw unexpectedCharacter() }
        if let second = peek(1), let symbol = Token.Symbol(first, second) {
            advance(2)
            return token(.symbol(symbol), from: start)
        }
        guard let symbol = Token.Symbol(first) else { throw unexpectedCharacter() }
        advance()
        return token(.symbol(symbol), from: start)
    }

    private func unexpectedCharacter() -> SyntaxError {
        let length = bytes.withUnsafeBufferPointer { scalarLength($0, at) }
        let range = at..<min(at + length, bytes.count)
        let text = String(decoding: bytes[range], as: UTF8.self)
        switch text {
        case "=" where at >= 2 && bytes[at - 1] == UInt8(ascii: "=") && "=!".utf8.contains(bytes[at - 2]):
            return SyntaxError(
                message: "'\(bytes[at - 2] == UInt8(ascii: "!") ? "!" : "=")==' is no operator", range: at - 2..<at + 1,
                help: "two signs compare: values of different types are never equal",
                suggestion: bytes[at - 2] == UInt8(ascii: "!") ? "!=" : "==")
        case "$":
            return SyntaxError(
                message: "'$' does not start a name", range: range,
                help: "names are written as they are: `path.name`; the environment is read by `data`")
        case "=":
            return SyntaxError(
                message: "'=' does not compare", range: range, help: "write '==' to compare", suggestion: "==")
        case "&":
            return SyntaxError(
                message: "`&` is not an operator", range: range, help: "write `&&` for both", suggestion: "&&")
        case "|":
            return SyntaxError(
                message: "`|` is not an operator", range: range, help: "write `||` for either", suggestion: "||")
        case ";":
            return SyntaxError(
                message: "unexpected ';'", range: range, help: "an expression is one value; leave the ';' out")
        case "“", "”", "‘", "’":
            return SyntaxError(
                message: "unexpected typographic quote", range: range, help: "quote strings with ' or \"")
        default:
            return SyntaxError(message: "unexpected character \(quoted(text))", range: range)
        }
    }
}
