import Diagnostics

// Messages, their ranges, and extensions.
extension Parser {
    mutating func message() throws(Malformed) -> MessageSyntax {
        advance()
        var message = MessageSyntax(name: try identifier("the name of the message"))
        try messageBlock(&message)
        return message
    }

    mutating func messageBlock(_ message: inout MessageSyntax) throws(Malformed) {
        var inside = message
        defer {
            // The names are known only now.
            Parser.nameSyntheticOneofs(&inside)
            message = inside
        }
        try block("message") { parser throws(Malformed) in
            if parser.isAt("message") {
                inside.messages.append(try parser.message())
            } else if parser.isAt("enum") {
                inside.enums.append(try parser.enumeration())
            } else if parser.isAt("extensions") {
                try parser.extensionRanges(&inside.extensionRanges)
            } else if parser.isAt("reserved") {
                try parser.reserved(&inside.reservedRanges, &inside.reservedNames, inEnum: false)
            } else if parser.isAt("extend") {
                try parser.extend(&inside.extensions, &inside.messages)
            } else if parser.isAt("option") {
                inside.options.statements.append(try parser.optionStatement())
            } else if parser.isAt("oneof") {
                try parser.oneof(&inside)
            } else {
                inside.fields.append(try parser.field(&inside.messages, .message))
            }
        }
    }

    private mutating func oneof(_ message: inout MessageSyntax) throws(Malformed) {
        advance()
        let index = message.oneofs.count
        message.oneofs.append(OneofSyntax(name: try identifier("the name of the oneof")))
        var inside = message
        defer { message = inside }
        try block("oneof") { parser throws(Malformed) in
            if parser.isAt("option") {
                inside.oneofs[index].options.statements.append(try parser.optionStatement())
            } else {
                var field = try parser.field(&inside.messages, .oneof)
                field.oneof = index
                inside.fields.append(field)
            }
        }
    }

    mutating func extend(
        _ extensions: inout [FieldSyntax], _ messages: inout [MessageSyntax]
    ) throws(Malformed) {
        let start = current.span
        advance()
        let extendee = try dottedName("the message to extend")
        var found: ([FieldSyntax], [MessageSyntax]) = ([], [])
        defer {
            extensions += found.0
            messages += found.1
        }
        let before = problems.count
        try block("extend") { parser throws(Malformed) in
            var field = try parser.field(&found.1, .extension)
            field.extendee = extendee
            found.0.append(field)
        }
        if found.0.isEmpty, problems.count == before {
            report("the `extend` has no fields", start.to(extendee.span), help: "add a field, or take it out")
        }
    }

    // MARK: Ranges

    private mutating func extensionRanges(_ ranges: inout [RangeSyntax]) throws(Malformed) {
        advance()
        let first = ranges.count
        repeat {
            ranges.append(try range("the number of an extension", end: 0x2000_0000, signed: false))
        } while take(",")
        let options = try compactOptions()
        for index in ranges.indices.dropFirst(first) { ranges[index].options.statements = options }
        try endStatement("the extension numbers")
    }

    /// `n`, `n to m`, `n to max`. `end` is what lies behind `max`.
    private mutating func range(_ what: String, end: Int64, signed: Bool) throws(Malformed) -> RangeSyntax {
        let start = try number(what, signed: signed)
        var last = Int64(start.value)
        var reachesMaximum = false
        if take("to") {
            if take("max") {
                last = end - 1
                reachesMaximum = true
            } else {
                last = Int64(try number("the last number of the range, or `max`", signed: signed).value)
            }
        }
        return RangeSyntax(
            start: start.value, end: last + 1, span: start.span.to(previous.span), reachesMaximum: reachesMaximum)
    }

    mutating func reserved(
        _ ranges: inout [RangeSyntax], _ names: inout [Name], inEnum: Bool
    ) throws(Malformed) {
        advance()
        let what = inEnum ? "value" : "field"
        if current.kind == .string {
            if file.edition >= .edition2023 {
                report(
                    "in an edition reserved names stand without quotes", current.span, rule: ProtoRules.edition,
                    help: "write `reserved name;`")
            }
            repeat {
                let (bytes, span) = try string("the name of a \(what), in quotes")
                names.append(Name(text: String(decoding: bytes, as: UTF8.self), span: span))
            } while take(",")
        } else if current.kind == .identifier {
            if file.edition < .edition2023 {
                report(
                    "reserved names stand in quotes", current.span, rule: ProtoRules.edition,
                    help: "write `reserved \"\(text(current))\";`; names without quotes came with edition 2023")
            }
            repeat { names.append(try identifier("the name of a \(what)")) } while take(",")
        } else {
            repeat {
                ranges.append(
                    try range(
                        "a number or a name to reserve", end: inEnum ? 0x8000_0000 : 0x2000_0000, signed: inEnum))
            } while take(",")
        }
        try endStatement("what is reserved")
    }

    // MARK: proto3 optional

    /// Each `optional` of proto3 is alone in a oneof, behind those that are written, so that readers that know no
    /// `optional` see its presence (protobuf's docs/implementing_proto3_presence.md).
    static func nameSyntheticOneofs(_ message: inout MessageSyntax) {
        guard message.fields.contains(where: { $0.isProto3Optional && $0.oneof == nil }) else { return }
        var taken = Set(message.fields.map(\.name.text))
        for oneof in message.oneofs { taken.insert(oneof.name.text) }
        for index in message.fields.indices where message.fields[index].isProto3Optional {
            guard message.fields[index].oneof == nil else { continue }
            var name = message.fields[index].name
            name.text = name.text.utf8.first == UInt8(ascii: "_") ? "X" + name.text : "_" + name.text
            while taken.contains(name.text) { name.text = "X" + name.text }
            taken.insert(name.text)
            message.fields[index].oneof = message.oneofs.count
            message.oneofs.append(OneofSyntax(name: name, isSynthetic: true))
        }
    }
}
