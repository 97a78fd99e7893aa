package import CEL
import JSON

/// A message in its encoding, whose fields are read when they are asked for.
final class WireMessage: MessageObject {
    let shapes: MessageShapes
    /// An index of the pool.
    let type: Int
    let bytes: [UInt8]

    init(_ shapes: MessageShapes, _ type: Int, _ bytes: [UInt8]) {
        self.shapes = shapes
        self.type = type
        self.bytes = bytes
    }

    var typeName: String { shapes.messages[type].fullName }
    var byteCount: Int { bytes.count }

    func value(of field: String) -> Value? {
        guard let field = shapes.messages[type].field(named: field) else { return nil }
        return bytes.withUnsafeBufferPointer { MessageReading(shapes, $0).value(field) }
    }

    func has(_ field: String) -> Bool? {
        guard let field = shapes.messages[type].field(named: field) else { return nil }
        return bytes.withUnsafeBufferPointer { MessageReading(shapes, $0).has(field) }
    }

    func lookupCost(of field: String) -> Int {
        guard let field = shapes.messages[type].field(named: field) else { return 0 }
        return bytes.withUnsafeBufferPointer { field.lookupCost($0) }
    }

    func isEqual(to other: any MessageObject) -> Bool {
        guard let other = other as? WireMessage, typeName.utf8.elementsEqual(other.typeName.utf8),
            case .success(let mine) = decoded(as: type, by: shapes.codec),
            case .success(let theirs) = other.decoded(as: type, by: shapes.codec)
        else { return false }
        return MessageEquality(shapes).areEqual(mine, theirs, 0)
    }

    func decoded(as type: Int, by codec: MessageCodec) -> Result<Message, MessageError> {
        codec.decode(bytes, as: type)
    }

    func writeJSON(_ out: inout ByteWriter) -> JSONOutcome {
        switch decoded(as: type, by: shapes.codec) {
        case .failure(let error): return .failed(EvaluationError("this is no \(typeName): \(error.message)"))
        case .success(let message):
            switch MessageJSONWriter(shapes.codec).write(message, to: &out) {
            case .success: return .written
            case .failure(let why): return .failed(EvaluationError(why.message))
            }
        }
    }
}

/// Equality field by field (cel-spec, "Equality"): a NaN is equal to nothing, and what lies in an Any is looked into.
struct MessageEquality {
    private let shapes: MessageShapes

    init(_ shapes: MessageShapes) { self.shapes = shapes }

    func areEqual(_ a: Message, _ b: Message, _ depth: Int) -> Bool {
        if depth > MessageCodec.maximumDepth { return false }
        if shapes.messages[a.type].known == .any, let inner = held(a), let other = held(b) {
            return inner.type == other.type && areEqual(inner, other, depth + 1)
        }
        let numbers = set(a)
        guard numbers == set(b), a.unknown == b.unknown else { return false }
        for number in numbers {
            guard let x = a[number], let y = b[number], areEqual(x, y, depth) else { return false }
        }
        return true
    }

    /// The numbers of the fields that are set; without presence the default is the same as nothing.
    private func set(_ message: Message) -> [Int32] {
        let layout = shapes.codec.layouts[message.type]
        return message.numbers.filter { number in
            layout.field(number)?.hasPresence == true || message[number]?.isZero == false
        }
    }

    private func areEqual(_ a: FieldValue, _ b: FieldValue, _ depth: Int) -> Bool {
        switch (a, b) {
        case (.message(let a), .message(let b)): areEqual(a, b, depth + 1)
        case (.list(let a), .list(let b)):
            a.count == b.count && zip(a, b).allSatisfy { areEqual($0, $1, depth) }
        case (.map(let a), .map(let b)):
            a.count == b.count
                && a.allSatisfy { key, value in b[key].map { areEqual(value, $0, depth) } == true }
        default: a == b
        }
    }

    private func held(_ any: Message) -> Message? {
        guard case .string(let url)? = any[1],
            let type = shapes.place(of: url.split(separator: UInt8(ascii: "/")).last ?? [])
        else { return nil }
        var bytes: [UInt8] = []
        if case .bytes(let value)? = any[2] { bytes = value }
        return try? shapes.codec.decode(bytes, as: type).get()
    }
}

extension Value {
    /// The encoding of a message; nil for what is none, or of another type.
    ///
    /// - Parameter typeName: its full name.
    package func encodedMessage(ofType typeName: String) -> [UInt8]? {
        guard case .message(let object) = self, let message = object as? WireMessage,
            message.typeName.utf8.elementsEqual(typeName.utf8)
        else { return nil }
        return message.bytes
    }
}
