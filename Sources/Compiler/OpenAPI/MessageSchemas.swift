import JSON
import Protobuf

/// The schemas of messages and enums, each under its full name, in ProtoJSON's form.
struct MessageSchemas {
    typealias Members = [(key: String, value: JSONValue)]

    /// A message or an enum, by its index in a pool.
    enum Element: Hashable {
        case message(Int)
        case `enum`(Int)
    }

    private struct Known: Hashable {
        let codec: ObjectIdentifier
        let element: Element
    }

    private var names: [Known: String] = [:]
    /// Which elements have one full name, in different files; those that are the same share a schema.
    private var owners: [String: [(codec: MessageCodec, element: Element)]] = [:]
    private var definitions: [String: JSONValue] = [:]

    /// By name.
    var components: Members { definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    /// A schema that is no message.
    mutating func define(_ name: String, _ schema: JSONValue) -> JSONValue {
        definitions[name] = schema
        return Self.reference(name)
    }

    static func reference(_ name: String) -> JSONValue {
        .object([("$ref", .string("#/components/schemas/\(name)"))])
    }

    /// What a message is as a whole.
    mutating func message(_ type: Int, _ codec: MessageCodec) -> JSONValue {
        if let name = WellKnown.name(type, codec.pool), let schema = ValueSchema.wellKnown(name, in: .json) {
            return schema
        }
        return Self.reference(name(.message(type), codec))
    }

    /// What a field holds, a list or a map too.
    mutating func field(_ field: FieldDescriptor, _ codec: MessageCodec) -> JSONValue {
        MessageShape(codec).field(field, in: .json) { Self.reference(name($0, codec)) }
    }

    /// One value of a field, in a URL.
    mutating func value(_ field: FieldDescriptor, _ codec: MessageCodec) -> JSONValue {
        MessageShape(codec).single(field, in: .url) { Self.reference(name($0, codec)) }
    }

    private mutating func name(_ element: Element, _ codec: MessageCodec) -> String {
        let known = Known(codec: ObjectIdentifier(codec), element: element)
        if let name = names[known] { return name }
        let shape = MessageShape(codec)
        let fullName = shape.fullName(element)
        var others = owners[fullName] ?? []
        let same = others.firstIndex { other in
            MessageShape(other.codec).closure(other.element) == shape.closure(element)
        }
        let number = same ?? others.count
        let name = number == 0 ? fullName : "\(fullName)_\(number + 1)"
        names[known] = name
        guard same == nil else { return name }
        others.append((codec, element))
        owners[fullName] = others
        // Names come before what they stand for: messages can hold themselves.
        definitions[name] = .null
        definitions[name] = shape.definition(element) { Self.reference(self.name($0, codec)) }
        return name
    }
}
