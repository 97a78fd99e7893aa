/// What the codec must know of one message, put together when the pool is there.
struct MessageLayout: Sendable {
    struct Field: Sendable {
        let number: Int32
        let type: FieldType
        let isRepeated: Bool
        let isPacked: Bool
        let isMap: Bool
        let isDelimited: Bool
        let hasPresence: Bool
        let isRequired: Bool
        let verifiesUTF8: Bool
        /// The message or the enum, by its index.
        let target: Int
        /// Unknown values of it are kept as unknown fields.
        let isClosedEnum: Bool
        /// Position among the oneofs, or -1.
        let oneof: Int

        init(_ field: FieldDescriptor, _ pool: DescriptorPool) {
            number = field.number
            type = field.type
            isRepeated = field.isRepeated
            isPacked = field.isPacked
            isMap = field.isMap
            isDelimited = field.isDelimited
            hasPresence = field.hasPresence
            isRequired = field.isRequired
            verifiesUTF8 = field.type == .string && field.features.utf8Validation == .verify
            oneof = field.isExtension ? -1 : field.oneof ?? -1
            switch field.reference {
            case .none: (target, isClosedEnum) = (-1, false)
            case .message(let index): (target, isClosedEnum) = (index, false)
            case .enum(let index): (target, isClosedEnum) = (index, pool.enums[index].isClosed)
            }
        }
    }

    /// Extensions too, ordered by number.
    let fields: [Field]
    let required: [Int32]
    /// The numbers of the fields of each oneof.
    let oneofs: [[Int32]]
    private let places: [Int32: Int]

    init(_ index: Int, _ pool: DescriptorPool) {
        let message = pool.messages[index]
        let extensions = (pool.extensionsByMessage[index] ?? [:]).values.map { pool.extensions[$0] }
        fields = (message.fields + extensions).map { Field($0, pool) }.sorted { $0.number < $1.number }
        required = fields.filter(\.isRequired).map(\.number)
        oneofs = message.oneofs.map { oneof in oneof.fields.map { message.fields[$0].number } }
        places = Dictionary(
            fields.enumerated().map { ($0.element.number, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    func field(_ number: Int32) -> Field? { places[number].map { fields[$0] } }
}

extension MessageLayout.Field {
    /// What a field holds that is not set; nil for a message.
    var standard: FieldValue? {
        if isMap { return .map([:]) }
        if isRepeated { return .list([]) }
        return switch type {
        case .bool: .bool(false)
        case .int32, .sint32, .sfixed32: .int32(0)
        case .int64, .sint64, .sfixed64: .int64(0)
        case .uint32, .fixed32: .uint32(0)
        case .uint64, .fixed64: .uint64(0)
        case .float: .float(0)
        case .double: .double(0)
        case .string: .string([])
        case .bytes: .bytes([])
        case .enum: .enum(0)
        case .message, .group: nil
        }
    }
}
