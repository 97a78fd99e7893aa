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
    private let depth: Int

    init(_ shapes: MessageShapes, _ bytes: UnsafeBufferPointer<UInt8>, depth: Int = 0) {
        self.shapes = shapes
        self.bytes = bytes
        self.depth = depth
    }

    // MARK: Pieces

    /// The last value of a field that holds one; nil if it is not there.
    func last(_ field: FieldShape) -> Piece? {
        var found: Piece?
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
                while packed.next(packed: layout.type) {
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

    // MARK: Whole messages

    /// The message as a value: one of CEL's own where it has one.
    func whole(_ type: Int) -> Value {
        let shape = shapes.messages[type]
        guard let known = shape.known else { return .message(WireMessage(shapes, type, Array(bytes))) }
        if depth > MessageCodec.maximumDepth {
            return .error(EvaluationError("messages are nested deeper than \(MessageCodec.maximumDepth) levels"))
        }
        switch known {
        case .timestamp:
            let (seconds, nanos) = parts(shape)
            return Int32(exactly: nanos).flatMap { Timestamp(seconds: seconds, nanoseconds: $0) }
                .map { .timestamp($0) }
                ?? .error(EvaluationError("the timestamp is out of range: it goes from year 1 to year 9999"))
        case .duration:
            let (seconds, nanos) = parts(shape)
            let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, overflows) = whole.addingReportingOverflow(nanos)
            return isTooLong || overflows
                ? .error(EvaluationError("the duration is out of range"))
                : .duration(TimeSpan(nanoseconds: sum))
        case .structure, .list, .wrapper: return shape.fields.first.map { value($0) } ?? .null
        case .value:
            guard let set = shape.fields.first(where: { last($0) != nil }) else { return .null }
            return set.layout.type == .enum ? .null : value(set)
        case .any: return held(type, shape)
        }
    }

    private func parts(_ shape: MessageShape) -> (seconds: Int64, nanos: Int64) {
        func number(_ number: Int32) -> Int64 {
            guard let field = shape.field(numbered: number), case .int(let value) = value(field) else { return 0 }
            return value
        }
        return (number(1), number(2))
    }

    /// What an Any holds; the Any itself where nobody knows that type.
    private func held(_ type: Int, _ shape: MessageShape) -> Value {
        guard let urlField = shape.field(numbered: 1), let url = last(urlField)?.range,
            let inner = shapes.place(of: bytes[url].split(separator: UInt8(ascii: "/")).last ?? [])
        else { return .message(WireMessage(shapes, type, Array(bytes))) }
        let range = shape.field(numbered: 2).flatMap { last($0)?.range } ?? 0..<0
        let slice = UnsafeBufferPointer(rebasing: bytes[range])
        if let error = shapes.codec.check(slice, as: inner) {
            return .error(
                EvaluationError("an Any holds bytes that are no \(shapes.messages[inner].fullName): \(error.message)"))
        }
        return MessageReading(shapes, slice, depth: depth + 1).whole(inner)
    }
}
