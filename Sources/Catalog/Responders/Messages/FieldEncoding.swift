import CEL
import JSON
import Protobuf

/// Writes values of expressions as one field: its tag, and what follows.
final class FieldEncoding: Sendable {
    let codec: MessageCodec
    let field: FieldDescriptor
    let type: FieldType
    /// With the wire type of one value.
    let tag: [UInt8]
    /// With that of a run of bytes.
    let packedTag: [UInt8]
    /// Behind a group; empty elsewhere.
    let endTag: [UInt8]
    let hasPresence: Bool
    let isPacked: Bool
    /// What the field holds, where that is messages.
    let message: MessageEncoding?
    let enumeration: EnumDescriptor?
    /// The fields of an entry, where the field is a map.
    let entry: Entry?

    struct Entry: Sendable {
        let key: FieldEncoding
        let value: FieldEncoding
    }

    init(_ codec: MessageCodec, _ field: FieldDescriptor) {
        self.codec = codec
        self.field = field
        type = field.type
        hasPresence = field.hasPresence
        isPacked = field.isPacked
        packedTag = Wire.tag(field.number, .lengthDelimited)
        if field.isDelimited {
            tag = Wire.tag(field.number, .startGroup)
            endTag = Wire.tag(field.number, .endGroup)
        } else {
            tag = Wire.tag(field.number, field.type.wireType)
            endTag = []
        }
        var message: MessageEncoding?
        var enumeration: EnumDescriptor?
        var entry: Entry?
        switch field.reference {
        case .none: break
        case .enum(let index): enumeration = codec.pool.enums[index]
        case .message(let index) where field.isMap:
            let type = codec.pool.messages[index]
            if let key = type.field(numbered: 1), let value = type.field(numbered: 2) {
                entry = Entry(key: FieldEncoding(codec, key), value: FieldEncoding(codec, value))
            }
        case .message(let index): message = MessageEncoding(codec, index)
        }
        self.message = message
        self.enumeration = enumeration
        self.entry = entry
    }

    var name: String { field.name }
    var isRepeated: Bool { field.isRepeated }

    /// Whether null is one of its values.
    var takesNull: Bool {
        if case .value? = message?.kind { return true }
        return enumeration?.fullName == "google.protobuf.NullValue"
    }

    /// What one value of it is: `int32`, `shop.Order`.
    var typeName: String { message?.name ?? enumeration?.fullName ?? type.word }

    /// What it is, as a `.proto` says it.
    var inWords: String {
        if let entry { return "map<\(entry.key.typeName), \(entry.value.typeName)>" }
        return isRepeated ? "repeated \(typeName)" : typeName
    }

    /// What one value is written as.
    var single: String {
        if let message { return message.inWords }
        if enumeration != nil { return "the name of a value of `\(typeName)`" }
        switch type {
        case .bool: return "true or false"
        case .string: return "a string"
        case .bytes: return "base64 in a string"
        case .double, .float: return "a number"
        default: return "a whole number"
        }
    }

    /// Whether a value of this type can be the field's.
    func accepts(_ found: ValueType) -> Bool {
        switch found {
        case .dyn, .null: return true
        case .optional(let wrapped): return accepts(wrapped)
        default: break
        }
        if let entry {
            switch found {
            case .map(let key, let value): return entry.acceptsKey(key) && entry.value.acceptsOne(value)
            case .record: return entry.acceptsKey(.string)
            default: return false
            }
        }
        guard isRepeated else { return acceptsOne(found) }
        if case .list(let element) = found { return acceptsOne(element) }
        return false
    }

    /// Whether it can be one value of it.
    func acceptsOne(_ found: ValueType) -> Bool {
        switch found {
        case .dyn: return true
        case .null: return takesNull
        case .optional(let wrapped): return acceptsOne(wrapped)
        default: break
        }
        if let message { return message.accepts(found) }
        switch type {
        case .bool: return found == .bool
        case .string: return found == .string
        case .bytes: return found == .bytes || found == .string
        case .enum: return found == .string || found == .int || found == .uint
        default: return found == .int || found == .uint || found == .double
        }
    }

    /// How to make a value of what was found.
    func help(from found: ValueType) -> String? {
        if isRepeated {
            return entry == nil ? "a list is expected: write `[ ]` around it" : "a map is expected"
        }
        switch type {
        case .string: return "convert it with `string(…)`"
        case .bytes: return "convert it with `bytes(…)`"
        case .double, .float: return "convert it with `double(…)`"
        case .bool, .enum, .message, .group: return "\(single) is expected"
        default: return found == .string || found == .timestamp ? "convert it with `int(…)`" : "a number is expected"
        }
    }
}

extension FieldEncoding.Entry {
    /// JSON's keys are text, whatever the map's are.
    fileprivate func acceptsKey(_ found: ValueType) -> Bool { found == .string || key.acceptsOne(found) }
}
