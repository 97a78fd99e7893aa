package import Diagnostics

/// A CEL expression, parsed but not yet checked against what it can see.
package struct Expression: Sendable {
    package let text: PlacedText
    let syntax: Syntax

    /// Reports what is wrong with the syntax, and gives nil then.
    package static func parse(_ text: PlacedText, _ findings: inout Findings) -> Expression? {
        if ExpressionRules.refuseVariables(in: text, sparesUnknown: true, &findings) { return nil }
        var parser = Parser(text)
        guard let syntax = parser.parse(&findings) else { return nil }
        return Expression(text: text, syntax: syntax)
    }

    /// Checks names and types, and plans the evaluation; all mistakes are reported, not just the first.
    ///
    /// - Parameter expecting: the type that the place wants; a value known only at run time is checked then.
    package func check(
        _ environment: Environment, expecting: ValueType? = nil, _ findings: inout Findings
    ) -> Program? {
        var checker = Checker(text, environment)
        guard let typed = checker.check(syntax, expecting: expecting, &findings) else { return nil }
        var planner = Planner(text, environment)
        return planner.program(typed, expecting: expecting, checker.usage, &findings)
    }
}
