/// A word of an expression and its place in the expression's bytes.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case name(String)
        /// `` `a-b` ``: a field name that is no identifier.
        case quotedName(String)
        /// Without its sign: the parser joins a minus to it.
        case int(UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, Sendable, CaseIterable {
        case and = "&&"
        case or = "||"
        case equal = "=="
        case unequal = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case not = "!"
        case question = "?"
        case colon = ":"
        case comma = ","
        case dot = "."
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"

        /// By its two bytes.
        init?(_ first: UInt8, _ second: UInt8) {
            switch (first, second) {
            case (UInt8(ascii: "&"), UInt8(ascii: "&")): self = .and
            case (UInt8(ascii: "|"), UInt8(ascii: "|")): self = .or
            case (UInt8(ascii: "="), UInt8(ascii: "=")): self = .equal
            case (UInt8(ascii: "!"), UInt8(ascii: "=")): self = .unequal
            case (UInt8(ascii: "<"), UInt8(ascii: "=")): self = .lessOrEqual
            case (UInt8(ascii: ">"), UInt8(ascii: "=")): self = .greaterOrEqual
            default: return nil
            }
        }

        /// By its one byte. A switch over the spellings would make a `String` of each first.
        init?(_ byte: UInt8) {
            guard byte < 0x80, let symbol = Self.ofOneByte[Int(byte)] else { return nil }
            self = symbol
        }

        private static let ofOneByte: [Symbol?] = {
            var table = [Symbol?](repeating: nil, count: 0x80)
            for symbol in allCases where symbol.rawValue.utf8.count == 1 {
                if let byte = symbol.rawValue.utf8.first { table[Int(byte & 0x7F)] = symbol }
            }
            return table
        }()
    }

    let kind: Kind
    let range: Range<Int>
}

/// What the syntax does not allow, where.
struct SyntaxError: Error {
    let message: String
    let range: Range<Int>
    var help: String?
    var suggestion: String?
    var rule: ErrorRule = .syntax

    enum ErrorRule { case syntax, tooDeep }
}
