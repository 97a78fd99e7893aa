import Diagnostics

/// Reads the tokens of one file into its syntax, recovering behind each statement that is wrong.
///
/// Each level of nesting is a call, so the depth is bounded.
struct Parser {
    /// What stops a statement; it has been reported.
    struct Malformed: Error {}

    /// Deep enough for every schema seen, shallow enough for the stack of any thread.
    static let maximumDepth = 64
    /// Each is compared with those before it.
    static let maximumImports = 2000

    let bytes: [UInt8]
    private let tokens: [Token]
    private var at = 0
    private(set) var problems: [Problem]
    var file: FileSyntax
    var depth = 0
    /// Whether `edition` or `syntax` was there.
    private(set) var namesSyntax = false
    private let lexicalProblems: Int
    private var endIsTold = false
    /// The words that begin a statement with which names are lost, if it is wrong.
    private static let naming = ["message", "enum", "extend", "oneof", "import", "package", "group", "map"]

    init(_ source: Source, path: ProtoPath) {
        bytes = source.bytes
        var lexer = Lexer(source.bytes)
        lexer.run()
        tokens = lexer.tokens
        problems = lexer.problems
        lexicalProblems = lexer.problems.count
        file = FileSyntax(source: source, path: path)
    }

    mutating func run() {
        do throws(Malformed) {
            if isAt("syntax") || isAt("edition") {
                namesSyntax = true
                try syntaxStatement()
            }
        } catch {
            skipStatement()
        }
        while !isAtEnd {
            if isAt("}") {
                report("there is no block open here that this could close", current.span)
                advance()
                continue
            }
            do throws(Malformed) {
                try topLevelStatement()
            } catch {
                file.isBroken = true
                skipStatement()
            }
        }
        file.hasGaps = !problems.isEmpty
    }

    // MARK: Tokens

    var current: Token {
        at < tokens.count ? tokens[at] : Token(kind: .end, span: Span(start: bytes.count, end: bytes.count))
    }

    var next: Token { at + 1 < tokens.count ? tokens[at + 1] : Token(kind: .end, span: current.span) }
    var previous: Token { at > 0 && at <= tokens.count ? tokens[at - 1] : current }
    var isAtEnd: Bool { current.kind == .end }

    mutating func advance() {
        if at < tokens.count { at += 1 }
    }

    func bytes(of token: Token) -> ArraySlice<UInt8> { bytes[token.span.start..<token.span.end] }

    func text(_ token: Token) -> String { String(decoding: bytes(of: token), as: UTF8.self) }

