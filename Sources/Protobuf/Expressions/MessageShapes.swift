import CEL

/// What expressions must know of the messages of a pool: their fields by name, and what CEL makes of them.
final class MessageShapes: Sendable {
    let codec: MessageCodec
    /// By the index in the pool.
    let messages: [MessageShape]
    private let places: [ProtoPath: Int]

    init(_ codec: MessageCodec) {
        self.codec = codec
        let pool = codec.pool
        let known = pool.messages.map { KnownMessage($0) }
        messages = pool.messages.indices.map { MessageShape($0, codec, known) }
        places = Dictionary(
            pool.messages.enumerated().map { (ProtoPath($0.element.fullName), $0.offset) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The index of the message of this full name.
    func place(of name: String) -> Int? { places[ProtoPath(name)] }

    func place(of name: some Sequence<UInt8>) -> Int? { places[ProtoPath(Array(name))] }
}

/// A class, as what follows: they are read for each call, and not copied.
final class MessageShape: Sendable {
    let fullName: String
    let known: KnownMessage?
    /// Without extensions: CEL has no names for them here.
    let fields: [FieldShape]
    private let places: [String: Int]

    fileprivate init(_ index: Int, _ codec: MessageCodec, _ known: [KnownMessage?]) {
        let message = codec.pool.messages[index]
        let layout = codec.layouts[index]
        fullName = message.fullName
        self.known = known[index]
        fields = message.fields.compactMap { field in
            layout.field(field.number).map { FieldShape(field, $0, layout, codec, known) }
        }
        places = Dictionary(
            fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first }
        )
    }

    func field(named name: String) -> FieldShape? {
        // A key of a dictionary is equal to another by more than its bytes.
        guard let place = places[name], fields[place].name.utf8.elementsEqual(name.utf8) else { return nil }
        return fields[place]
    }

    func field(numbered number: Int32) -> FieldShape? { fields.first { $0.number == number } }
}

final class FieldShape: Sendable {
    let name: String
    let layout: MessageLayout.Field
    /// How it is declared, for the checker.
    let field: MessageField
    /// The other fields of its oneof.
    let rivals: [MessageLayout.Field]
    /// What reading gives where it is not set; nil where that is an empty message.
    let unset: Value?
    /// The bytes of that, of a string or bytes.
    let unsetBytes: [UInt8]

    /// Whether it is JSON or an Any: what comes of it may have far more parts than the list or the map shows.
    private let isDeep: Bool

    var number: Int32 { layout.number }

    /// What reading it is paid by, in bytes. A large message may be large for one field, which is passed over at once: there
    /// the fields are counted, and a sixteenth of the bytes for what is copied.
    func lookupCost(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if isDeep || bytes.count <= 4096 { return bytes.count }
        var scanner = WireScanner(bytes)
        var cost = bytes.count / 16
        while cost < bytes.count, scanner.next() { cost += scanner.wire == .startGroup ? scanner.range.count : 32 }
        return min(cost, bytes.count)
    }

    fileprivate init(
        _ descriptor: FieldDescriptor, _ layout: MessageLayout.Field, _ message: MessageLayout, _ codec: MessageCodec,
        _ known: [KnownMessage?]
    ) {
        let types = FieldTypes(codec, known)
        name = descriptor.name
        self.layout = layout
        let held = layout.isMap ? codec.layouts[layout.target].field(2) ?? layout : layout
        switch held.type.isMessage ? known[held.target] : nil {
        case .structure, .value, .list, .any: isDeep = true
        case .timestamp, .duration, .wrapper, nil: isDeep = false
        }
        rivals =
            layout.oneof < 0
            ? []
            : message.oneofs[layout.oneof].filter { $0 != layout.number }.compactMap { message.field($0) }
        unset = types.unset(descriptor, layout)
        switch unset {
        case .string(let text): unsetBytes = Array(text.utf8)
        case .bytes(let bytes): unsetBytes = bytes
        default: unsetBytes = []
        }
        var enumeration: String?
        if case .enum(let index) = descriptor.reference { enumeration = codec.pool.enums[index].fullName }
        let written = types.type(layout, written: true)
        // A field that holds any value holds null as well.
        let takesNull = layout.type.isMessage && !layout.isRepeated && written != .dyn
        field = MessageField(
            descriptor.name, written, takesNull: takesNull, reads: types.type(layout, written: false),
            jsonName: descriptor.jsonName, enumeration: layout.isRepeated ? nil : enumeration)
    }
}

/// The types of fields in CEL (cel-spec, "Protocol Buffer Data Conversion").
private struct FieldTypes {
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

/// The messages of google/protobuf that are values of CEL's own.
enum KnownMessage: Sendable {
    case any
    case timestamp
    case duration
    case structure
    case value
    case list
    case wrapper

    static let nullValue = "google.protobuf.NullValue"

    init?(_ message: MessageDescriptor) {
        let start = "google.protobuf."
        guard message.parent == nil, message.fullName.utf8.starts(with: start.utf8),
            message.fullName.utf8.count == start.utf8.count + message.name.utf8.count
        else { return nil }
        switch message.name {
        case "Any": self = .any
        case "Timestamp": self = .timestamp
        case "Duration": self = .duration
        case "Struct": self = .structure
        case "Value": self = .value
        case "ListValue": self = .list
        case "DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue",
            "StringValue", "BytesValue":
            self = .wrapper
        default: return nil
        }
    }
}
