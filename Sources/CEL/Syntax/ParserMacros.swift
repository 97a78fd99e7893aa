// Macros: calls that bind names, told apart from functions while the text is read.
extension Parser {
    /// Nil for a call that is no macro, or has none of the numbers of arguments that the macro takes.
    func expand(
        _ name: Syntax.Name, _ target: Syntax?, _ arguments: [Syntax], from start: Int
    ) throws(SyntaxError) -> Syntax? {
        guard let target else {
            guard name.text == "has", arguments.count == 1, let argument = arguments.first else { return nil }
            guard case .select(let operand, let field, optional: false) = argument.kind else {
                throw SyntaxError(
                    message: "'has' wants a field: has(a.b)", range: argument.range,
                    help: "to look for a key of any text, write \"key\" in a")
            }
            return try make(.presence(operand, field), from: start)
        }
        if case .name("cel") = target.kind, name.text == "bind", arguments.count == 3 {
            return try comprehension(.bind, name, over: arguments[1], [arguments[0]], nil, arguments[2], from: start)
        }
        guard let macro = Macro(method: name.text), let body = arguments.last else { return nil }
        // The most variables that leave room for the body, and for a condition if one more is there.
        for variables in macro.variableCounts {
            if arguments.count == variables + 1 {
                let names = Array(arguments[..<variables])
                return try comprehension(macro, name, over: target, names, nil, body, from: start)
            }
            if macro.takesCondition, arguments.count == variables + 2 {
                let names = Array(arguments[..<variables])
                return try comprehension(macro, name, over: target, names, arguments[variables], body, from: start)
            }
        }
        return nil
    }

    private func comprehension(
        _ macro: Macro, _ name: Syntax.Name, over: Syntax, _ variables: [Syntax], _ condition: Syntax?,
        _ body: Syntax, from start: Int
    ) throws(SyntaxError) -> Syntax {
        var names: [Syntax.Name] = []
        for variable in variables {
            guard case .name(let text) = variable.kind else {
                throw SyntaxError(
                    message: Self.variableMessage(macro, name.text, names.count, of: variables.count),
                    range: variable.range, help: "as in \(FunctionTable.macroExample(macro, name.text))")
            }
            if let first = names.first, sameBytes(first.text, text) {
                throw SyntaxError(
                    message: "both variables of '\(name.text)' are called '\(text)'", range: variable.range,
                    help: "give each a name of its own")
            }
            names.append(Syntax.Name(text: text, range: variable.range))
        }
        guard let first = names.first else { throw unexpected("a name") }
        return try make(
            .comprehension(
                Syntax.Comprehension(
                    macro: macro, name: name, over: over, variable: first, second: names.dropFirst().first, body: body,
                    condition: condition)), from: start)
    }

    private static func variableMessage(_ macro: Macro, _ name: String, _ at: Int, of count: Int) -> String {
        if macro == .bind { return "the first argument of 'cel.bind' is a name for the value" }
        if count == 1 { return "the first argument of '\(name)' is a name for each element" }
        return at == 0
            ? "the first argument of '\(name)' is a name for each index or key"
            : "the second argument of '\(name)' is a name for each value"
    }
}
