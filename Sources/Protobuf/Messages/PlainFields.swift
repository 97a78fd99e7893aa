import JSON

/// What plain JSON needs to know of the fields of each message, in plain memory: their names as bytes and their tags as they
/// lie on the wire. Maps, extensions and messages between tags are not plain.
final class PlainFields: Sendable {
    struct Field {
        enum Kind: UInt8 {
            /// Left to the readers and writers that know every field.
            case other
            case int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64
            case bool, float, double, string, bytes, enumeration
            case message
            /// A message with a form of its own in JSON.
            case known
        }

        /// The message that it belongs to.
        let message: Int
        let number: Int32
        let kind: Kind
        let wire: WireType
        let isRepeated: Bool
        let isPacked: Bool
        let hasPresence: Bool
        let verifiesUTF8: Bool
        /// The field's oneof among those of its message, as a bit; 0 for none.
        let oneof: UInt64
        /// The message or the enum.
        let target: Int
        /// `"name":`, where it lies in the names.
        let key: Range<Int>
    }

    struct Message {
        /// False if some of its fields have no place in the masks, or it has a form of its own.
        let isPlain: Bool
        /// Ordered by number.
        let fields: UnsafeMutableBufferPointer<Field>
        let slots: UnsafeMutableBufferPointer<Slot>
    }

    /// A name, or nothing if it is empty.
    struct Slot {
        var start = 0
        var count = 0
        var field = 0
    }

    /// As many as a mask has bits.
    private static let maximumFields = 64

    // Nothing writes to the memory after `init`, and only `deinit` frees it.
    nonisolated(unsafe) let messages: UnsafeMutableBufferPointer<Message>
    nonisolated(unsafe) private let names: UnsafeMutableBufferPointer<UInt8>

    init(_ pool: DescriptorPool, _ layouts: [MessageLayout], _ fieldNames: [[ProtoPath: Int32]]) {
        var names: [UInt8] = []
        messages = .allocate(capacity: layouts.count)
        for (index, layout) in layouts.enumerated() {
            let isPlain =
                layout.fields.count <= Self.maximumFields && layout.oneofs.count <= Self.maximumFields
                && WellKnown.name(index, pool) == nil
            let fields = UnsafeMutableBufferPointer<Field>.allocate(capacity: layout.fields.count)
            for (place, field) in layout.fields.enumerated() {
                let start = names.count
                if let name = pool.messages[index].field(numbered: field.number)?.jsonName {
                    var key = ByteWriter(capacity: 64)
                    key.append(jsonString: name)
                    key.append(":")
                    names += Array(key.bytes)
                }
                fields.initializeElement(at: place, to: Field(field, of: index, start..<names.count, pool))
            }
            var size = 4
            while size < fieldNames[index].count * 2 { size *= 2 }
            let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: size)
            slots.initialize(repeating: Slot())
            for (name, number) in fieldNames[index] {
                guard !name.bytes.isEmpty, let field = layout.fields.firstIndex(where: { $0.number == number }) else {
                    continue
                }
                var at = name.bytes.withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
                while slots[at].count != 0 { at = (at + 1) & (size - 1) }
                slots[at] = Slot(start: names.count, count: name.bytes.count, field: field)
                names += name.bytes
            }
            messages.initializeElement(at: index, to: Message(isPlain: isPlain, fields: fields, slots: slots))
        }
        self.names = .allocate(capacity: names.count)
        _ = self.names.initialize(fromContentsOf: names)
    }

    deinit {
        for message in messages {
            message.fields.deallocate()
            message.slots.deallocate()
        }
        messages.deallocate()
        names.deallocate()
    }

    /// The position of the field that has a name in JSON or in the file; nil if there is none.
    func field(_ name: UnsafeBufferPointer<UInt8>, of message: Message) -> Int? {
        let mask = message.slots.count &- 1
        var at = Self.hash(name) & mask
        while true {
            let slot = message.slots[at]
            if slot.count == 0 { return nil }
            if slot.count == name.count, names[slot.start..<slot.start &+ slot.count].elementsEqual(name) {
                return slot.field
            }
            at = (at &+ 1) & mask
        }
    }

    /// `"name":` as it is written.
    func key(_ field: Field) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: names[field.key])
    }

    /// FNV-1a (draft-eastlake-fnv). The table holds what a `.proto` says, so that no request can fill it with collisions.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt32 = 0x811C_9DC5
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return Int(hash)
    }
}

extension PlainFields.Field {
    fileprivate init(
        _ field: MessageLayout.Field, of message: Int, _ key: Range<Int>, _ pool: DescriptorPool
    ) {
        self.message = message
        number = field.number
        // Extensions have a key in brackets, and no name here.
        kind = key.isEmpty ? .other : Kind(field, pool)
        wire = field.type.wireType
        isRepeated = field.isRepeated
        isPacked = field.isPacked
        hasPresence = field.hasPresence
        verifiesUTF8 = field.verifiesUTF8
        oneof = field.oneof >= 0 ? 1 << UInt64(truncatingIfNeeded: field.oneof & 63) : 0
        target = field.target
        self.key = key
    }
}

extension PlainFields.Field.Kind {
    fileprivate init(_ field: MessageLayout.Field, _ pool: DescriptorPool) {
        if field.isMap || field.isDelimited || field.isClosedEnum {
            self = .other
            return
        }
        self =
            switch field.type {
            case .double: .double
            case .float: .float
            case .int64: .int64
            case .uint64: .uint64
            case .int32: .int32
            case .fixed64: .fixed64
            case .fixed32: .fixed32
            case .bool: .bool
            case .string: .string
            case .bytes: .bytes
            case .uint32: .uint32
            case .sfixed32: .sfixed32
            case .sfixed64: .sfixed64
            case .sint32: .sint32
            case .sint64: .sint64
            case .enum: pool.enums[field.target].fullName == "google.protobuf.NullValue" ? .other : .enumeration
            case .message:
                switch WellKnown.name(field.target, pool) {
                case nil: .message
                // To these null is a value, or they hold what is not described here.
                case "Value", "Struct", "ListValue", "Any": .other
                default: .known
                }
            case .group: .other
            }
    }
}
