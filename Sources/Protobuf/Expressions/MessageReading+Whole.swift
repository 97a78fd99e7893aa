import CEL

// Messages as a whole.
extension MessageReading {
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
