import CEL
import Diagnostics
import JSON
import Manifests
import Protobuf

extension MessageTreeBuilder {
    /// A scalar without holes.
    func literal(
        _ node: Node, _ scalar: Scalar, _ field: FieldEncoding, _ position: Position, _ depth: Int,
        _ findings: inout Findings
    ) -> MessageParts? {
        if let message = field.message {
            return self.message(node, message, depth + 1, &findings)?.wrapped(field.tag, endTag: field.endTag)
        }
        guard let value = value(of: node, scalar, field, &findings) else { return nil }
        var out = ByteWriter(capacity: 64)
        let error =
            position == .packed
            ? field.writePayload(value, &out)
            : field.writeOne(value, keepsZero: position == .item || field.hasPresence, &out)
        if error != nil {
            // Types have been told apart: what is left is a number that is too large or not whole.
            findings.report(
                MessageRules.fieldValue, "`\(scalar.shortText)` does not fit into a field of type \(field.typeName)",
                at: node.range, label: "expected \(range(of: field.type) ?? field.single)")
            return nil
        }
        var parts = MessageParts()
        parts.append(Array(out.bytes))
        return parts
    }

    private func value(
        of node: Node, _ scalar: Scalar, _ field: FieldEncoding, _ findings: inout Findings
    ) -> Value? {
        let text = scalar.text.string
        switch (field.type, scalar.value) {
        case (.string, .string): return .string(text)
        case (.bytes, .string): return base64(scalar, field, &findings).map { .bytes($0) }
        case (.bool, .bool(let truth)): return .bool(truth)
        case (.enum, .string), (.enum, .int): return enumValue(scalar, field, &findings).map { .int(Int64($0)) }
        case (.enum, .null): return .null
        case (.double, .int(let number)), (.float, .int(let number)): return .double(Double(number))
        case (.double, .float(let number)), (.float, .float(let number)): return .double(number)
        case (.double, .string), (.float, .string):
            if ["NaN", "Infinity", "-Infinity"].contains(text) { return .string(text) }
            if case .int(let number) = CoreSchema.resolve(scalar.text.bytes) { return .double(Double(number)) }
            if case .float(let number) = CoreSchema.resolve(scalar.text.bytes), number.isFinite {
                return .double(number)
            }
        case (.bool, _), (.string, _), (.bytes, _), (.enum, _), (_, .bool), (_, .null): break
        case (_, .int(let number)): return .int(Int64(number))
        case (_, .float(let number)):
            // Whole numbers that YAML's reader has no room for keep their digits.
            if let large = UInt64(text) { return .uint(large) }
            return .double(number)
        case (_, .string):
            // As ProtoJSON writes those of 64 bits.
            if let whole = Int64(text), text.utf8.first != UInt8(ascii: "+") { return .int(whole) }
            if let large = UInt64(text), text.utf8.first != UInt8(ascii: "+") { return .uint(large) }
        }
        let isText = field.type == .string
        findings.wrongType(
            node, expected: "\(field.single) for the field `\(field.name)`, which is \(field.typeName)",
            help: isText ? "write it in quotes: `\"\(scalar.shortText)\"`" : nil,
            suggestion: isText && scalar.isAsWritten ? "\"\(scalar.shortText)\"" : nil)
        return nil
    }

    private func base64(_ scalar: Scalar, _ field: FieldEncoding, _ findings: inout Findings) -> [UInt8]? {
        let text = scalar.text
        if let bytes = Base64.decode(anyAlphabet: text.string.utf8) { return bytes }
        var offset = text.bytes.count
        if case .failure(let wrong) = Base64.decode(text.bytes) { offset = min(wrong.offset, offset) }
        let at = min(offset, max(0, text.bytes.count - 1))
        findings.report(
            CatalogRules.badBase64, "the field `\(field.name)` is bytes, and this is not base64",
            at: text.range(at..<min(at + 1, text.bytes.count)),
            label: offset < text.bytes.count ? "this character does not belong" : "the end is missing",
            help: "bytes are written as `aGVsbG8=`")
        return nil
    }

