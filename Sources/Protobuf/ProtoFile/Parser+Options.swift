import Diagnostics

// Options and their values.
extension Parser {
    mutating func optionStatement() throws(Malformed) -> OptionSyntax {
        advance()
        let option = try option()
        try endStatement("the option")
        return option
    }

    /// `[a = 1, (b).c = "d"]`, if there is one.
    mutating func compactOptions() throws(Malformed) -> [OptionSyntax] {
        guard take("[") else { return [] }
        var options: [OptionSyntax] = []
        repeat { options.append(try option()) } while take(",")
        try expect("]", "behind the options")
        return options
    }

    mutating func option() throws(Malformed) -> OptionSyntax {
        var parts: [OptionSyntax.Part] = []
        repeat {
            if take("(") {
                let name = try dottedName("the name of an option's extension")
                try expect(")", "behind the extension's name")
                parts.append(OptionSyntax.Part(name: name, isExtension: true))
            } else {
                parts.append(OptionSyntax.Part(name: try identifier("the name of an option"), isExtension: false))
            }
        } while take(".")
        try expect("=", "and a value behind the option's name")
        return OptionSyntax(parts: parts, value: try value("the option's value", mayBeAggregate: true))
    }

    mutating func value(_ what: String, mayBeAggregate: Bool) throws(Malformed) -> ValueSyntax {
        if mayBeAggregate, isAt("{") {
            let start = current.span
            let fields = try aggregate("}")
            return ValueSyntax(kind: .message(fields), span: start.to(previous.span))
        }
        return try scalar(what, ignoresCase: false)
    }

    private mutating func scalar(_ what: String, ignoresCase: Bool) throws(Malformed) -> ValueSyntax {
        let start = current.span
        let isNegative = take("-")
        let token = current
        switch token.kind {
        case .identifier:
            advance()
            let word = text(token)
            guard isNegative else { return ValueSyntax(kind: .identifier(word), span: token.span) }
            let span = start.to(token.span)
            let plain = ignoresCase ? word.lowercased() : word
            if plain == "inf" || ignoresCase && plain == "infinity" {
                return ValueSyntax(kind: .float(-.infinity), span: span)
            }
            // Only the text format keeps the sign.
            if plain == "nan" { return ValueSyntax(kind: .float(ignoresCase ? -.nan : .nan), span: span) }
            report("only numbers take a minus sign", span, rule: ProtoRules.value)
            return ValueSyntax(kind: .identifier(word), span: span)
        case .integer:
            advance()
            let span = start.to(token.span)
            guard let magnitude = Literals.integer(bytes(of: token)) else {
                let value = Literals.double(bytes(of: token))
                return ValueSyntax(kind: .float(isNegative ? -value : value), span: span)
            }
            return ValueSyntax(kind: .integer(isNegative: isNegative, magnitude), span: span)
        case .float:
            advance()
            let value = Literals.double(bytes(of: token))
            return ValueSyntax(kind: .float(isNegative ? -value : value), span: start.to(token.span))
        case .string where !isNegative:
            let (bytes, span) = try string(what)
            return ValueSyntax(kind: .string(bytes), span: span)
        default:
            throw missing(isNegative ? "a number behind the minus sign" : what)
        }
    }

    // MARK: The text format

    /// Fields up to the bracket that closes them; the bracket that opens them stands here.
    private mutating func aggregate(_ close: StaticString) throws(Malformed) -> [AggregateField] {
        let open = current.span
        advance()
        depth += 1
        defer { depth -= 1 }
        if depth > Parser.maximumDepth {
            report("the value is nested deeper than \(Parser.maximumDepth) levels", open, rule: ProtoRules.limit)
            throw Malformed()
        }
        var fields: [AggregateField] = []
        while !take(close) {
            if isAtEnd {
                report("the value is never closed", open, label: "opened here", help: "it ends with `\(close)`")
                throw Malformed()
            }
            do throws(Malformed) {
                fields.append(try aggregateField())
                if !take(",") { _ = take(";") }
            } catch {
                skipAggregate(close)
                throw Malformed()
            }
        }
        return fields
    }

    /// Past the bracket that closes the value, so that the statement around it ends where it was meant to.
    private mutating func skipAggregate(_ close: StaticString) {
        var open = 0
        while !isAtEnd {
            if open == 0, isAt(close) {
                advance()
                return
            }
            if isAt("{") { open += 1 }
            if isAt("}") {
                if open == 0 { return }
                open -= 1
            }
            advance()
        }
    }

    private mutating func aggregateField() throws(Malformed) -> AggregateField {
        var key = AggregateField.Key.field
        let name: Name
        if take("[") {
            let path = try dottedName("the name of an extension, or the URL of a message", mayLead: false)
            if isAt("/") {
                var domain = path.text
                var last = path
                while take("/") {
                    if last.span != path.span { domain += "/" + last.text }
                    last = try dottedName("the name of a message", mayLead: false)
                }
                key = .any(domain: domain + "/")
                name = last
            } else {
                key = .extension
                name = path
            }
            try expect("]", "behind the name")
        } else {
            name = try identifier("the name of a field, or the end of the value")
        }
        let hasColon = take(":")
        if isAt("{") || isAt("<") {
            return AggregateField(key: key, name: name, value: try messageValue())
        }
        if isAt("[") {
            let start = current.span
            let list = try listValue()
            // Messages need no colon, alone or in a list.
            if !hasColon, case .list(let values) = list.kind, !values.allSatisfy(\.isMessage) {
                report("expected `:` before the list", start)
            }
            return AggregateField(key: key, name: name, value: list)
        }
        guard hasColon else { throw missing("`:` behind the field's name") }
        return AggregateField(key: key, name: name, value: try scalar("a value", ignoresCase: true))
    }

    private mutating func messageValue() throws(Malformed) -> ValueSyntax {
        let start = current.span
        let fields = try aggregate(isAt("<") ? ">" : "}")
        return ValueSyntax(kind: .message(fields), span: start.to(previous.span))
    }

    private mutating func listValue() throws(Malformed) -> ValueSyntax {
        let start = current.span
        advance()
        var values: [ValueSyntax] = []
        if !take("]") {
            repeat {
                if isAt("{") || isAt("<") {
                    values.append(try messageValue())
                } else {
                    values.append(try scalar("a value", ignoresCase: true))
                }
            } while take(",")
            try expect("]", "behind the list")
        }
        return ValueSyntax(kind: .list(values), span: start.to(previous.span))
    }
}
