import Diagnostics

// Messages: `google.protobuf.Duration{seconds: 90}`.
extension Checker {
    mutating func visit(
        message name: Syntax.Name, _ entries: [Syntax.MessageEntry], _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        guard let type = environment.messages.type(named: name.text) else {
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
        let suggestion = Suggest.nearest(name.text, among: environment.messages.names)
        report(
            ExpressionRules.unknownName, "unknown message type '\(name.text)'", name.range, &findings,
            help: suggestion.map { "did you mean '\($0)'?" }
                ?? "a map is written {\"field\": value}; messages here: "
                + environment.messages.names.sorted().joined(separator: ", "),
            suggestion: suggestion)
    }

    mutating func unknown(_ field: Syntax.Name, of type: any MessageType, _ findings: inout Findings) {
        let names = type.fields.map(\.name)
        let suggestion = Suggest.nearest(field.text, among: names)
        report(
            ExpressionRules.unknownName, "\(type.name) has no field '\(field.text)'", field.range, &findings,
            help: help(suggestion, names.isEmpty ? "it has no fields" : "available: " + names.joined(separator: ", ")),
            suggestion: suggestion.flatMap(field.replacement))
    }
}
