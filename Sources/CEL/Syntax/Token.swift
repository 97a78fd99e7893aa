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