    private func enumValue(_ scalar: Scalar, _ field: FieldEncoding, _ findings: inout Findings) -> Int32? {
        guard let enumeration = field.enumeration else { return nil }
        let text = scalar.text.string
        if case .int(let number) = scalar.value {
            if let number = Int32(exactly: number),
                !enumeration.isClosed || enumeration.value(numbered: number) != nil
            {
                return number
            }
        } else if let found = enumeration.value(named: text) {
            return found.number
        }
        let names = enumeration.values.map(\.name)
        let nearest = Suggest.nearest(text, among: names) ?? nearestEnding(text, names)
        findings.report(
            MessageRules.unknownEnumValue, "`\(enumeration.fullName)` has no value `\(scalar.shortText)`",
            at: scalar.range, label: "not a value of `\(enumeration.fullName)`",
            help: nearest.map { "did you mean `\($0)`?" }
                ?? "its values are " + names.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
                + (names.count > 20 ? ", …" : ""), suggestion: nearest)
        return nil
    }

    /// The values of an enum mostly begin with its name: `ACTIVE` is `STATUS_ACTIVE`.
    private func nearestEnding(_ text: String, _ names: [String]) -> String? {
        let ending = "_" + text.uppercased()
        let found = names.filter { $0.hasSuffix(ending) }
        return found.count == 1 ? found.first : nil
    }

    private func range(of type: FieldType) -> String? {
        switch type {
        case .int32, .sint32, .sfixed32: "\(Int32.min) to \(Int32.max), and whole"
        case .uint32, .fixed32: "0 to \(UInt32.max), and whole"
        case .int64, .sint64, .sfixed64: "\(Int64.min) to \(Int64.max), and whole"
        case .uint64, .fixed64: "0 to \(UInt64.max), and whole"
        case .float: "what a float can hold"
        default: nil
        }
    }

    // MARK: Well-known types

    /// A time, a span or a mask: one text.
    func text(_ node: Node, _ encoding: MessageEncoding, _ findings: inout Findings) -> MessageParts? {
        guard let scalar = node.scalar, scalar.isText else {
            findings.wrongType(node, expected: inForm(encoding))
            return nil
        }
        guard let template = Template.parse(scalar.text, &findings) else { return nil }
        var parts = MessageParts()
        if template.literal == nil {
            guard scope.check(template, .jsonString, &findings) != nil else { return nil }
            parts.append(JSONMessagePiece(encoding, JSONTree(node, scope, &findings)))
            return parts
        }
        var out = ByteWriter(capacity: 64)
        if encoding.write(.string(scalar.text.string) as JSONValue, &out) != nil {
            findings.report(
                MessageRules.fieldValue, "`\(scalar.shortText)` is no `\(encoding.name)`", at: node.range,
                label: "expected \(inForm(encoding))")
            return nil
        }
        parts.append(Array(out.bytes))
        return parts
    }

    private func inForm(_ encoding: MessageEncoding) -> String {
        switch encoding.kind {
        case .timestamp: "a time such as `2026-01-31T12:00:00Z`"
        case .duration: "a span of seconds such as `1.5s`"
        default: "paths in lowerCamelCase with commas between"
        }
    }

    /// `Struct`, `ListValue` and `Value`: any JSON of that shape.
    func tree(_ node: Node, _ encoding: MessageEncoding, _ findings: inout Findings) -> MessageParts? {
        let fits =
            switch encoding.kind {
            case .structure: node.entries != nil
            case .listValue: node.items != nil
            default: true
            }
        guard fits else {
            findings.wrongType(node, expected: "\(encoding.inWords) for a `\(encoding.name)`")
            return nil
        }
        var parts = MessageParts()
        if let json = Self.json(node) {
            var out = ByteWriter(capacity: 256)
            if let error = encoding.write(json, &out) {
                findings.report(MessageRules.fieldValue, error.message, at: node.range)
                return nil
            }
            parts.append(Array(out.bytes))
            return parts
        }
        var told = Findings()
        let tree = JSONTree(node, scope, &told)
        for finding in told.ordered() { findings.report(finding) }
        if told.hasErrors { return nil }
        parts.append(JSONMessagePiece(encoding, tree))
        return parts
    }