    func `is`(_ token: Token, _ word: StaticString) -> Bool {
        guard token.kind == .symbol || token.kind == .identifier else { return false }
        return bytes(of: token).elementsEqual(
            UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    func isAt(_ word: StaticString) -> Bool { self.is(current, word) }

    mutating func take(_ word: StaticString) -> Bool {
        guard isAt(word) else { return false }
        advance()
        return true
    }

    /// What stands here, for messages.
    var found: String {
        if isAtEnd { return "the end of the file" }
        let text = text(current)
        return text.utf8.count > 40 ? "`\(text.unicodeScalars.prefix(40))…`" : "`\(text)`"
    }

    mutating func report(
        _ message: String, _ span: Span, rule: Rule = ProtoRules.syntax, label: String? = nil, help: String? = nil,
        suggestion: String? = nil
    ) {
        problems.append(
            Problem(
                rule: rule, message: message, span: span, label: label, help: help, suggestion: suggestion))
    }

    /// Takes back what was told of a place, where something better is told.
    mutating func forget(_ span: Span) {
        problems.removeAll { $0.span == span }
    }

    /// Reports what was expected in the place of the token here.
    mutating func missing(_ what: String, help: String? = nil, suggestion: String? = nil) -> Malformed {
        // What the lexer has told of the token before is the reason.
        let span = previous.span
        if !problems.prefix(lexicalProblems).contains(where: { $0.span.end >= span.start && $0.span.start <= span.end })
        {
            report("expected \(what), found \(found)", current.span, help: help, suggestion: suggestion)
        }
        return Malformed()
    }

    mutating func expect(_ word: StaticString, _ place: String) throws(Malformed) {
        if !take(word) { throw missing("`\(word)` \(place)") }
    }

    mutating func endStatement(_ what: String) throws(Malformed) {
        if take(";") { return }
        throw missing("`;` behind \(what)")
    }

    /// Behind a statement that is wrong: past its `;` or its block, or before the `}` of the block around it.
    mutating func skipStatement() {
        while !isAtEnd {
            if take(";") || isAt("}") { return }
            if isAt("{") {
                skipBlock()
                return
            }
            advance()
        }
    }

    private mutating func skipBlock() {
        var open = 0
        while !isAtEnd {
            if isAt("{") { open += 1 }
            if isAt("}") { open -= 1 }
            advance()
            if open == 0 { return }
        }
    }

    /// `{`, statements, `}`; each statement that is wrong is skipped.
    mutating func block(
        _ what: String, _ statement: (inout Parser) throws(Malformed) -> Void
    ) throws(Malformed) {
        let open = current.span
        try expect("{", "to open the \(what)")
        depth += 1
        defer { depth -= 1 }
        if depth > Parser.maximumDepth {
            report(
                "the \(what) is nested deeper than \(Parser.maximumDepth) levels", open, rule: ProtoRules.limit)
            at -= 1
            skipBlock()
            return
        }
        while !take("}") {
            if isAtEnd {
                // Those around it are not closed either, and one of them has the missing brace.
                if !endIsTold {
                    report(
                        "the \(what) is never closed", open, label: "opened here",
                        help: "the file ends before its `}`")
                }
                endIsTold = true
                throw Malformed()
            }
            let first = at
            do throws(Malformed) {
                if !take(";") { try statement(&self) }
            } catch {
                if tokens[first...min(first + 1, tokens.count - 1)].contains(where: { token in
                    token.kind == .identifier && Parser.naming.contains(text(token))
                }) {
                    file.isBroken = true
                }
                skipStatement()
            }
        }
    }

    // MARK: Words

    mutating func identifier(_ what: String) throws(Malformed) -> Name {
        guard current.kind == .identifier else { throw missing(what) }
        defer { advance() }
        return Name(text: text(current), span: current.span)
    }

    /// `a.b.C`, or `.a.b.C` where a dot may lead.
    mutating func dottedName(_ what: String, mayLead: Bool = true) throws(Malformed) -> Name {
        let start = current.span
        var text = ""
        if mayLead, take(".") { text = "." }
        text += try identifier(what).text
        while take(".") { text += "." + (try identifier("a name behind the dot").text) }
        return Name(text: text, span: start.to(previous.span))
    }

    /// Strings that follow each other are one.
    mutating func string(_ what: String) throws(Malformed) -> (bytes: [UInt8], span: Span) {
        guard current.kind == .string else { throw missing(what) }
        let start = current.span
        var joined: [UInt8] = []
        while current.kind == .string {
            joined += Literals.string(bytes(of: current))
            advance()
        }
        return (joined, start.to(previous.span))
    }

    mutating func integer(_ what: String, max: UInt64) throws(Malformed) -> UInt64 {
        guard current.kind == .integer else { throw missing(what) }
        let token = current
        advance()
        guard let value = Literals.integer(bytes(of: token)), value <= max else {
            report("the number is larger than \(max)", token.span)
            throw Malformed()
        }
        return value
    }

    /// With a sign where one may stand.
    mutating func number(_ what: String, signed: Bool = false) throws(Malformed) -> PlacedNumber {
        let start = current.span
        let isNegative = signed && take("-")
        let magnitude = try integer(what, max: isNegative ? 0x8000_0000 : 0x7FFF_FFFF)
        let value = isNegative ? -Int64(clamping: magnitude) : Int64(clamping: magnitude)
        return PlacedNumber(value: Int32(clamping: value), span: start.to(previous.span))
    }

    /// The nearest keyword, if the token could be one that is misspelt.
    func nearestKeyword(_ token: Token, among words: [String]) -> String? {
        guard token.kind == .identifier else { return nil }
        return Suggest.nearest(text(token), among: words)
    }
}
