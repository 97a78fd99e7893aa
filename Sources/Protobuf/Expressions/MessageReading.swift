import CEL

/// Reads fields of an encoded message one by one, straight from its bytes.
struct MessageReading {
    /// One value of a field: the bits of a number, or where the bytes of anything else lie.
    struct Piece {
        let bits: UInt64
        let range: Range<Int>
    }

    let shapes: MessageShapes
    let bytes: UnsafeBufferPointer<UInt8>
    /// How many messages of google/protobuf are around it: what an Any holds nobody has checked.
    let depth: Int

    init(_ shapes: MessageShapes, _ bytes: UnsafeBufferPointer<UInt8>, depth: Int = 0) {
        self.shapes = shapes
        self.bytes = bytes
        self.depth = depth
    }

    // MARK: Pieces

    /// The last value of a field that holds one; nil if it is not there.
    func last(_ field: FieldShape) -> Piece? {
        var found: Piece?
        if !field.layout.isRepeated, field.rivals.isEmpty {
            var scanner = WireScanner(bytes)
            while scanner.next() {
                if holds(field.layout, scanner) { found = Piece(bits: scanner.bits, range: scanner.range) }
            }
            return found
        }
        walk(field, { found = $0 }, cleared: { found = nil })
        return found
    }

    /// All values of a field; those of a message that holds one are to be merged (encoding guide, "Last One Wins").
    func pieces(_ field: FieldShape) -> [Piece] {
        var found: [Piece] = []
        walk(field, { found.append($0) }, cleared: { found = [] })
        return found
    }

    /// - Parameter cleared: called where another member of the oneof takes the field's place.
    private func walk(_ field: FieldShape, _ body: (Piece) -> Void, cleared: () -> Void) {
        var scanner = WireScanner(bytes)
        let layout = field.layout
        while scanner.next() {
            guard scanner.number == layout.number else {
                if !field.rivals.isEmpty, field.rivals.contains(where: { holds($0, scanner) }) { cleared() }
                continue
            }
            if layout.isRepeated, scanner.wire == .lengthDelimited, layout.type.isPackable {
                var packed = WireScanner(bytes, scanner.range)
                while packed.next(packed: layout.type.wireType) {
                    if isKnown(packed.bits, layout) { body(Piece(bits: packed.bits, range: 0..<0)) }
                }
            } else if holds(layout, scanner) {
                body(Piece(bits: scanner.bits, range: scanner.range))
            }
        }
    }

    /// Whether what the scanner stands at is a value of the field; of another wire type it is an unknown field.
    private func holds(_ field: MessageLayout.Field, _ scanner: WireScanner) -> Bool {
        guard scanner.number == field.number else { return false }
        if field.type.isMessage { return scanner.wire == (field.isDelimited ? .startGroup : .lengthDelimited) }
        return scanner.wire == field.type.wireType && isKnown(scanner.bits, field)
    }

    private func isKnown(_ bits: UInt64, _ field: MessageLayout.Field) -> Bool {
        !field.isClosedEnum || shapes.codec.closedValues[field.target].contains(Int32(truncatingIfNeeded: bits))
    }

    // MARK: Fields

    /// What `has` says.
    func has(_ field: FieldShape) -> Bool {
        if field.layout.isMap { return !entries(field).isEmpty }
        guard let piece = last(field) else { return false }
        if field.layout.hasPresence || field.layout.isRepeated { return true }
        switch field.layout.type {
        case .string, .bytes: return !piece.range.isEmpty
        default: return !WireValue.isZero(piece.bits, field.layout.type)
        }
    }

    func value(_ field: FieldShape) -> Value {
        let layout = field.layout
        if layout.isMap { return map(field) }
        if layout.isRepeated {
            var values: [Value] = []
            for piece in pieces(field) {
                let value = value(piece, layout)
                if value.isError { return value }
                values.append(value)
            }
            return .list(values)
        }
        if layout.type.isMessage {
            let pieces = pieces(field)
            if pieces.isEmpty { return field.unset ?? empty(layout.target) }
            return pieces.count == 1 ? value(pieces[0], layout) : merged(pieces, layout)
        }
        return last(field).map { value($0, layout) } ?? field.unset ?? .null
    }

    private func empty(_ type: Int) -> Value { .message(WireMessage(shapes, type, [])) }

    private func value(_ piece: Piece, _ layout: MessageLayout.Field) -> Value {
        if let number = WireValue.value(piece.bits, layout.type) { return number }
        let slice = UnsafeBufferPointer(rebasing: bytes[piece.range])
        switch layout.type {
        case .string: return .string(String(decoding: slice, as: UTF8.self))
        case .bytes: return .bytes(Array(slice))
        default: return MessageReading(shapes, slice, depth: depth + 1).whole(layout.target)
        }
    }

    /// Messages one behind the other are one message.
    private func merged(_ pieces: [Piece], _ layout: MessageLayout.Field) -> Value {
        var joined: [UInt8] = []
        for piece in pieces { joined += bytes[piece.range] }
        return joined.withUnsafeBufferPointer {
            MessageReading(shapes, $0, depth: depth + 1).whole(layout.target)
        }
    }

    // MARK: Maps

    /// The entries of a map, but those whose value is of a closed enum and unknown to it: they are unknown as a whole.
    private func entries(_ field: FieldShape) -> [Piece] {
        let shape = shapes.messages[field.layout.target]
        let pieces = pieces(field)
        guard let value = shape.field(numbered: 2)?.layout, value.isClosedEnum,
            let key = shape.field(numbered: 1)?.layout
        else { return pieces }
        return pieces.filter { piece in
            var scanner = WireScanner(bytes, piece.range)
            while scanner.next() {
                if !holds(key, scanner), !holds(value, scanner) { return false }
            }
            return true
        }
    }

    private func map(_ field: FieldShape) -> Value {
        let shape = shapes.messages[field.layout.target]
        guard let key = shape.field(numbered: 1), let value = shape.field(numbered: 2) else { return .null }
        var made: [(key: Value, value: Value)] = []
        for piece in entries(field) {
            let entry = MessageReading(shapes, UnsafeBufferPointer(rebasing: bytes[piece.range]), depth: depth)
            let held = entry.entryValue(value)
            if held.isError { return held }
            made.append((entry.value(key), held))
        }
        return .map(MapValue(made))
    }

    /// An entry always has its value: a message that is not written is an empty one.
    private func entryValue(_ field: FieldShape) -> Value {
        if field.layout.type.isMessage, last(field) == nil {
            return MessageReading(shapes, UnsafeBufferPointer(start: nil, count: 0), depth: depth + 1)
                .whole(field.layout.target)
        }
        return value(field)
    }
}
