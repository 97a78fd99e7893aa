import JSON

extension MessageCodec {
    /// What is wrong with an encoded message, or nil. It takes what `decode` takes, and allocates nothing.
    ///
    /// - Parameter type: an index of the pool.
    package func check(_ bytes: UnsafeBufferPointer<UInt8>, as type: Int) -> MessageError? {
        guard let base = bytes.baseAddress, tables.messages.indices.contains(type) else { return nil }
        var check = MessageCheck(base, UnsafeBufferPointer(tables.messages))
        return withExtendedLifetime(tables) {
            do throws(MessageError) {
                try check.fields(type, until: bytes.count, depth: 0, group: 0)
                return nil
            } catch {
                return error
            }
        }
    }
}

/// Goes over one message as `MessageDecoder` does, and keeps nothing.
private struct MessageCheck {
    private let bytes: UnsafePointer<UInt8>
    private let messages: UnsafeBufferPointer<CheckTables.Message>
    private var at = 0

    init(_ bytes: UnsafePointer<UInt8>, _ messages: UnsafeBufferPointer<CheckTables.Message>) {
        self.bytes = bytes
        self.messages = messages
    }

    private func error(_ reason: MessageError.Reason) -> MessageError { MessageError(reason: reason, offset: at) }

    /// - Parameter group: the number of the group whose end is looked for; 0 for none.
    mutating func fields(_ type: Int, until end: Int, depth: Int, group: Int32) throws(MessageError) {
        if depth > MessageCodec.maximumDepth { throw error(.tooDeep) }
        let message = messages[type]
        while at < end {
            let (number, wire) = try tag(end)
            if wire == WireType.endGroup.rawValue {
                guard number == group else { throw error(.badEndOfGroup) }
                return
            }
            let field = message.field(number)
            if wire == WireType.lengthDelimited.rawValue {
                try delimited(field, end, depth)
            } else if wire == WireType.startGroup.rawValue, field.kind == .group {
                try fields(Int(field.target), until: end, depth: depth + 1, group: number)
            } else {
                try skip(number, wire, end, depth)
            }
        }
        if group != 0 { throw error(.endsTooEarly) }
    }

    @inline(__always)
    private mutating func delimited(_ field: CheckTables.Field, _ end: Int, _ depth: Int) throws(MessageError) {
        let stop = try length(end)
        switch field.kind {
        case .plain, .group: at = stop
        case .text:
            if let wrong = UTF8Scanner.firstInvalid(UnsafeBufferPointer(start: bytes + at, count: stop &- at)) {
                throw MessageError(reason: .notUTF8, offset: at &+ wrong)
            }
            at = stop
        case .message: try fields(Int(field.target), until: stop, depth: depth + 1, group: 0)
        case .packedVarints: while at < stop { _ = try varint(stop) }
        case .packedFixed32: try packed(4, stop)
        case .packedFixed64: try packed(8, stop)
        }
    }

    private mutating func packed(_ size: Int, _ stop: Int) throws(MessageError) {
        let rest = (stop &- at) % size
        at = stop &- rest
        if rest != 0 { throw error(.endsTooEarly) }
    }

    // MARK: Wire

    @inline(__always) private mutating func tag(_ end: Int) throws(MessageError) -> (Int32, UInt8) {
        let start = at
        let tag = try varint(end)
        let wire = UInt8(truncatingIfNeeded: tag & 7)
        guard tag <= UInt64(UInt32.max), tag >> 3 > 0, wire <= WireType.fixed32.rawValue else {
            throw MessageError(reason: .badTag, offset: start)
        }
        return (Int32(truncatingIfNeeded: tag >> 3), wire)
    }

    @inline(__always) private mutating func varint(_ end: Int) throws(MessageError) -> UInt64 {
        if at < end, bytes[at] < 0x80 {
            at &+= 1
            return UInt64(bytes[at &- 1])
        }
        return try longVarint(end)
    }

    private mutating func longVarint(_ end: Int) throws(MessageError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            guard at < end else { throw error(.endsTooEarly) }
            let byte = bytes[at]
            at &+= 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw error(.badNumber)
    }

    /// Where what is behind the length ends.
    @inline(__always) private mutating func length(_ end: Int) throws(MessageError) -> Int {
        let count = try varint(end)
        guard count <= UInt64(end &- at) else { throw error(.endsTooEarly) }
        return at &+ Int(truncatingIfNeeded: count)
    }

    private mutating func skip(_ number: Int32, _ wire: UInt8, _ end: Int, _ depth: Int) throws(MessageError) {
        switch WireType(rawValue: wire) {
        case .varint: _ = try varint(end)
        case .fixed32: try pass(4, end)
        case .fixed64: try pass(8, end)
        case .lengthDelimited: at = try length(end)
        case .endGroup, nil: throw error(.badEndOfGroup)
        case .startGroup:
            if depth >= MessageCodec.maximumDepth { throw error(.tooDeep) }
            while true {
                guard at < end else { throw error(.endsTooEarly) }
                let (inner, innerWire) = try tag(end)
                if innerWire == WireType.endGroup.rawValue {
                    guard inner == number else { throw error(.badEndOfGroup) }
                    return
                }
                try skip(inner, innerWire, end, depth + 1)
            }
        }
    }

    private mutating func pass(_ count: Int, _ end: Int) throws(MessageError) {
        guard end &- at >= count else { throw error(.endsTooEarly) }
        at &+= count
    }
}
