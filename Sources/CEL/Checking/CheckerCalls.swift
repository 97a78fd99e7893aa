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
            let place = target.range.lowerBound..<name.range.upperBound
            // A macro with the wrong number of arguments: its variable would only be reported as unknown as well.
            if space + "." + name.text == Macro.bind.rawValue {
                unknownFunction(Macro.bind.rawValue, place, .function, &findings)
                return failure(range)
            }
            let typed = arguments.map { visit($0, &findings) }
            return resolve(space + "." + name.text, place, .function, typed, range, &findings)
        }
        let object = visit(target, &findings)
        // A macro with the wrong number of arguments: its variable would only be reported as unknown as well.
        if Macro(method: name.text) != nil {
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
            let meant = callMeant(name, style, arguments, range)
            unknownFunction(name, place, style, on: arguments.first?.type, meant: meant, &findings)
            return failure(range)
        }
        var arguments = arguments
        if function.gathersNumbers, arguments.count > 1 {
            guard let list = gathered(arguments, name, &findings) else { return failure(range) }
            arguments = [list]
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
        if let fault = Overload.fault(of: candidates, arguments, environment.ambient) {
            report(ExpressionRules.constantFailure, fault.message, arguments[fault.argument].range, &findings)
            return failure(range)
        }
        return Typed(.call(name, candidates, arguments), result, range)
    }

    /// Any number of numbers as a list of them.
    private mutating func gathered(_ numbers: [Typed], _ name: String, _ findings: inout Findings) -> Typed? {
        var isRight = true
        for number in numbers where !number.type.isNumber && !number.type.isDynamic {
            mismatch("'\(name)' takes numbers, found \(number.type)", number.range, &findings)
            isRight = false
        }
        guard isRight, let first = numbers.first, let last = numbers.last else { return nil }
        let type = numbers.dropFirst().reduce(first.type) { $0.joined($1.type) ?? .dyn }
        return Typed(
            .list(numbers.map { (value: $0, optional: false) }), .list(type),
            first.range.lowerBound..<last.range.upperBound)
    }

    /// What functions are called elsewhere.
    private static let ofOtherLanguages = [
        "len": "size", "length": "size", "count": "size", "toUpperCase": "upperAscii", "toUpper": "upperAscii",
        "upper": "upperAscii", "toLowerCase": "lowerAscii", "toLower": "lowerAscii", "lower": "lowerAscii",
        "includes": "contains", "strip": "trim", "str": "string", "toString": "string", "parseInt": "int",
        "parseFloat": "double", "float": "double", "hasPrefix": "startsWith", "hasSuffix": "endsWith",
    ]

    /// `upperAscii(x)` as `x.upperAscii()` and `x.int()` as `int(x)`, where that is right and short.
    private func callMeant(
        _ name: String, _ style: Function.Style, _ arguments: [Typed], _ range: Range<Int>
    ) -> String? {
        guard range.count <= 60, let function = FunctionTable.function(name, style == .method ? .function : .method),
            let first = arguments.first, function.overloads.contains(where: { $0.result(arguments.map(\.type)) != nil })
        else { return nil }
        let texts = arguments.map { String(decoding: text.bytes[$0.range], as: UTF8.self) }
        guard !texts.contains(where: { $0.contains(where: \.isNewline) || $0.contains("`") }) else { return nil }
        if style == .method { return "\(name)(\(texts.joined(separator: ", ")))" }
        // Of an operator's two sides only the last one would be called on.
        let isPlain = text.bytes[first.range].allSatisfy {
            $0 >= 0x80 || "_.".utf8.contains($0) || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
        }
        return isPlain ? "\(texts[0]).\(name)(\(texts.dropFirst().joined(separator: ", ")))" : nil
    }

    private mutating func unknownFunction(
        _ name: String, _ place: Range<Int>, _ style: Function.Style, on target: ValueType? = nil,
        meant: String? = nil, _ findings: inout Findings
    ) {
        let other: Function.Style = style == .method ? .function : .method
        if let function = FunctionTable.function(name, other) {
            report(
                ExpressionRules.unknownFunction,
                style == .method ? "'\(name)' is not called on a value" : "'\(name)' is called on a value", place,
                &findings, help: meant.map { "write `\($0)`" } ?? "it is \(function.signatures)")
            return
        }
        if Macro(method: name) != nil || name == "has" || name == "cel.bind" {
            report(
                ExpressionRules.unknownFunction, "'\(name)' is not called like this", place, &findings,
                help: FunctionTable.macroUsage(name))
            return
        }
        let suggestion =
            Self.ofOtherLanguages[name].flatMap { FunctionTable.names(style).contains($0) ? $0 : nil }
            ?? Suggest.nearest(name, among: FunctionTable.names(style))
        let available: String
        if style == .method {
            let on = target.map { $0.isDynamic ? "a value" : article($0) } ?? "a value"
            available = "called on \(on) are " + FunctionTable.methodNames(on: target ?? .dyn).joined(separator: ", ")
        } else {
            available = "there are " + FunctionTable.functionNames(beside: name).joined(separator: ", ")
        }
        report(
            ExpressionRules.unknownFunction, "unknown function '\(name)'", place, &findings,
            help: suggestion.map { "did you mean '\($0)'?" } ?? available, suggestion: suggestion)
    }
}
