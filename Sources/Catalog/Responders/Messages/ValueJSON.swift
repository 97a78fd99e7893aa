import CEL
import JSON
import Protobuf

/// Makes JSON of an expression's value, for messages whose fields are known only when it is there.
struct ValueJSON {
    /// What is left of the output's limit: a value whose parts are shared is far larger written out than in memory.
    private var room = MessageTree.limit

    static func convert(_ value: Value) -> Result<JSONValue, EvaluationError> {
        var converter = ValueJSON()
        do throws(EvaluationError) {
            return .success(try converter.json(value, 0) ?? .null)
        } catch {
            return .failure(error)
        }
    }

    /// Nil for an empty optional.
    private mutating func json(_ value: Value, _ depth: Int) throws(EvaluationError) -> JSONValue? {
        if depth > MessageCodec.maximumDepth { throw EvaluationError("the value is nested too deep") }
        try take(8)
        switch value {
        case .null: return .null
        case .bool(let truth): return .bool(truth)
        case .int(let number): return .int(number)
        // ProtoJSON takes numbers as text too, and JSON here has no unsigned ones.
        case .uint(let number): return Int64(exactly: number).map { .int($0) } ?? .string(String(number))
        case .double(let number):
            if number.isNaN { return .string("NaN") }
            return number.isFinite ? .double(number) : .string(number < 0 ? "-Infinity" : "Infinity")
        case .string(let text):
            try take(text.utf8.count)
            return .string(text)
        case .bytes(let bytes):
            try take(bytes.count)
            var out = ByteWriter(capacity: 64)
            bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
            return .string(String(decoding: out.bytes, as: UTF8.self))
        case .timestamp(let time): return .string(time.text)
        case .duration(let span): return .string(span.text)
        case .optional(let wrapped):
            guard let wrapped else { return nil }
            return try json(wrapped, depth + 1)
        case .error(let error): throw error
        case .list(let values):
            var elements: [JSONValue] = []
            for value in values {
                if let element = try json(value, depth + 1) { elements.append(element) }
            }
            return .array(elements)
        case .map(let map): return try object(map, depth)
        case .message(let message):
            var out = ByteWriter(capacity: 256)
            if case .failed(let error) = message.writeJSON(&out) { throw error }
            try take(out.count)
            guard case .success(let json) = JSONReader.read(out.bytes) else {
                throw EvaluationError("the message is nested too deep")
            }
            return json
        default: throw EvaluationError("\(value.type.inWords) cannot be part of a message")
        }
    }

    private mutating func object(_ map: MapValue, _ depth: Int) throws(EvaluationError) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = []
        for (key, value) in zip(map.keys, map.values) {
            guard let member = try json(value, depth + 1) else { continue }
            var text = ByteWriter(capacity: 64)
            if let error = key.write(&text, .plain) { throw error }
            try take(text.count)
            members.append((String(decoding: text.bytes, as: UTF8.self), member))
        }
        return .object(members)
    }

    private mutating func take(_ count: Int) throws(EvaluationError) {
        room -= count
        if room < 0 { throw MessageTree.tooLarge }
    }
}
