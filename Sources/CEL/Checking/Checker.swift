import Diagnostics

/// Resolves names and works out types. It goes on after a mistake: what is wrong counts as dyn, which fits everywhere,
/// so that one mistake is reported once and the others as well.
struct Checker {
    let text: PlacedText
    let environment: Environment
    var usage = Usage()
    /// Findings report once only, so their count does not tell whether this check failed.
    private var failed = false
    /// The variables of macros around the place, the innermost last; a variable's slot is its index.
    var variables: [(name: String, type: ValueType)] = []

    init(_ text: PlacedText, _ environment: Environment) {
        self.text = text
        self.environment = environment
    }

    mutating func check(_ syntax: Syntax, expecting: ValueType?, _ findings: inout Findings) -> Typed? {
        let typed = visit(syntax, &findings)
        if let expecting, !expecting.accepts(typed.type) {
            mismatch(
                "expected \(expecting.expected), found \(typed.type)", syntax.range, &findings,
                help: conversionHelp(from: typed.type, to: expecting))
        }
        return failed ? nil : typed
    }

    // MARK: Reporting

    mutating func report(
        _ rule: Rule, _ message: String, _ range: Range<Int>, _ findings: inout Findings, help: String? = nil,
        suggestion: String? = nil
    ) {
        failed = true
        findings.report(rule, message, at: text.range(range), help: help, suggestion: suggestion)
    }

    mutating func mismatch(
        _ message: String, _ range: Range<Int>, _ findings: inout Findings, help: String? = nil
    ) {
        report(ExpressionRules.typeMismatch, message, range, &findings, help: help)
    }

    func conversionHelp(from: ValueType, to: ValueType) -> String? {
        switch (from, to) {
        case (.optional(let wrapped), _) where to.accepts(wrapped): "say what counts if it is not there: .orValue(…)"
        case (_, .string) where from.isNumber || from == .bool: "string(…) makes text of it"
        case (.string, .int): "int(…) reads a number from text"
        case (.string, .double): "double(…) reads a number from text"
        case (.string, .duration): "duration(…) reads one from text such as \"250ms\""
        case (.string, .timestamp): "timestamp(…) reads one from text such as \"2026-01-31T12:00:00Z\""
        case (_, .bool): "compare it with something"
        case (_, .list): "a list is written [a, b]"
        default: nil
        }
    }

    func failure(_ range: Range<Int>) -> Typed { Typed(.failed, .dyn, range) }

    // MARK: Parts

    mutating func visit(_ syntax: Syntax, _ findings: inout Findings) -> Typed {
        switch syntax.kind {
        case .literal(let value): return Typed(.constant(value), value.type, syntax.range)
        case .name(let name): return visit(name: name, syntax.range, &findings)
        case .select(let operand, let field, let optional):
            return visit(select: operand, field, optional: optional, syntax, &findings)
        case .presence(let operand, let field): return visit(presence: operand, field, syntax.range, &findings)
        case .index(let operand, let index, let optional):
            return visit(index: operand, index, optional: optional, syntax.range, &findings)
        case .call(let name, let target, let arguments):
            return visit(call: name, target, arguments, syntax.range, &findings)
        case .comprehension(let comprehension): return visit(comprehension, syntax.range, &findings)
        case .unary(let symbol, let operand): return visit(symbol, operand, syntax.range, &findings)
        case .binary(let symbol, let place, let left, let right):
            return visit(symbol, place, left, right, syntax.range, &findings)
        case .and(let terms):
            return Typed(.and(visit(terms, of: "&&", &findings)), .bool, syntax.range)
        case .or(let terms):
            return Typed(.or(visit(terms, of: "||", &findings)), .bool, syntax.range)
        case .conditional(let condition, let yes, let no):
            return visit(condition, yes, no, syntax.range, &findings)
        case .list(let elements): return visit(elements, syntax.range, &findings)
        case .map(let entries): return visit(entries, syntax.range, &findings)
        case .message(let name, let entries): return visit(message: name, entries, syntax.range, &findings)
        }
    }

    private mutating func visit(_ terms: [Syntax], of symbol: String, _ findings: inout Findings) -> [Typed] {
        terms.map { term in
            let typed = visit(term, &findings)
            if !ValueType.bool.accepts(typed.type) {
                mismatch(
                    "'\(symbol)' wants bool, found \(typed.type)", term.range, &findings,
                    help: conversionHelp(from: typed.type, to: .bool))
            }
            return typed
        }
    }

    private mutating func visit(
        _ condition: Syntax, _ yes: Syntax, _ no: Syntax, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        let test = visit(condition, &findings)
        if !ValueType.bool.accepts(test.type) {
            mismatch(
                "the condition before '?' must be bool, found \(test.type)", condition.range, &findings,
                help: conversionHelp(from: test.type, to: .bool))
        }
        let first = visit(yes, &findings)
        let second = visit(no, &findings)
        guard let type = first.type.joined(second.type) else {
            mismatch(
                "the sides of ':' are \(first.type) and \(second.type)", yes.range.lowerBound..<no.range.upperBound,
                &findings, help: "make both of one type, or wrap one in dyn(…)")
            return failure(range)
        }
        return Typed(.conditional(test, first, second), type, range)
    }

    private mutating func visit(
        _ elements: [Syntax.Element], _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        var type: ValueType?
        var typed: [(value: Typed, optional: Bool)] = []
        for element in elements {
            let value = visit(element.value, &findings)
            let held = element.optional ? unwrapped(value, &findings) : value.type
            type = type.map { $0.joined(held) ?? .dyn } ?? held
            typed.append((value, element.optional))
        }
        return Typed(.list(typed), .list(type ?? .dyn), range)
    }

    private mutating func visit(
        _ entries: [Syntax.Entry], _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        var keys: ValueType?
        var values: ValueType?
        var typed: [(key: Typed, value: Typed, optional: Bool)] = []
        for entry in entries {
            let key = visit(entry.key, &findings)
            switch key.type {
            case .dyn, .bool, .int, .uint, .string: break
            default:
                mismatch("a key of a map is string, int, uint or bool, found \(key.type)", entry.key.range, &findings)
            }
            let value = visit(entry.value, &findings)
            let held = entry.optional ? unwrapped(value, &findings) : value.type
            keys = keys.map { $0.joined(key.type) ?? .dyn } ?? key.type
            values = values.map { $0.joined(held) ?? .dyn } ?? held
            typed.append((key, value, entry.optional))
        }
        return Typed(.map(typed), .map(keys ?? .dyn, values ?? .dyn), range)
    }

    /// What `?value` in a list, a map or a message holds.
    mutating func unwrapped(_ value: Typed, _ findings: inout Findings) -> ValueType {
        switch value.type {
        case .optional(let wrapped): return wrapped
        case .dyn: return .dyn
        default:
            mismatch(
                "'?' wants an optional, found \(value.type)", value.range, &findings,
                help: "leave out the '?', or read an optional: a.?b")
            return .dyn
        }
    }
}
