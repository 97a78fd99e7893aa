/// Writes one message.
struct MessageEncoder {
    private let codec: MessageCodec
    private(set) var out = WireBytes()

    init(_ codec: MessageCodec) { self.codec = codec }

    mutating func fields(_ message: Message) {
        let layout = codec.layouts[message.type]
        for number in message.numbers {
            guard let field = layout.field(number), let value = message[number] else { continue }
            write(value, field)
        }
        out.raw(message.unknown)
    }

    private mutating func write(_ value: FieldValue, _ field: MessageLayout.Field) {
        switch value {
        case .list(let values) where field.isPacked:
            guard !values.isEmpty else { return }
            var packed = MessageEncoder(codec)
            for value in values { packed.payload(value, field.type) }
            out.field(field.number, bytes: packed.out.bytes)
        case .list(let values):
            for value in values { single(value, field) }
        case .map(let values):
            for (key, value) in values.sorted(by: { $0.key < $1.key }) { entry(key, value, field) }
        default:
            // Without presence the default is the same as nothing.
            if field.hasPresence || !value.isZero { single(value, field) }
        }
    }

    /// Tag and value, whatever it is.
    mutating func single(_ value: FieldValue, _ field: MessageLayout.Field) {
        if case .message(let message) = value {
            var inner = MessageEncoder(codec)
            inner.fields(message)
            self.message(inner.out.bytes, field)
            return
        }
        out.tag(field.number, field.type.wireType)
        payload(value, field.type)
    }

    /// A value without its tag; of a message with its length.
    mutating func untagged(_ value: FieldValue, _ field: MessageLayout.Field) {
        guard case .message(let message) = value else { return payload(value, field.type) }
        var inner = MessageEncoder(codec)
        inner.fields(message)
        out.varint(UInt64(inner.out.bytes.count))
        out.raw(inner.out.bytes)
    }

    /// A field that is a message, which is encoded already.
    mutating func message(_ bytes: [UInt8], _ field: MessageLayout.Field) {
        if field.isDelimited {
            out.tag(field.number, .startGroup)
            out.raw(bytes)
            out.tag(field.number, .endGroup)
        } else {
            out.field(field.number, bytes: bytes)
        }
    }

    private mutating func payload(_ value: FieldValue, _ type: FieldType) {
        switch value {
        case .bool(let value): out.varint(value ? 1 : 0)
        case .int32(let value): signed(Int64(value), type)
        case .int64(let value): signed(value, type)
        case .uint32(let value): unsigned(UInt64(value), type)
        case .uint64(let value): unsigned(value, type)
        case .float(let value): out.fixed(UInt64(value.bitPattern), count: 4)
        case .double(let value): out.fixed(value.bitPattern, count: 8)
        case .enum(let value): out.varint(UInt64(bitPattern: Int64(value)))
        case .string(let bytes), .bytes(let bytes):
            out.varint(UInt64(bytes.count))
            out.raw(bytes)
        case .message, .list, .map: break
        }
    }

    private mutating func signed(_ value: Int64, _ type: FieldType) {
        switch type {
        case .sint32, .sint64: out.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
        case .sfixed32: out.fixed(UInt64(bitPattern: value), count: 4)
        case .sfixed64: out.fixed(UInt64(bitPattern: value), count: 8)
        default: out.varint(UInt64(bitPattern: value))
        }
    }

    private mutating func unsigned(_ value: UInt64, _ type: FieldType) {
        switch type {
        case .fixed32: out.fixed(value, count: 4)
        case .fixed64: out.fixed(value, count: 8)
        default: out.varint(value)
        }
    }

    /// Key and value are always both there.
    private mutating func entry(_ key: MapKey, _ value: FieldValue, _ field: MessageLayout.Field) {
        let layout = codec.layouts[field.target]
        guard let keyField = layout.field(1), let valueField = layout.field(2) else { return }
        var inner = MessageEncoder(codec)
        inner.out.tag(1, keyField.type.wireType)
        switch key {
        case .bool(let value): inner.out.varint(value ? 1 : 0)
        case .signed(let value): inner.signed(value, keyField.type)
        case .unsigned(let value): inner.unsigned(value, keyField.type)
        case .string(let bytes): inner.payload(.string(bytes), .string)
        }
        inner.single(value, valueField)
        out.field(field.number, bytes: inner.out.bytes)
    }
}

extension FieldValue {
    /// The bits of a default; minus zero is none.
    var isZero: Bool {
        switch self {
        case .bool(let value): !value
        case .int32(let value), .enum(let value): value == 0
        case .int64(let value): value == 0
        case .uint32(let value): value == 0
        case .uint64(let value): value == 0
        case .float(let value): value.bitPattern == 0
        case .double(let value): value.bitPattern == 0
        case .string(let bytes), .bytes(let bytes): bytes.isEmpty
        case .list(let values): values.isEmpty
        case .map(let values): values.isEmpty
        case .message: false
        }
    }
}
