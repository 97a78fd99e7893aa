import Diagnostics

/// Builds the tree of an expression: precedence climbing over CEL's grammar, so that nesting costs little stack.
struct Parser {
    private let text: PlacedText
    private var lexer: Lexer
    private(set) var token = Token(kind: .end, range: 0..<0)
    /// Where the token before ended: the end of what has been parsed.
    private(set) var lastEnd = 0
    /// Where the token before started.
    private var lastStart = 0
    private var depth = 0
    /// Each opening bracket that is not closed yet.
    private var open: [(symbol: Token.Symbol, range: Range<Int>)] = []

    init(_ text: PlacedText) {
        self.text = text
        self.lexer = Lexer(text.bytes)
    }

    mutating func parse(_ findings: inout Findings) -> Syntax? {
        do {
            return try whole()
        } catch {
            let rule = error.rule == .tooDeep ? ExpressionRules.tooDeep : ExpressionRules.syntax
            findings.report(
                rule, error.message, at: text.range(error.range), help: error.help, suggestion: error.suggestion)
            return nil
        }
    }

    private mutating func whole() throws(SyntaxError) -> Syntax {
        if text.bytes.count > Limits.length {
            throw SyntaxError(
                message: "an expression is longer than \(Limits.length / 1024) KiB", range: 0..<text.bytes.count,
                help: "move what it holds into data, or split it", rule: .tooDeep)
        }
        try advance()
        if case .end = token.kind {
            throw SyntaxError(message: "an expression is missing", range: 0..<text.bytes.count)
        }
        let syntax = try expression()
        guard case .end = token.kind else { throw unexpected("an operator or the end") }
        return syntax
    }

    // MARK: Tokens

    mutating func advance() throws(SyntaxError) {
        lastStart = token.range.lowerBound
        lastEnd = token.range.upperBound
        token = try lexer.next()
    }

    func at(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }

    mutating func take(_ symbol: Token.Symbol) throws(SyntaxError) -> Bool {
        guard at(symbol) else { return false }
        try advance()
        return true
    }

    /// Takes an opening bracket; `close` takes its partner.
    mutating func openBracket(_ symbol: Token.Symbol) throws(SyntaxError) {
        open.append((symbol, token.range))
        try advance()
    }

    mutating func close(_ symbol: Token.Symbol, _ wanted: String) throws(SyntaxError) {
        guard at(symbol) else {
            if case .end = token.kind, let bracket = open.last {
                throw SyntaxError(
                    message: "'\(bracket.symbol.rawValue)' is not closed", range: bracket.range,
                    help: "close it with '\(symbol.rawValue)'")
            }
            throw unexpected(wanted)
        }
        open.removeLast()
        try advance()
    }

    func unexpected(_ wanted: String) -> SyntaxError {
        if case .end = token.kind {
            // Point at the last byte that is something: behind it there is nothing to see.
            let end = max(lastEnd, 1)
            let last = "`\(String(decoding: text.bytes[min(lastStart, lastEnd)..<lastEnd], as: UTF8.self))`"
            return SyntaxError(
                message: "the expression ends where \(wanted) should follow", range: max(0, end - 1)..<end,
                help: wanted == "a value" || wanted == "a name"
                    ? "write \(wanted) after \(last), or take \(last) away"
                    : "write what is missing, or take away what waits for it")
        }
        let found = String(decoding: text.bytes[token.range], as: UTF8.self)
        let shown = found.utf8.count > 30 ? String(found.unicodeScalars.prefix(30)) + "…" : found
        // Operators of other languages, of which the first word has passed for a name, or the first sign for `<`.
        let other: (operator: String, help: String)? =
            switch found {
            case "and": ("&&", "write `&&` for both")
            case "or": ("||", "write `||` for either")
            default: nil
            }
        if found == ">", token.range.lowerBound > 0, text.bytes[token.range.lowerBound - 1] == UInt8(ascii: "<") {
            return SyntaxError(
                message: "'<>' is no operator", range: token.range.lowerBound - 1..<token.range.upperBound,
                help: "write `!=`", suggestion: "!=")
        }
        let isNot = lastEnd >= 3 && text.bytes[..<lastEnd].suffix(3).elementsEqual("not".utf8)
        return SyntaxError(
            message: "expected \(wanted), found '\(shown)'", range: token.range,
            help: other?.help
                ?? (isNot && wanted == "an operator or the end" ? "write `!` for not, without a blank" : nil),
            suggestion: other?.operator)
    }

