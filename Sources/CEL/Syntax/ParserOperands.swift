extension Parser {
    /// What follows an operand: `.field`, `.?field`, `.method(…)`, `[index]`, `[?index]`.
    mutating func member(_ operand: Syntax, from start: Int) throws(SyntaxError) -> Syntax {
        var operand = operand
        while true {
            if try take(.dot) {
                let optional = try take(.question)
                let name = try fieldName()
                if !optional, at(.openParenthesis), case .plain(let method) = name {
                    operand = try call(method, target: operand, from: start)
                } else {
                    operand = try make(.select(operand, name.name, optional: optional), from: start)
                    if at(.openBrace), case .plain = name, operand.isQualifiedName {
                        operand = try message(operand, from: start)
                    }
                }
            } else if at(.openBracket) {
                try openBracket(.openBracket)
                let optional = try take(.question)
                let index = try expression()
                try close(.closeBracket, "']'")
                operand = try make(.index(operand, index, optional: optional), from: start)
            } else {
                return operand
            }
        }
    }

    private enum FieldName {
        case plain(Syntax.Name)
        case quoted(Syntax.Name)

        var name: Syntax.Name {
            switch self {
            case .plain(let name), .quoted(let name): name
            }
        }
    }

    /// Any word may stand behind a dot, reserved or not.
    private mutating func fieldName(_ wanted: String = "a field name") throws(SyntaxError) -> FieldName {
        let range = token.range
        switch token.kind {
        case .name(let text):
            try advance()
            return .plain(Syntax.Name(text: text, range: range))
        case .quotedName(let text):
            try advance()
            let inner = range.lowerBound + 1..<range.upperBound - 1
            return .quoted(Syntax.Name(text: text, range: inner, form: .quoted))
        default: throw unexpected(wanted)
        }
    }

    mutating func primary() throws(SyntaxError) -> Syntax {
        let start = token.range.lowerBound
        switch token.kind {
        case .int(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw SyntaxError(
                    message: "the number is too large for an int", range: token.range,
                    help: "an int goes to 9223372036854775807; write it as 9223372036854775808u for a uint")
            }
            return try literal(.int(value), from: start)
        case .uint(let value): return try literal(.uint(value), from: start)
        case .double(let value): return try literal(.double(value), from: start)
        case .string(let value): return try literal(.string(value), from: start)
        case .bytes(let value): return try literal(.bytes(value), from: start)
        case .name(let word): return try name(word, from: start)
        case .quotedName:
            throw SyntaxError(
                message: "a name in back quotes stands only after a dot", range: token.range)
        case .symbol(.openParenthesis):
            try openBracket(.openParenthesis)
            let inner = try expression()
            try close(.closeParenthesis, "')'")
            return inner
        case .symbol(.openBracket): return try list(from: start)
        case .symbol(.openBrace): return try map(from: start)
        case .symbol(.dot):
            // `.a` is `a` looked up from the root, past the variables of macros; here there is one root.
            try advance()
            guard case .name(let word) = token.kind else { throw unexpected("a name") }
            return try name(word, from: start)
        case .symbol, .end: throw unexpected("a value")
        }
    }

    private mutating func literal(_ value: Value, from start: Int) throws(SyntaxError) -> Syntax {
        try advance()
        return try make(.literal(value), from: start)
    }

    /// Words that CEL keeps for itself and its hosts; they are free behind a dot.
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    private mutating func name(_ word: String, from start: Int) throws(SyntaxError) -> Syntax {
        let range = token.range
        switch word {
        case "true": return try literal(.bool(true), from: start)
        case "false": return try literal(.bool(false), from: start)
        case "null": return try literal(.null, from: start)
        case "in": throw unexpected("a value")
        default: break
        }
        if Self.reserved.contains(word) {
            throw SyntaxError(
                message: "'\(word)' is a reserved word", range: range,
                help: word == "if" ? "write a conditional: condition ? value : other" : nil)
        }
        try advance()
        if at(.openParenthesis) { return try call(Syntax.Name(text: word, range: range), target: nil, from: start) }
        let name = try make(.name(word), from: start)
        return at(.openBrace) ? try message(name, from: start) : name
    }

    // MARK: Lists, maps, messages

    private mutating func list(from start: Int) throws(SyntaxError) -> Syntax {
        try openBracket(.openBracket)
        var elements: [Syntax.Element] = []
        while !at(.closeBracket) {
            let optional = try take(.question)
            elements.append(Syntax.Element(value: try expression(), optional: optional))
            guard try take(.comma) else { break }
        }
        try close(.closeBracket, "',' or ']'")
        return try make(.list(elements), from: start)
    }

    private mutating func map(from start: Int) throws(SyntaxError) -> Syntax {
        let entries = try entries()
        return try make(.map(entries), from: start)
    }

    private mutating func entries() throws(SyntaxError) -> [Syntax.Entry] {
        try openBracket(.openBrace)
        var entries: [Syntax.Entry] = []
        while !at(.closeBrace) {
            let optional = try take(.question)
            let key = try expression()
            guard try take(.colon) else { throw unexpected("':' and a value") }
            entries.append(Syntax.Entry(key: key, value: try expression(), optional: optional))
            guard try take(.comma) else { break }
        }
        try close(.closeBrace, "',' or '}'")
        return entries
    }

    /// `Name{field: value, ?other: optional}`
    private mutating func message(_ name: Syntax, from start: Int) throws(SyntaxError) -> Syntax {
        let name = Syntax.Name(text: name.qualifiedName ?? "", range: start..<lastEnd)
        try openBracket(.openBrace)
        var entries: [Syntax.MessageEntry] = []
        while !at(.closeBrace) {
            let optional = try take(.question)
            let field = try fieldName("a field name or '}'").name
            guard try take(.colon) else { throw unexpected("':' and a value") }
            entries.append(Syntax.MessageEntry(field: field, value: try expression(), optional: optional))
            guard try take(.comma) else { break }
        }
        try close(.closeBrace, "',' or '}'")
        return try make(.message(name, entries), from: start)
    }

    // MARK: Calls

    private mutating func call(
        _ name: Syntax.Name, target: Syntax?, from start: Int
    ) throws(SyntaxError) -> Syntax {
        try openBracket(.openParenthesis)
        var arguments: [Syntax] = []
        while !at(.closeParenthesis) {
            arguments.append(try expression())
            guard try take(.comma) else { break }
            if at(.closeParenthesis) { throw unexpected("an argument") }
        }
        try close(.closeParenthesis, "',' or ')'")
        if let expanded = try expand(name, target, arguments, from: start) { return expanded }
        return try make(.call(name, target: target, arguments), from: start)
    }
}

extension Syntax {
    /// `a.b.c`, as type names and namespaces are written.
    var isQualifiedName: Bool { qualifiedName != nil }

    var qualifiedName: String? {
        switch kind {
        case .name(let text): text
        case .select(let operand, let field, optional: false):
            operand.qualifiedName.map { $0 + "." + field.text }
        default: nil
        }
    }
}
