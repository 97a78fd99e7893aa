import JSON
import Protobuf

/// What the messages of one pool look like in JSON.
struct MessageShape {
    typealias Members = [(key: String, value: JSONValue)]
    typealias Element = MessageSchemas.Element

    private let codec: MessageCodec
    private var pool: DescriptorPool { codec.pool }

    init(_ codec: MessageCodec) { self.codec = codec }

    func fullName(_ element: Element) -> String {
        switch element {
        case .message(let index): pool.messages[index].fullName
        case .enum(let index): pool.enums[index].fullName
        }
    }

    /// - Parameter refer: what stands for a message or an enum within it.
    func definition(_ element: Element, refer: (Element) -> JSONValue) -> JSONValue {
        switch element {
        case .message(let index): message(index, refer)
        case .enum(let index): enumeration(pool.enums[index])
        }
    }

    /// The definitions of all that an element is made of, as one text.
    func closure(_ element: Element) -> String {
        var seen: Set<Element> = [element]
        var waiting = [element]
        var out = ByteWriter(capacity: 1024)
        while let next = waiting.popLast() {
            out.append(fullName(next))
            let schema = definition(next) { inner in
                if seen.insert(inner).inserted { waiting.append(inner) }
                return .string(fullName(inner))
            }
            schema.write(to: &out)
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private func enumeration(_ type: EnumDescriptor) -> JSONValue {
        if type.fullName.utf8.elementsEqual("google.protobuf.NullValue".utf8) { return ValueSchema.type("null") }
        return .object([("type", .string("string")), ("enum", ValueSchema.words(type.values.map(\.name)))])
    }

    // MARK: Messages

    /// A member that no field has is refused, and so are two of one oneof.
    private func message(_ index: Int, _ refer: (Element) -> JSONValue) -> JSONValue {
        let message = pool.messages[index]
        let extensions = pool.extensionNumbers(of: index).compactMap { pool.extensionField(of: index, numbered: $0) }
        let properties: Members =
            message.fields.map { ($0.jsonName, field($0, in: .json, refer: refer)) }
            + extensions.map { ("[\($0.fullName)]", field($0, in: .json, refer: refer)) }
        let choices = message.oneofs.filter { !$0.isSynthetic }.map { oneof in
            oneof.fields.map { message.fields[$0].jsonName }
        }.filter { $0.count > 1 }
        let required = message.fields.filter(\.isRequired).map(\.jsonName)
        var members: Members = [("type", .string("object"))]
        if !choices.isEmpty {
            let text = choices.map { "At most one of \(Self.inWords($0)) is there." }.joined(separator: " ")
            members.append(("description", .string(text)))
        }
        if !properties.isEmpty { members.append(("properties", .object(properties))) }
        if !required.isEmpty { members.append(("required", ValueSchema.words(required))) }
        members.append(("additionalProperties", .bool(false)))
        if !choices.isEmpty { members.append(("allOf", .array(choices.map(Self.atMostOne)))) }
        return .object(members)
    }

    /// Exactly one of these is true: one of the members is there, or none.
    private static func atMostOne(_ names: [String]) -> JSONValue {
        let each = names.map { ValueSchema.object(("required", ValueSchema.words([$0]))) }
        let none = ValueSchema.object(("not", ValueSchema.object(("anyOf", .array(each)))))
        return ValueSchema.object(("oneOf", .array(each + [none])))
    }

    static func inWords(_ names: [String]) -> String {
        let quoted = names.map { "`\($0)`" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " and " + last
    }

    // MARK: Fields

    func field(_ field: FieldDescriptor, in form: ValueSchema.Form, refer: (Element) -> JSONValue) -> JSONValue {
        if field.isMap, case .message(let entry) = field.reference {
            return map(pool.messages[entry], refer)
        }
        let single = single(field, in: form, refer: refer)
        return field.isRepeated ? ValueSchema.list(of: single) : single
    }

    func single(_ field: FieldDescriptor, in form: ValueSchema.Form, refer: (Element) -> JSONValue) -> JSONValue {
        switch field.reference {
        case .none: return ValueSchema.scalar(field.type, in: form) ?? .object([])
        case .enum(let index): return refer(.enum(index))
        case .message(let index):
            if let name = WellKnown.name(index, pool), let schema = ValueSchema.wellKnown(name, in: form) {
                return schema
            }
            return refer(.message(index))
        }
    }

    /// Keys are text in JSON, whatever they are in the message.
    private func map(_ entry: MessageDescriptor, _ refer: (Element) -> JSONValue) -> JSONValue {
        guard let key = entry.field(numbered: 1), let value = entry.field(numbered: 2) else {
            return ValueSchema.type("object")
        }
        var members: Members = [("type", .string("object"))]
        let names: JSONValue? =
            switch key.type {
            case .string: nil
            case .bool: ValueSchema.object(("enum", ValueSchema.words(["true", "false"])))
            case .uint32, .fixed32: Self.key("uint32", "^(0|[1-9][0-9]{0,9})$")
            case .uint64, .fixed64: Self.key("uint64", "^(0|[1-9][0-9]{0,19})$")
            case .int64, .sint64, .sfixed64: Self.key("int64", "^(0|-?[1-9][0-9]{0,18})$")
            default: Self.key("int32", "^(0|-?[1-9][0-9]{0,9})$")
            }
        if let names { members.append(("propertyNames", names)) }
        members.append(("additionalProperties", single(value, in: .json, refer: refer)))
        return .object(members)
    }

    private static func key(_ format: String, _ pattern: String) -> JSONValue {
        ValueSchema.object(("format", .string(format)), ("pattern", .string(pattern)))
    }
}
