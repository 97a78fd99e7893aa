package import Diagnostics
import JSON

/// A string that may hold `{{ CEL }}`, cut into literal bytes and holes.
package struct Template: Sendable {
    enum Piece: Sendable {
        case literal([UInt8], Range<Int>)
        case hole(Expression)
    }

    package let text: PlacedText
    private let pieces: [Piece]

    /// The text, if there are no holes.
    package var literal: [UInt8]? {
        guard let first = pieces.first else { return [] }
        if pieces.count == 1, case .literal(let bytes, _) = first { return bytes }
        return nil
    }

    /// The expression, if the whole string is one hole: its value keeps its type.
    package var single: Expression? {
        if pieces.count == 1, case .hole(let expression)? = pieces.first { return expression }
        return nil
    }

    /// The expressions in all holes, in order.
    package var holes: [Expression] {
        pieces.compactMap { piece in
            if case .hole(let expression) = piece { return expression }
            return nil
        }
    }

    /// Reads every hole, and reports what is wrong in each; nil then.
    package static func parse(_ text: PlacedText, _ findings: inout Findings) -> Template? {
        var pieces: [Piece] = []
        var isWhole = true
        var at = 0
        // A brace that came from the environment is text.
        let own = text.insertions.isEmpty ? text.bytes : text.ownBytes
        while let start = pair(UInt8(ascii: "{"), in: own, from: at) {
            if start > at { pieces.append(.literal(Array(text.bytes[at..<start]), at..<start)) }
            guard let end = end(of: start + 2, in: own) else {
                findings.report(
                    ExpressionRules.templateHole, "`{{` is not closed", at: text.range(start..<start + 2),
                    help: "close it with `}}`")
                return nil
            }
            at = end + 2
            if ExpressionRules.refuseVariables(in: text.slice(start + 2..<end), &findings) {
                isWhole = false
                continue
            }
            let content = trimmed(start + 2..<end, in: text.bytes)
            if content.isEmpty {
                findings.report(
                    ExpressionRules.templateHole, "the `{{ }}` is empty", at: text.range(start..<at),
                    help: "write an expression between `{{` and `}}`")
                isWhole = false
            } else if let expression = Expression.parse(text.slice(content), &findings) {
                pieces.append(.hole(expression))
            } else {
                isWhole = false
            }
        }
        if at < text.bytes.count { pieces.append(.literal(Array(text.bytes[at...]), at..<text.bytes.count)) }
        return isWhole ? Template(text: text, pieces: pieces) : nil
    }

    /// Checks every hole; text between holes is encoded now.
    package func check(
        _ environment: Environment, _ encoding: Encoding, _ findings: inout Findings
    ) -> TemplateProgram? {
        var programs: [TemplateProgram.Piece] = []
        var isWhole = true
        for piece in pieces {
            switch piece {
            case .literal(let bytes, let range):
                programs.append(.literal(bytes))
                if encoding.isOneLine, let at = bytes.firstIndex(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
                    let place = range.lowerBound + at
                    findings.report(
                        encoding == .header ? ExpressionRules.headerValue : ExpressionRules.eventField,
                        Limits.refused(encoding).message, at: text.range(place..<place + 1),
                        help: bytes[at] == 0
                            ? "take the `\\0` out"
                            : "write it on one line; a block of text ends without a line break below `>-` or `|-`")
                    isWhole = false
                }
            case .hole(let expression):
                guard let program = expression.check(environment, expecting: nil, &findings) else {
                    isWhole = false
                    continue
                }
                programs.append(.program(program))
                var scratch = ByteWriter()
                if let refusal = program.constant?.write(&scratch, encoding) {
                    findings.report(
                        encoding == .eventField ? ExpressionRules.eventField : ExpressionRules.headerValue,
                        refusal.message, at: expression.text.whole,
                        help: "what the `{{ }}` gives must be one line")
                    isWhole = false
                }
            }
        }
        return isWhole ? TemplateProgram(programs, encoding, isSingle: single != nil) : nil
    }

    // MARK: Holes

    /// Without the blanks around the expression.
    private static func trimmed(_ range: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
        func isBlank(_ at: Int) -> Bool { bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) }
        guard let first = range.first(where: { !isBlank($0) }), let last = range.last(where: { !isBlank($0) }) else {
            return range.lowerBound..<range.lowerBound
        }
        return first..<last + 1
    }

    /// The first place from `start` on where that byte stands twice.
    private static func pair(_ byte: UInt8, in bytes: [UInt8], from start: Int) -> Int? {
        var at = start
        while at + 1 < bytes.count {
            if bytes[at] == byte, bytes[at + 1] == byte { return at }
            at += 1
        }
        return nil
    }

    /// Where the `}}` is that closes a hole: not inside of a string, nor the end of a map.
    private static func end(of start: Int, in bytes: [UInt8]) -> Int? {
        var lexer = Lexer(bytes, at: start)
        var depth = 0
        while let token = try? lexer.next(), token.kind != .end {
            switch token.kind {
            case .symbol(.openBrace): depth += 1
            case .symbol(.closeBrace) where depth > 0: depth -= 1
            case .symbol(.closeBrace):
                if lexer.peek(0) == UInt8(ascii: "}") { return token.range.lowerBound }
            default: break
            }
        }
        // What cannot be read as an expression ends at the next pair, and the parser says what is wrong with it.
        return pair(UInt8(ascii: "}"), in: bytes, from: start)
    }
}
