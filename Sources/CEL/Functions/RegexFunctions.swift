// Patterns in RE2's syntax: CEL's `matches` and the extension `regex`. Where the pattern is known at load the planner
// compiles it once (PatternCall); these are for patterns that are worked out.
let regexFunctions: [Function] = [
    Function("matches", .method, [matches]),
    Function("matches", .function, [matches]),
    Function(
        "regex.extract", .function,
        [
            Overload(
                [.string, .string], .optional(.string), planning: .pattern(.extract),
                .two { apply(.extract, $0, $1, frame: &$2) })
        ]),
    Function(
        "regex.extractAll", .function,
        [
            Overload(
                [.string, .string], .list(.string), planning: .pattern(.extractAll),
                .two { apply(.extractAll, $0, $1, frame: &$2) })
        ]),
    Function(
        "regex.replace", .function,
        [
            Overload(
                [.string, .string, .string], .string, planning: .pattern(.replace),
                .three { apply(.replace, $0, $1, $2, .int(-1), frame: &$3) }),
            Overload(
                [.string, .string, .string, .int], .string, planning: .pattern(.replace),
                .four { apply(.replace, $0, $1, $2, $3, frame: &$4) }),
        ]),
]

private let matches = Overload(
    [.string, .string], .bool, planning: .pattern(.matches), .two { apply(.matches, $0, $1, frame: &$2) })

private func apply(
    _ operation: PatternOperation, _ text: Value, _ pattern: Value, _ replacement: Value = .null,
    _ count: Value = .int(-1), frame: inout Frame
) -> Value {
    guard case .string(let string) = text, case .string(let source) = pattern, case .int(let number) = count else {
        return text
    }
    do throws(PatternError) {
        let expression = try operation.fitted(PatternCache.shared.expression(source))
        // Compiled before, it costs as much: whether an expression ends does not depend on those that ran before it.
        guard frame.pay(expression.effort) else { return .exhausted }
        var parsed: Replacement?
        if case .string(let text) = replacement { parsed = try Replacement(text, groups: expression.groups.count) }
        return operation.evaluate(expression, string, parsed, count: number, &frame)
    } catch {
        return .failure("the pattern \(quoted(source)) cannot be used: \(error.message)")
    }
}
