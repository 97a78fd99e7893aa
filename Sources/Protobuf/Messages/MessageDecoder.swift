/// Reads one message; what it does not know it keeps.
struct MessageDecoder {
    private let codec: MessageCodec
    private let bytes: [UInt8]
    private var at = 0

    init(_ codec: MessageCodec, _ bytes: [UInt8]) {
        self.codec = codec
        self.bytes = bytes
    }

    private func error(_ reason: MessageError.Reason) -> MessageError { MessageError(reason: reason, offset: at) }

    /// - Parameter group: the number of the group whose end is looked for.
    mutating func fields(
        _ message: inout Message, until end: Int, depth: Int, group: Int32? = nil
    ) throws(MessageError) {
        if depth > MessageCodec.maximumDepth { throw error(.tooDeep) }
        while at < end {
            let start = at
            let (number, type) = try tag(end)
            if type == .endGroup {
                guard number == group else { throw error(.badEndOfGroup) }
                return
            }
            if let field = codec.layouts[message.type].field(number),
                try read(field, type, &message, start, end, depth)
            {
                continue
            }
            try skip(number, type, end, depth)
            message.unknown += bytes[start..<at]
        }
        if group != nil { throw error(.endsTooEarly) }
    }

    /// False, with nothing read, where the wire type is not the field's: such a field is unknown.
    private mutating func read(
        _ field: MessageLayout.Field, _ type: WireType, _ message: inout Message, _ start: Int, _ end: Int, _ depth: Int
    ) throws(MessageError) -> Bool {
        if field.type.isMessage {
            guard type == (field.isDelimited ? .startGroup : .lengthDelimited) else { return false }
            try readMessage(field, &message, end, depth)
            return true
        }
        if type == .lengthDelimited, field.isRepeated, field.type.isPackable {
            try readPacked(field, &message, end)
            return true
        }
        guard type == field.type.wireType else { return false }
        let value = try scalar(field, end)
        if isUnknown(value, field) {
            message.unknown += bytes[start..<at]
        } else {
            store(value, field, &message)
        }
        return true
    }

    private func store(_ value: FieldValue, _ field: MessageLayout.Field, _ message: inout Message) {
        if field.isRepeated {
            message.change(field.number, from: .list([])) { $0.append(value) }
        } else {
            clearOthers(field, &message)
            message[field.number] = value
        }
    }

    /// Of a oneof the last field holds.
    private func clearOthers(_ field: MessageLayout.Field, _ message: inout Message) {
        guard field.oneof >= 0 else { return }
        for number in codec.layouts[message.type].oneofs[field.oneof] where number != field.number {
            message[number] = nil
        }
    }

    private func isUnknown(_ value: FieldValue, _ field: MessageLayout.Field) -> Bool {
        guard field.isClosedEnum, case .enum(let number) = value else { return false }
        return !codec.closedValues[field.target].contains(number)
    }

    private mutating func readPacked(
        _ field: MessageLayout.Field, _ message: inout Message, _ end: Int
    ) throws(MessageError) {
        let stop = try length(end)
        var values: [FieldValue] = []
        while at < stop {
            let start = at
            let value = try scalar(field, stop)
            if isUnknown(value, field) {
                var kept = WireBytes()
                kept.tag(field.number, .varint)
                message.unknown += kept.bytes + bytes[start..<at]
            } else {
                values.append(value)
            }
        }
        guard !values.isEmpty else { return }
        message.change(field.number, from: .list([])) { list in
            for value in values { list.append(value) }
        }
    }

    // MARK: Messages

    private mutating func readMessage(
        _ field: MessageLayout.Field, _ message: inout Message, _ end: Int, _ depth: Int
    ) throws(MessageError) {
        if field.isMap { return try readEntry(field, &message, end, depth) }
        var inner = Message(type: field.target)
        // A message that comes twice is merged (encoding guide, "Last One Wins").
        if !field.isRepeated, case .message(let before) = message[field.number] { inner = before }
        if field.isDelimited {
            try fields(&inner, until: end, depth: depth + 1, group: field.number)
        } else {
            try fields(&inner, until: try length(end), depth: depth + 1)
        }
        store(.message(inner), field, &message)
    }

    private mutating func readEntry(
        _ field: MessageLayout.Field, _ message: inout Message, _ end: Int, _ depth: Int
    ) throws(MessageError) {
        var entry = Message(type: field.target)
        try fields(&entry, until: try length(end), depth: depth + 1)
        let layout = codec.layouts[field.target]
        guard let keyField = layout.field(1), let valueField = layout.field(2) else { return }
        // An entry whose value no reader of the type knows is unknown as a whole.
        if valueField.isClosedEnum, !entry.unknown.isEmpty {
            var kept = WireBytes()
            kept.field(field.number, bytes: codec.encode(entry))
            message.unknown += kept.bytes
            return
        }
        guard let key = MapKey(entry[1] ?? keyField.zero) else { return }
        let value = entry[2] ?? valueField.zero
        message.change(field.number, from: .map([:])) { $0.set(key, value) }
    }

