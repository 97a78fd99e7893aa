import CEL

/// The types of fields in CEL (cel-spec, "Protocol Buffer Data Conversion").
struct FieldTypes {
    private let codec: MessageCodec
    private let known: [KnownMessage?]

    init(_ codec: MessageCodec, _ known: [KnownMessage?]) {
        self.codec = codec
        self.known = known
    }

    func type(_ field: MessageLayout.Field, written: Bool) -> ValueType {
        if field.isMap {
            let entry = codec.layouts[field.target]
            guard let key = entry.field(1), let value = entry.field(2) else { return .map(.dyn, .dyn) }
            return .map(single(key, written: written), single(value, written: written))
        }
        let single = single(field, written: written)
        return field.isRepeated ? .list(single) : single
    }

    private func single(_ field: MessageLayout.Field, written: Bool) -> ValueType {
        switch field.type {
        case .bool: return .bool
        case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: return .int
        // A value of NullValue is written as null too.
        case .enum: return codec.pool.enums[field.target].fullName == KnownMessage.nullValue && written ? .dyn : .int
        case .uint32, .uint64, .fixed32, .fixed64: return .uint
        case .float, .double: return .double
        case .string: return .string
        case .bytes: return .bytes
        case .message, .group:
            switch known[field.target] {
            case nil: return .message(codec.pool.messages[field.target].fullName)
            case .timestamp: return .timestamp
            case .duration: return .duration
            case .structure: return .map(.string, .dyn)
            case .list: return .list(.dyn)
            case .any, .value: return .dyn
            // Read it may be null.
            case .wrapper:
                guard written, let inner = codec.layouts[field.target].field(1) else { return .dyn }
                return single(inner, written: true)
            }
        }
    }

    func unset(_ field: FieldDescriptor, _ layout: MessageLayout.Field) -> Value? {
        if layout.isMap { return .map(MapValue()) }
        if layout.isRepeated { return .list([]) }
        if layout.type.isMessage {
            switch known[layout.target] {
            case nil: return nil
            case .timestamp: return .timestamp(Timestamp(nanosecondsSinceEpoch: 0))
            case .duration: return .duration(TimeSpan(nanoseconds: 0))
            case .structure: return .map(MapValue())
            case .list: return .list([])
            case .any, .value, .wrapper: return .null
            }
        }
        if let text = field.defaultText { return DefaultText.value(text, layout, codec.pool) }
        if layout.type == .enum {
            return .int(Int64(codec.pool.enums[layout.target].values.first?.number ?? 0))
        }
        return WireValue.value(0, layout.type) ?? (layout.type == .string ? .string("") : .bytes([]))
    }
}
