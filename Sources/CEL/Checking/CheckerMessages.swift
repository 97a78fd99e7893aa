import Diagnostics

// Messages: `google.protobuf.Duration{seconds: 90}`.
extension Checker {
    mutating func visit(
        message name: Syntax.Name, _ entries: [Syntax.MessageEntry], _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        guard let type = messageType(name.text, name.range) else {
            unknown(message: name, &findings)
            // What is wrong inside of it is told all the same.
            for entry in entries { _ = visit(entry.value, &findings) }
            return failure(range)
        }
        var typed: [(field: Int, value: Typed, optional: Bool)] = []
        for entry in entries {
            let value = visit(entry.value, &findings)
            let held = entry.optional ? unwrapped(value, &findings) : value.type
            guard let at = type.place(of: entry.field.text) else {
                unknown(entry.field, of: type, &findings)
                continue
            }
            let field = type.fields[at]
            if typed.contains(where: { $0.field == at }) {
                report(
                    ExpressionRules.syntax, "the field '\(field.name)' is set twice", entry.field.range, &findings,
                    help: "remove one of the two")
            }
            if !field.type.accepts(held), !(field.takesNull && held == .null) {
                mismatch(
                    "the field '\(field.name)' is \(field.type), found \(held)", value.range, &findings,
                    help: conversionHelp(from: held, to: field.type))
            }
            typed.append((at, value, entry.optional))
        }
        return Typed(.message(type, typed), type.made, range)
    }

    private mutating func unknown(message name: Syntax.Name, _ findings: inout Findings) {
        let messages = environment.messages
        let names = messages.names
        let suggestion = Suggest.nearest(name.text, among: names.map { messages.shortened($0) } + names)
        let shown = names.sorted().prefix(20).joined(separator: ", ")
        let more = names.count > 20 ? " and \(names.count - 20) more" : ""
        report(
            ExpressionRules.unknownName, "unknown message type '\(name.text)'", name.range, &findings,
            help: suggestion.map { "did you mean '\($0)'?" }
                ?? "a map is written {\"field\": value}; messages here: " + shown + more,
            suggestion: suggestion)
    }

    mutating func unknown(_ field: Syntax.Name, of type: any MessageType, _ findings: inout Findings) {
        let names = type.fields.map(\.name)
        let byJSON = type.fields.first { $0.jsonName.map { sameBytes($0, field.text) } == true }?.name
        let suggestion = byJSON ?? Suggest.nearest(field.text, among: names)
        report(
            ExpressionRules.unknownName, "\(type.name) has no field '\(field.text)'", field.range, &findings,
            help: help(suggestion, names.isEmpty ? "it has no fields" : "available: " + names.joined(separator: ", ")),
            suggestion: suggestion.flatMap(field.replacement))
    }

    // MARK: Names of types and enums

    func messageType(_ name: String, _ range: Range<Int>) -> (any MessageType)? {
        let messages = environment.messages
        return messages.candidates(name, isAbsolute: isAbsolute(range)).lazy.compactMap { messages.type(named: $0) }
            .first
    }

    /// Whether a dot in front says that the name is a full one.
    func isAbsolute(_ range: Range<Int>) -> Bool {
        range.lowerBound < text.bytes.count && text.bytes[range.lowerBound] == UInt8(ascii: ".")
    }

    /// A type or a value of an enum, by its qualified name; nil if it is none.
    mutating func declared(_ name: String, _ range: Range<Int>, _ findings: inout Findings) -> Typed? {
        let messages = environment.messages
        for candidate in messages.candidates(name, isAbsolute: isAbsolute(range)) {
            if let type = messages.type(named: candidate) {
                return Typed(.constant(.type(type.made)), .type(type.made), range)
            }
            if let enumeration = messages.enumeration(named: candidate) {
                report(
                    ExpressionRules.unknownName, "'\(name)' is an enum, not a value", range, &findings,
                    help: enumeration.values.first.map { "write one of its values: \(name).\($0.name)" })
                return failure(range)
            }
            guard let dot = candidate.lastIndex(of: "."),
                let enumeration = messages.enumeration(named: String(candidate[..<dot]))
            else { continue }
            let value = candidate[candidate.index(after: dot)...]
            if let found = enumeration.values.first(where: { $0.name.utf8.elementsEqual(value.utf8) }) {
                return Typed(.constant(.int(found.number)), .int, range)
            }
            unknown(value: String(value), of: enumeration, range, &findings)
            return failure(range)
        }
        return nil
    }

    private mutating func unknown(
        value: String, of enumeration: EnumType, _ range: Range<Int>, _ findings: inout Findings
    ) {
        let names = enumeration.values.map(\.name)
        let suggestion = Suggest.nearest(value, among: names)
        let shown = names.prefix(20).joined(separator: ", ")
        let more = names.count > 20 ? " and \(names.count - 20) more" : ""
        let place = max(range.lowerBound, range.upperBound - value.utf8.count)..<range.upperBound
        report(
            ExpressionRules.unknownName, "\(enumeration.name) has no value '\(value)'", place, &findings,
            help: help(suggestion, "available: " + shown + more), suggestion: suggestion)
    }

    /// What to write where a field of an enum is compared with the name of a value.
    func enumHelp(_ sides: [(syntax: Syntax, typed: Typed)]) -> String? {
        for (side, other) in [(0, 1), (1, 0)] {
            guard case .constant(.string(let name)) = sides[other].typed.kind,
                let enumeration = enumeration(sides[side].syntax, sides[side].typed)
            else { continue }
            let names = enumeration.values.map(\.name)
            guard let value = names.first(where: { sameBytes($0, name) }) ?? Suggest.nearest(name, among: names) else {
                return nil
            }
            return "the values of an enum are ints: write \(environment.messages.shortened(enumeration.name)).\(value)"
        }
        return nil
    }

    /// The enum of the field that a part of the expression reads.
    private func enumeration(_ syntax: Syntax, _ typed: Typed) -> EnumType? {
        guard case .select(let operand, let field, _) = syntax.kind else { return nil }
        var holder = root(operand)?.type
        if case .select(let object, _, _) = typed.kind { holder = object.type }
        guard case .message(let name)? = holder, let type = environment.messages.type(named: name),
            let at = type.place(of: field.text), let enumeration = type.fields[at].enumeration
        else { return nil }
        return environment.messages.enumeration(named: enumeration)
    }
}
