import Protobuf

extension SampleMessage {
    func scalar(_ field: FieldDescriptor, named name: String, number: Int) -> Value? {
        func fixed(_ node: StarterNode) -> Value { Value(node: node, outcome: node) }
        switch field.type {
        case .bool: return fixed(.plain("true"))
        case .string: return fixed(.text(SampleText.text(name, number: number)))
        case .bytes: return fixed(.text("aGVsbG8="))
        case .float, .double: return fixed(.plain(SampleText.fraction(name, number: number)))
        case .enum:
            guard case .enum(let index) = field.reference else { return nil }
            let values = pool.enums[index].values
            var numbers: Set<Int32> = [0]
            let distinct = values.filter { numbers.insert($0.number).inserted }
            guard let value = distinct.dropFirst(number - 1).first ?? distinct.first else {
                // Zero alone, which does not show.
                return values.first.map { Value(node: .text($0.name)) }
            }
            return fixed(.text(value.name))
        case .message, .group: return nil
        default: return fixed(.plain(SampleText.integer(name, number: number)))
        }
    }

    /// A type of google/protobuf that has a form of its own.
    func known(_ type: Int, field name: String) -> Value? {
        let message = pool.messages[type]
        switch message.fullName {
        case "google.protobuf.Timestamp":
            return Value(node: isTemplate ? .hole("now()") : .text("2026-01-01T00:00:00Z"))
        case "google.protobuf.Duration": return Value(node: .text("\(number)s"))
        case "google.protobuf.FieldMask": return Value(node: .text("name"))
        case "google.protobuf.Struct": return Value(node: .map([.entry("key", .text("value"))]))
        case "google.protobuf.Value": return Value(node: .text("value"))
        case "google.protobuf.ListValue": return Value(node: .list([.text("value")]))
        case "google.protobuf.Any": return Value(node: .map([]))
        case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value",
            "google.protobuf.UInt64Value", "google.protobuf.Int32Value", "google.protobuf.UInt32Value",
            "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
            guard let field = message.field(numbered: 1) else { return nil }
            return scalar(field, named: name, number: number)
        default: return nil
        }
    }

    static func isKnown(_ message: MessageDescriptor) -> Bool {
        message.fullName.hasPrefix("google.protobuf.") && message.fullName != "google.protobuf.Empty"
    }

    /// A request for an example, with the fields that are read of it, or else the first few; nil where there is none, since
    /// it must hold itself.
    mutating func request(_ type: Int, reading names: Set<String>) -> StarterNode? {
        let message = pool.messages[type]
        if Self.isKnown(message) { return known(type, field: "value")?.node }
        var lines: [StarterNode.Line] = []
        for field in message.fields {
            let isFiller =
                names.isEmpty && lines.count < 3 && !field.isRepeated && !field.type.isMessage
                && (field.oneof.map { message.oneofs[$0].isSynthetic } ?? true) && !SampleText.isOfPaging(field.name)
            guard field.isRequired || names.contains(field.name) || isFiller else { continue }
            var room = Self.room
            guard case .made(let value) = value(of: field, [type], &room) else {
                if field.isRequired { return nil }
                continue
            }
            lines.append(.entry(field.name, value.node))
        }
        return .map(lines)
    }
}