    func make(_ kind: Syntax.Kind, from start: Int) throws(SyntaxError) -> Syntax {
        let syntax = Syntax(kind, start..<max(start, lastEnd))
        if syntax.height > Limits.height {
            throw SyntaxError(
                message: "the expression has more than \(Limits.height) steps inside one another",
                range: syntax.range, help: "move a part of it to `variables`", rule: .tooDeep)
        }
        return syntax
    }

    mutating func nested(
        _ parse: (inout Parser) throws(SyntaxError) -> Syntax
    ) throws(SyntaxError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        if depth > Limits.nesting {
            throw SyntaxError(
                message: "the expression is nested deeper than \(Limits.nesting)", range: token.range,
                help: "move a part of it to `variables`", rule: .tooDeep)
        }
        return try parse(&self)
    }

    // MARK: Operators

    mutating func expression() throws(SyntaxError) -> Syntax {
        try nested { (parser) throws(SyntaxError) in try parser.conditional() }
    }

    private mutating func conditional() throws(SyntaxError) -> Syntax {
        let start = token.range.lowerBound
        let condition = try logical(.or)
        guard try take(.question) else { return condition }
        let yes = try logical(.or)
        guard try take(.colon) else { throw unexpected("':' of the conditional") }
        let no = try expression()
        return try make(.conditional(condition, yes, no), from: start)
    }

    private mutating func logical(_ symbol: Token.Symbol) throws(SyntaxError) -> Syntax {
        let start = token.range.lowerBound
        var terms = [symbol == .or ? try logical(.and) : try comparison()]
        while try take(symbol) {
            terms.append(symbol == .or ? try logical(.and) : try comparison())
        }
        if terms.count == 1, let only = terms.first { return only }
        return try make(symbol == .or ? .or(terms) : .and(terms), from: start)
    }

    private mutating func comparison() throws(SyntaxError) -> Syntax { try binary(0) }

    /// The operators below `&&`, loosest first.
    private static let levels: [[BinaryOperator]] = [
        [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal, .contains],
        [.add, .subtract],
        [.multiply, .divide, .remainder],
    ]

    private mutating func binary(_ level: Int) throws(SyntaxError) -> Syntax {
        guard level < Self.levels.count else { return try unary() }
        let start = token.range.lowerBound
        var left = try binary(level + 1)
        while let found = binaryOperator(), Self.levels[level].contains(found) {
            let place = token.range
            try advance()
            let right = try binary(level + 1)
            left = try make(.binary(found, place, left, right), from: start)
        }
        return left
    }

    private func binaryOperator() -> BinaryOperator? {
        switch token.kind {
        case .symbol(let symbol): BinaryOperator(rawValue: symbol.rawValue)
        case .name("in"): .contains
        default: nil
        }
    }

    private mutating func unary() throws(SyntaxError) -> Syntax {
        let start = token.range.lowerBound
        if at(.not) {
            try advance()
            let operand = try nested { (parser) throws(SyntaxError) in try parser.unary() }
            return try make(.unary(.not, operand), from: start)
        }
        guard at(.minus) else { return try member(try primary(), from: start) }
        try advance()
        switch token.kind {
        case .int(let magnitude):
            // -9223372036854775808 is an int though its digits alone are not.
            try advance()
            let value = Int64(truncatingIfNeeded: 0 &- magnitude)
            return try member(make(.literal(.int(value)), from: start), from: start)
        case .double(let value):
            try advance()
            return try member(make(.literal(.double(-value)), from: start), from: start)
        default:
            let operand = try nested { (parser) throws(SyntaxError) in try parser.unary() }
            return try make(.unary(.negate, operand), from: start)
        }
    }
}
