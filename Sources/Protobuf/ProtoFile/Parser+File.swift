import Diagnostics

// The statements of a file.
extension Parser {
    mutating func syntaxStatement() throws(Malformed) {
        let isEdition = isAt("edition")
        advance()
        try expect("=", isEdition ? "behind `edition`" : "behind `syntax`")
        let (bytes, span) = try string(isEdition ? "the edition in quotes" : "\"proto2\" or \"proto3\"")
        let text = String(decoding: bytes, as: UTF8.self)
        if isEdition {
            edition(text, span)
        } else if bytes.elementsEqual("proto2".utf8) {
            file.edition = .proto2
        } else if bytes.elementsEqual("proto3".utf8) {
            file.edition = .proto3
        } else {
            report(
                "there is no syntax `\(text)`", span, rule: ProtoRules.edition,
                help: "the syntaxes are \"proto2\" and \"proto3\"; an edition is named by `edition = \"2023\";`")
            file.edition = .proto3
        }
        try endStatement("the \(isEdition ? "edition" : "syntax")")
    }

    private mutating func edition(_ text: String, _ span: Span) {
        file.edition = .edition2023
        if text.utf8.elementsEqual("2023".utf8) { return }
        report(
            "edition `\(text)` is not known here", span, rule: ProtoRules.edition,
            help: "this program knows edition \"2023\", and the syntaxes \"proto2\" and \"proto3\"")
    }

    mutating func topLevelStatement() throws(Malformed) {
        if take(";") { return }
        if isAt("message") {
            file.messages.append(try message())
        } else if isAt("enum") {
            file.enums.append(try enumeration())
        } else if isAt("service") {
            file.services.append(try service())
        } else if isAt("extend") {
            var found: ([FieldSyntax], [MessageSyntax]) = ([], [])
            defer {
                file.extensions += found.0
                file.messages += found.1
            }
            try extend(&found.0, &found.1)
        } else if isAt("import") {
            try importStatement()
        } else if isAt("package") {
            try packageStatement()
        } else if isAt("option") {
            file.options.statements.append(try optionStatement())
        } else if isAt("syntax") || isAt("edition") {
            report("`\(text(current))` must be the first statement of the file", current.span)
            throw Malformed()
        } else {
            let words = [
                "message", "enum", "service", "extend", "import", "package", "option", "syntax", "edition",
            ]
            let near = nearestKeyword(current, among: words)
            throw missing(
                "a statement such as `message`, `enum` or `service`", help: near.map { "did you mean `\($0)`?" },
                suggestion: near)
        }
    }

    private mutating func importStatement() throws(Malformed) {
        advance()
        var kind = ImportSyntax.Kind.plain
        if take("public") { kind = .public } else if take("weak") { kind = .weak }
        let (bytes, span) = try string("the file to import, in quotes")
        if file.imports.count == Parser.maximumImports {
            report("the file has more than \(Parser.maximumImports) imports", span, rule: ProtoRules.limit)
        }
        guard file.imports.count < Parser.maximumImports else { throw Malformed() }
        file.imports.append(ImportSyntax(path: ProtoPath(bytes), kind: kind, span: span))
        try endStatement("the import")
    }

    private mutating func packageStatement() throws(Malformed) {
        let start = current.span
        advance()
        let name = try dottedName("the name of the package", mayLead: false)
        if file.package != nil {
            report("the file has a package already", start.to(name.span), rule: ProtoRules.name)
        } else {
            file.package = name
        }
        try endStatement("the package")
    }

    // MARK: Services

    private mutating func service() throws(Malformed) -> ServiceSyntax {
        advance()
        var service = ServiceSyntax(name: try identifier("the name of the service"))
        try block("service") { parser throws(Malformed) in
            if parser.isAt("option") {
                service.options.statements.append(try parser.optionStatement())
            } else if parser.isAt("rpc") {
                service.methods.append(try parser.method())
            } else {
                let near = parser.nearestKeyword(parser.current, among: ["rpc", "option"])
                throw parser.missing(
                    "`rpc` or `option`", help: near.map { "did you mean `\($0)`?" }, suggestion: near)
            }
        }
        return service
    }

    private mutating func method() throws(Malformed) -> MethodSyntax {
        advance()
        let name = try identifier("the name of the method")
        let (clientStreams, input) = try methodType("the request")
        try expect("returns", "behind the request")
        let (serverStreams, output) = try methodType("the response")
        var method = MethodSyntax(
            name: name, input: input, output: output, clientStreams: clientStreams, serverStreams: serverStreams)
        guard isAt("{") else {
            try endStatement("the method")
            return method
        }
        method.options.isWritten = true
        try block("method") { parser throws(Malformed) in
            guard parser.isAt("option") else { throw parser.missing("`option`") }
            method.options.statements.append(try parser.optionStatement())
        }
        return method
    }

    private mutating func methodType(_ what: String) throws(Malformed) -> (Bool, Name) {
        try expect("(", "before the message of \(what)")
        let streams = take("stream")
        let name = try dottedName("the message of \(what)")
        try expect(")", "behind the message of \(what)")
        return (streams, name)
    }

    // MARK: Enums

    mutating func enumeration() throws(Malformed) -> EnumSyntax {
        advance()
        var enumeration = EnumSyntax(name: try identifier("the name of the enum"))
        try block("enum") { parser throws(Malformed) in
            if parser.isAt("option") {
                enumeration.options.statements.append(try parser.optionStatement())
            } else if parser.isAt("reserved") {
                try parser.reserved(&enumeration.reservedRanges, &enumeration.reservedNames, inEnum: true)
            } else {
                let name = try parser.identifier("a value of the enum")
                try parser.expect("=", "and a number behind the value")
                var value = EnumValueSyntax(name: name, number: try parser.number("the value's number", signed: true))
                value.options.statements = try parser.compactOptions()
                enumeration.values.append(value)
                try parser.endStatement("the value")
            }
        }
        return enumeration
    }
}