    // MARK: Scalars

    private mutating func scalar(_ field: MessageLayout.Field, _ end: Int) throws(MessageError) -> FieldValue {
        switch field.type {
        case .double: return .double(Double(bitPattern: try fixed(8, end)))
        case .float: return .float(Float(bitPattern: UInt32(truncatingIfNeeded: try fixed(4, end))))
        case .int64: return .int64(Int64(bitPattern: try varint(end)))
        case .uint64: return .uint64(try varint(end))
        case .int32: return .int32(Int32(truncatingIfNeeded: try varint(end)))
        case .fixed64: return .uint64(try fixed(8, end))
        case .fixed32: return .uint32(UInt32(truncatingIfNeeded: try fixed(4, end)))
        case .bool: return .bool(try varint(end) != 0)
        case .uint32: return .uint32(UInt32(truncatingIfNeeded: try varint(end)))
        case .enum: return .enum(Int32(truncatingIfNeeded: try varint(end)))
        case .sfixed32: return .int32(Int32(truncatingIfNeeded: try fixed(4, end)))
        case .sfixed64: return .int64(Int64(bitPattern: try fixed(8, end)))
        case .sint32:
            let value = UInt32(truncatingIfNeeded: try varint(end))
            return .int32(Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1))
        case .sint64:
            let value = try varint(end)
            return .int64(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
        case .string, .bytes, .message, .group:
            let stop = try length(end)
            let text = Array(bytes[at..<stop])
            if field.verifiesUTF8, let wrong = UTF8Check.firstInvalid(text) {
                throw MessageError(reason: .notUTF8, offset: at + wrong)
            }
            at = stop
            return field.type == .string ? .string(text) : .bytes(text)
        }
    }

    // MARK: Wire

    private mutating func tag(_ end: Int) throws(MessageError) -> (Int32, WireType) {
        let start = at
        let tag = try varint(end)
        guard tag <= UInt64(UInt32.max), tag >> 3 > 0, let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw MessageError(reason: .badTag, offset: start)
        }
        return (Int32(truncatingIfNeeded: tag >> 3), type)
    }

    private mutating func varint(_ end: Int) throws(MessageError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            guard at < end else { throw error(.endsTooEarly) }
            let byte = bytes[at]
            at += 1
            // Of the tenth byte one bit has room; the rest is dropped.
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw error(.badNumber)
    }

    private mutating func fixed(_ count: Int, _ end: Int) throws(MessageError) -> UInt64 {
        guard end - at >= count else { throw error(.endsTooEarly) }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
        at += count
        return value
    }

    /// Where what is behind the length ends.
    private mutating func length(_ end: Int) throws(MessageError) -> Int {
        let count = try varint(end)
        guard count <= UInt64(end - at) else { throw error(.endsTooEarly) }
        return at + Int(count)
    }

    private mutating func skip(_ number: Int32, _ type: WireType, _ end: Int, _ depth: Int) throws(MessageError) {
        switch type {
        case .varint: _ = try varint(end)
        case .fixed32: _ = try fixed(4, end)
        case .fixed64: _ = try fixed(8, end)
        case .lengthDelimited: at = try length(end)
        case .endGroup: throw error(.badEndOfGroup)
        case .startGroup:
            if depth >= MessageCodec.maximumDepth { throw error(.tooDeep) }
            while true {
                guard at < end else { throw error(.endsTooEarly) }
                let (inner, innerType) = try tag(end)
                if innerType == .endGroup {
                    guard inner == number else { throw error(.badEndOfGroup) }
                    return
                }
                try skip(inner, innerType, end, depth + 1)
            }
        }
    }
}

extension MapKey {
    init?(_ value: FieldValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int32(let value): self = .signed(Int64(value))
        case .int64(let value): self = .signed(value)
        case .uint32(let value): self = .unsigned(UInt64(value))
        case .uint64(let value): self = .unsigned(value)
        case .string(let value): self = .string(value)
        default: return nil
        }
    }
}

extension MessageLayout.Field {
    /// What a field has that is not set.
    var zero: FieldValue {
        switch type {
        case .double: .double(0)
        case .float: .float(0)
        case .int64, .sint64, .sfixed64: .int64(0)
        case .uint64, .fixed64: .uint64(0)
        case .int32, .sint32, .sfixed32: .int32(0)
        case .uint32, .fixed32: .uint32(0)
        case .bool: .bool(false)
        case .string: .string([])
        case .bytes: .bytes([])
        case .enum: .enum(0)
        case .message, .group: .message(Message(type: target))
        }
    }
}
