import Diagnostics

/// Cuts a `.proto` file into tokens, all mistakes on the way (language specification, "Lexical elements").
struct Lexer {
    private let bytes: [UInt8]
    private var at = 0
    private(set) var tokens: [Token] = []
    private(set) var problems: [Problem] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    mutating func run() {
        while skipSpace() { token() }
        tokens.append(Token(kind: .end, span: Span(start: bytes.count, end: bytes.count)))
    }

    /// The byte at a distance; 0 behind the end, which no rule of the grammar takes.
    private func peek(_ distance: Int = 0) -> UInt8 {
        at + distance < bytes.count ? bytes[at + distance] : 0
    }

    private mutating func report(
        _ message: String, _ start: Int, _ end: Int, label: String? = nil, help: String? = nil
    ) {
        // One stray byte tends to come with many.
        guard problems.count < 100 else { return }
        problems.append(
            Problem(
                rule: ProtoRules.syntax, message: message, span: Span(start: start, end: min(end, bytes.count)),
                label: label, help: help))
    }

    /// False at the end of the file.
    private mutating func skipSpace() -> Bool {
        while at < bytes.count {
            switch (bytes[at], peek(1)) {
            case (0x20, _), (0x09...0x0D, _):
                at += 1
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while at < bytes.count, bytes[at] != 0x0A { at += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                blockComment()
            default:
                return true
            }
        }
        return false
    }

    private mutating func blockComment() {
        let start = at
        at += 2
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                at += 2
                return
            }
            if bytes[at] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                report(
                    "a comment starts within a comment", at, at + 2,
                    help: "comments do not nest: the first `*/` ends both")
            }
            at += 1
        }
        report("the comment is never closed", start, start + 2, help: "end it with `*/`")
    }

    private mutating func token() {
        let start = at
        let byte = bytes[at]
        if byte.startsIdentifier {
            while at < bytes.count, bytes[at].continuesIdentifier { at += 1 }
            append(.identifier, start)
        } else if byte.isDigit || byte == UInt8(ascii: ".") && peek(1).isDigit {
            number()
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            string(byte)
        } else if byte >= 0x80 {
            while at < bytes.count, bytes[at] >= 0x80 { at += 1 }
            report(
                "only comments and strings may hold signs beyond ASCII", start, at,
                help: "names are made of letters, digits and underscores")
        } else if byte < 0x20 || byte == 0x7F {
            while at < bytes.count, bytes[at] < 0x20 || bytes[at] == 0x7F, !(0x09...0x0D).contains(bytes[at]) {
                at += 1
            }
            report("a control character stands between the words", start, at, help: "take it out")
        } else {
            at += 1
            append(.symbol, start)
        }
    }

    private mutating func append(_ kind: Token.Kind, _ start: Int) {
        tokens.append(Token(kind: kind, span: Span(start: start, end: at)))
    }

    // MARK: Numbers

    private mutating func number() {
        let start = at
        var isFloat = false
        if bytes[at] == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x") {
            at += 2
            if !peek().isHexDigit { report("`0x` needs hexadecimal digits behind it", start, at) }
            while peek().isHexDigit { at += 1 }
        } else if bytes[at] == UInt8(ascii: "0"), peek(1).isDigit {
            var isOctal = true
            while peek().isDigit {
                if peek() > UInt8(ascii: "7") { isOctal = false }
                at += 1
            }
            if !isOctal {
                report("a number that starts with 0 is octal, its digits are 0 to 7", start, at)
            }
        } else {
            isFloat = decimal()
        }
        if peek() == UInt8(ascii: ".") {
            let dot = at
            at += 1
            while peek().isDigit || peek() == UInt8(ascii: ".") { at += 1 }
            report(
                isFloat
                    ? "the number has a second decimal point" : "octal and hexadecimal numbers have no decimal point",
                dot, at)
        }
        let end = at
        if peek().startsIdentifier {
            while at < bytes.count, bytes[at].continuesIdentifier { at += 1 }
            report("a number and a name stand side by side", end, at, help: "put a space between them")
        }
        tokens.append(Token(kind: isFloat ? .float : .integer, span: Span(start: start, end: end)))
    }

    private mutating func decimal() -> Bool {
        var isFloat = false
        while peek().isDigit { at += 1 }
        if peek() == UInt8(ascii: ".") {
            isFloat = true
            at += 1
            while peek().isDigit { at += 1 }
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            let start = at
            at += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
            if !peek().isDigit { report("the exponent has no digits", start, at) }
            while peek().isDigit { at += 1 }
        }
        return isFloat
    }

    // MARK: Strings

    private mutating func string(_ quote: UInt8) {
        let start = at
        at += 1
        while at < bytes.count {
            switch bytes[at] {
            case quote:
                at += 1
                append(.string, start)
                return
            case 0x0A:
                report(
                    "the string does not end on its line", start, at,
                    help: "close it; strings that follow each other are joined")
                append(.string, start)
                return
            case UInt8(ascii: "\\"):
                escape()
            default:
                at += 1
            }
        }
        report("the string is never closed", start, at)
        append(.string, start)
    }

    private mutating func escape() {
        let start = at
        at += 1
        switch peek() {
        case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
            UInt8(ascii: "t"), UInt8(ascii: "v"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "'"),
            UInt8(ascii: "\""), UInt8(ascii: "0")...UInt8(ascii: "7"):
            at += 1
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            at += 1
            if !peek().isHexDigit { report("`\\x` needs hexadecimal digits behind it", start, at) }
        case UInt8(ascii: "u"):
            at += 1
            digits(4, start)
        case UInt8(ascii: "U"):
            at += 1
            digits(8, start)
        default:
            report(
                "there is no such escape", start, at + 1,
                help:
                    "write `\\\\` for a backslash; the escapes are \\a \\b \\f \\n \\r \\t \\v \\? \\' \\\" \\\\ \\x \\u \\U and octal"
            )
        }
    }

    private mutating func digits(_ count: Int, _ start: Int) {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek().hexDigit else {
                report("the escape needs \(count) hexadecimal digits", start, at)
                return
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        if value > 0x10FFFF { report("Unicode ends at 10FFFF", start, at) }
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var startsIdentifier: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A || self == 0x5F }
    var continuesIdentifier: Bool { startsIdentifier || isDigit }
    var isHexDigit: Bool { hexDigit != nil }

    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