    /// A tree without holes; nil if there are some.
    private static func json(_ node: Node) -> JSONValue? {
        switch node.content {
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return .null
            case .bool(let truth): return .bool(truth)
            case .int(let number): return .int(Int64(number))
            case .float(let number): return .double(number)
            case .string:
                var untold = Findings()
                guard let template = Template.parse(scalar.text, &untold), let text = template.literal else {
                    return nil
                }
                return .string(String(decoding: text, as: UTF8.self))
            }
        case .sequence(let items):
            var elements: [JSONValue] = []
            for item in items {
                guard let element = json(item) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case .mapping(let entries):
            var members: [(key: String, value: JSONValue)] = []
            for entry in entries {
                guard let value = json(entry.value) else { return nil }
                members.append((entry.name, value))
            }
            return .object(members)
        }
    }

    /// A message of any type, which it names.
    func any(
        _ node: Node, _ encoding: MessageEncoding, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        guard let entries = node.entries else {
            findings.wrongType(
                node, expected: "a map with `\"@type\"` for a `google.protobuf.Any`",
                help: "write `{ \"@type\": type.googleapis.com/NAME }` and the fields of that message")
            return nil
        }
        if entries.isEmpty { return MessageParts() }
        guard let type = node["@type"]?.scalar, type.isText else {
            findings.report(
                MessageRules.unknownType, "a `google.protobuf.Any` names the type that it holds", at: node.heading,
                label: "`\"@type\"` is missing", help: "add `\"@type\": type.googleapis.com/NAME`")
            return nil
        }
        let written = type.text.string
        let name = written.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) ?? "" } ?? ""
        guard case .message(let inner) = codec.pool.symbol(named: name) else {
            MessageTypeNames.report(name, type.range, [codec.pool], &findings)
            return nil
        }
        let held = MessageEncoding(codec, inner)
        let content: MessageParts?
        if case .plain = held.kind {
            content = fields(
                entries.filter { !$0.key.text.bytes.elementsEqual("@type".utf8) }, of: inner, at: node, depth + 1,
                &findings)
        } else if let value = node["value"] {
            content = message(value, held, depth + 1, &findings)
        } else {
            findings.report(
                MessageRules.missingField, "an Any that holds a `\(name)` has the key `value`", at: node.heading,
                label: "`value` is missing")
            content = nil
        }
        guard let content else { return nil }
        let url = written.utf8.contains(UInt8(ascii: "/")) ? written : "type.googleapis.com/" + name
        var parts = MessageParts()
        parts.append(
            Wire.bytes { out in
                out.append(UInt8(0x0A))
                out.append(varint: UInt64(url.utf8.count))
                out.append(Array(url.utf8))
            })
        if content.constant != [] { parts.append(content.wrapped([0x12])) }
        return parts
    }
}

/// What is said of a type that is not there.
enum MessageTypeNames {
    static func report(_ name: String, _ place: SourceRange, _ pools: [DescriptorPool], _ findings: inout Findings) {
        var names: [String] = []
        for pool in pools {
            for message in pool.messages where !message.isMapEntry && !names.contains(message.fullName) {
                names.append(message.fullName)
            }
        }
        let last = name.utf8.split(separator: UInt8(ascii: ".")).last.map { String($0) ?? "" } ?? name
        let nearest =
            Suggest.nearest(name, among: names) ?? names.first { $0 == last || $0.hasSuffix("." + last) }
        findings.report(
            MessageRules.unknownType, "there is no message type `\(name)`", at: place,
            help: nearest.map { "did you mean `\($0)`?" }
                ?? "name a message of the service's .proto files, with its package", suggestion: nearest)
    }
}
