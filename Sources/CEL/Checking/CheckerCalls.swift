import Diagnostics

// Calls of functions, methods and macros.
extension Checker {
    mutating func visit(
        call name: Syntax.Name, _ target: Syntax?, _ arguments: [Syntax], _ range: Range<Int>,
        _ findings: inout Findings
    ) -> Typed {
        guard let target else {
            let typed = arguments.map { visit($0, &findings) }
            return resolve(name.text, name.range, .function, typed, range, &findings)
        }
        // `url.encode(x)`: a namespace, unless the name in front is a value.
        if let space = target.qualifiedName, !isKnown(target), FunctionTable.isNamespace(space) {
            let typed = arguments.map { visit($0, &findings) }
            let place = target.range.lowerBound..<name.range.upperBound
            return resolve(space + "." + name.text, place, .function, typed, range, &findings)
        }
        let object = visit(target, &findings)
        // A macro with the wrong number of arguments: its variable would only be reported as unknown as well.
        if Macro(rawValue: name.text) != nil {
            unknownFunction(name.text, name.range, .method, &findings)
            return failure(range)
        }
        let typed = [object] + arguments.map { visit($0, &findings) }
        return resolve(name.text, name.range, .method, typed, range, &findings)
    }

    private func isKnown(_ syntax: Syntax) -> Bool {
        switch syntax.kind {
        case .name(let name): slot(name) != nil || environment.root(name) != nil
        case .select(let operand, _, _): isKnown(operand)
        default: false
        }
    }

    private mutating func resolve(
        _ name: String, _ place: Range<Int>, _ style: Function.Style, _ arguments: [Typed], _ range: Range<Int>,
        _ findings: inout Findings
    ) -> Typed {
        guard let function = FunctionTable.function(name, style) else {
            unknownFunction(name, place, style, &findings)
            return failure(range)
        }
        let types = arguments.map(\.type)
        var candidates: [Overload] = []
        var result: ValueType?
        for overload in function.overloads {
            guard let type = overload.result(types) else { continue }
            result = result.map { $0.joined(type) ?? .dyn } ?? type
            candidates.append(overload)
        }
        guard let result else {
            let shown = style == .method ? types.dropFirst() : types[...]
            let found = "(" + shown.map(\.description).joined(separator: ", ") + ")"
            let on = style == .method ? types.first.map { " on \($0)" } ?? "" : ""
            mismatch(
                "'\(name)' does not take \(found)\(on)", place, &findings,
                help: "it is \(function.signatures)")
            return failure(range)
        }
        return Typed(.call(name, candidates, arguments), result, range)
    }

    private mutating func unknownFunction(
        _ name: String, _ place: Range<Int>, _ style: Function.Style, _ findings: inout Findings
    ) {
        let other: Function.Style = style == .method ? .function : .method
        if let function = FunctionTable.function(name, other) {
            report(
                ExpressionRules.unknownFunction,
                style == .method ? "'\(name)' is not called on a value" : "'\(name)' is called on a value", place,
                &findings, help: "it is \(function.signatures)")
            return
        }
        if Macro(rawValue: name) != nil || name == "has" {
            report(
                ExpressionRules.unknownFunction, "'\(name)' is not called like this", place, &findings,
                help: FunctionTable.macroUsage(name))
            return
        }
        let names = FunctionTable.names(style)
        let suggestion = Suggest.nearest(name, among: names)
        let kind = style == .method ? "called on a value are" : "there are"
        report(
            ExpressionRules.unknownFunction, "unknown function '\(name)'", place, &findings,
            help: suggestion.map { "did you mean '\($0)'?" } ?? "\(kind) " + names.joined(separator: ", "),
            suggestion: suggestion)
    }

    // MARK: Macros

    mutating func visit(
        _ macro: Syntax.Comprehension, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        let over = visit(macro.over, &findings)
        let isOptional = macro.macro == .optMap || macro.macro == .optFlatMap
        let element: ValueType
        switch over.type {
        case .list(let held) where !isOptional: element = held
        case .map(let key, _) where !isOptional: element = key
        case .optional(let held) where isOptional: element = held
        case .dyn: element = .dyn
        default:
            mismatch(
                "'\(macro.name.text)' wants \(isOptional ? "an optional" : "a list or a map"), found \(over.type)",
                macro.name.range, &findings)
            element = .dyn
        }
        let slot = variables.count
        variables.append((macro.variable.text, element))
        defer { variables.removeLast() }
        let condition = macro.condition.map { syntax in
            bool(syntax, of: macro.name.text, &findings)
        }
        let body: Typed
        let type: ValueType
        switch macro.macro {
        case .all, .exists, .existsOne:
            body = bool(macro.body, of: macro.name.text, &findings)
            type = .bool
        case .filter:
            body = bool(macro.body, of: macro.name.text, &findings)
            type = .list(element)
        case .map:
            body = visit(macro.body, &findings)
            type = .list(body.type)
        case .optMap:
            body = visit(macro.body, &findings)
            type = .optional(body.type)
        case .optFlatMap:
            body = visit(macro.body, &findings)
            if !body.type.isOptional, !body.type.isDynamic {
                mismatch(
                    "'optFlatMap' wants an optional as its result, found \(body.type)", macro.body.range, &findings,
                    help: "optMap wraps the result itself")
            }
            type = body.type.isDynamic ? .optional(.dyn) : body.type
        }
        return Typed(.loop(macro.macro, over: over, slot: slot, condition: condition, body: body), type, range)
    }

    private mutating func bool(_ syntax: Syntax, of name: String, _ findings: inout Findings) -> Typed {
        let typed = visit(syntax, &findings)
        if !ValueType.bool.accepts(typed.type) {
            mismatch("the condition of '\(name)' must be bool, found \(typed.type)", syntax.range, &findings)
        }
        return typed
    }
}
