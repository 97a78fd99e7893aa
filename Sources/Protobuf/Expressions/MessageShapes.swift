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
