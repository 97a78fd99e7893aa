import Diagnostics

// Fields of messages, oneofs and extensions.
extension Parser {
    enum FieldHome {
        case message
        case oneof
        case `extension`
    }

    private static let labels = ["optional", "required", "repeated"]

    /// Messages that the field brings along, of a group or a map, are added to `messages`.
    mutating func field(_ messages: inout [MessageSyntax], _ home: FieldHome) throws(Malformed) -> FieldSyntax {
        let start = current
        guard current.kind == .identifier || isAt(".") else { throw missing("a field") }
        let label = fieldLabel(home)
        if isAt("map"), self.is(next, "<") { return try mapField(&messages, home, label, start.span) }
        let typeToken = current
        let isGroup = isAt("group") && (next.kind == .identifier)
        var field = FieldSyntax(
            label: label, labelSpan: start.span, typeSpan: current.span, name: Name(text: "", span: current.span),
            number: PlacedNumber(value: 0, span: current.span))
        if isGroup {
            advance()
            field.type = .group
        } else {
            let name = try dottedName("the type of the field")
            field.typeSpan = name.span
            field.type = FieldType(word: name.text)
            if field.type == nil { field.typeName = name }
        }
        checkLabel(&field, home, typeToken)
        try nameAndNumber(&field, start, typeToken)
        if isGroup {
            messages.append(try group(&field))
        } else {
            try endStatement("the field")
        }
        return field
    }

    private mutating func fieldLabel(_ home: FieldHome) -> FieldLabel? {
        let span = current.span
        let label: FieldLabel
        if take("optional") {
            label = .optional
        } else if take("repeated") {
            label = .repeated
        } else if take("required") {
            label = .required
        } else {
            return nil
        }
        if home == .oneof {
            report(
                "a field of a oneof has no label", span, rule: ProtoRules.label,
                help: "take `\(label.word)` out: at most one of the fields is set at any time")
        } else if file.edition >= .edition2023, label == .optional {
            report(
                "editions have no label `optional`", span, rule: ProtoRules.edition,
                help: "take it out: fields have presence unless `features.field_presence` says IMPLICIT")
        } else if file.edition >= .edition2023, label == .required {
            report(
                "editions have no label `required`", span, rule: ProtoRules.edition,
                help: "write `[features.field_presence = LEGACY_REQUIRED]` behind the number")
        }
        return label
    }

    private mutating func checkLabel(_ field: inout FieldSyntax, _ home: FieldHome, _ token: Token) {
        if let label = field.label {
            field.isProto3Optional = file.edition == .proto3 && label == .optional && home != .oneof
            return
        }
        if home != .oneof, file.edition == .proto2 {
            let near = nearestKeyword(token, among: Parser.labels)
            report(
                "a field of proto2 needs a label", token.span, rule: ProtoRules.label,
                help: near.map { "did you mean `\($0)`?" }
                    ?? "write `optional`, `repeated` or `required` before the type",
                suggestion: near)
        }
        field.label = .optional
    }

    private mutating func nameAndNumber(
        _ field: inout FieldSyntax, _ start: Token, _ typeToken: Token
    ) throws(Malformed) {
        field.name = try identifier("the name of the field")
        if !isAt("="), current.kind == .identifier, let near = nearestKeyword(typeToken, among: Parser.labels) {
            forget(typeToken.span)
            report(
                "`\(text(typeToken))` is no label", typeToken.span, help: "did you mean `\(near)`?", suggestion: near)
            throw Malformed()
        }
        try expect("=", "and a number behind the field's name")
        field.number = try number("the field's number")
        try fieldOptions(&field)
    }

    private mutating func fieldOptions(_ field: inout FieldSyntax) throws(Malformed) {
        guard take("[") else { return }
        repeat {
            if isAt("default"), self.is(next, "=") {
                let name = current.span
                advance()
                advance()
                if field.defaultValue != nil {
                    report("the default is given twice", name, rule: ProtoRules.defaultValue)
                }
                field.defaultValue = try value("the default value", mayBeAggregate: false)
            } else if isAt("json_name"), self.is(next, "=") {
                let name = current.span
                advance()
                advance()
                if field.jsonName != nil { report("`json_name` is given twice", name, rule: ProtoRules.jsonName) }
                let (bytes, span) = try string("the name in JSON, in quotes")
                field.jsonName = Name(text: String(decoding: bytes, as: UTF8.self), span: name.to(span))
            } else {
                field.options.statements.append(try option())
            }
        } while take(",")
        try expect("]", "behind the options")
    }

    // MARK: Groups

    private mutating func group(_ field: inout FieldSyntax) throws(Malformed) -> MessageSyntax {
        if file.edition >= .edition2023 {
            report(
                "editions have no groups", field.typeSpan, rule: ProtoRules.edition,
                help: "write a message, and `[features.message_encoding = DELIMITED]` behind the field's number")
        } else if file.edition == .proto3 {
            report(
                "proto3 has no groups", field.typeSpan, rule: ProtoRules.edition,
                help: "write a message and a field of it")
        }
        var message = MessageSyntax(name: field.name)
        if let first = message.name.text.utf8.first, !(0x41...0x5A).contains(first) {
            report(
                "the name of a group starts with a capital letter", field.name.span, rule: ProtoRules.name,
                help: "the group is a message too; its field is named as it is, in lower case")
            message.name.text = JSONNames.entry(of: message.name.text)
        }
        field.typeName = message.name
        field.name.text = field.name.text.lowercased()
        guard isAt("{") else { throw missing("`{` to open the group") }
        try messageBlock(&message)
        return message
    }

    // MARK: Maps

    private mutating func mapField(
        _ messages: inout [MessageSyntax], _ home: FieldHome, _ label: FieldLabel?, _ start: Span
    ) throws(Malformed) -> FieldSyntax {
        let map = current
        if label != nil {
            report(
                "a map has no label", start, rule: ProtoRules.map, help: "it is repeated by itself; take the label out")
        }
        if home == .oneof {
            report(
                "a map cannot be in a oneof", map.span, rule: ProtoRules.map,
                help: "put it into a message, and that into the oneof")
        }
        if home == .extension { report("a map cannot be an extension", map.span, rule: ProtoRules.map) }
        advance()
        advance()
        var key = try mapPart("key", 1)
        try expect(",", "between the types of key and value")
        var value = try mapPart("value", 2)
        try expect(">", "behind the types of the map")
        var field = FieldSyntax(
            label: .repeated, labelSpan: start, type: nil, typeSpan: map.span.to(previous.span),
            name: Name(text: "", span: current.span), number: PlacedNumber(value: 0, span: current.span))
        field.isMap = true
        try nameAndNumber(&field, map, map)
        try endStatement("the field")
        let entry = Name(text: JSONNames.entry(of: field.name.text), span: field.name.span)
        field.typeName = entry
        // As protoc has it: what a map says of its features holds for key and value.
        let features = field.options.statements.filter { option in
            guard let first = option.parts.first else { return false }
            return !first.isExtension && first.name.text == "features"
        }
        key.options.statements = features
        value.options.statements = features
        messages.append(MessageSyntax(name: entry, fields: [key, value], isMapEntry: true))
        return field
    }

    private mutating func mapPart(_ name: String, _ number: Int32) throws(Malformed) -> FieldSyntax {
        let type = try dottedName("the type of the map's \(name)")
        var field = FieldSyntax(
            label: .optional, type: FieldType(word: type.text), typeSpan: type.span,
            name: Name(text: name, span: type.span), number: PlacedNumber(value: number, span: type.span))
        if field.type == nil { field.typeName = type }
        return field
    }
}
