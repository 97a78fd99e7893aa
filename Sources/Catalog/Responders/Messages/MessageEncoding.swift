import CEL
import JSON
import Protobuf

/// Writes values of expressions as messages of one type, without the tag and the length around them.
final class MessageEncoding: Sendable {
    /// The types of google/protobuf that have a form of their own.
    enum Kind: Sendable {
        case plain
        case timestamp
        case duration
        case fieldMask
        case any
        case structure
        case listValue
        case value
        /// Around one scalar.
        indirect case wrapper(FieldEncoding)
    }

    let codec: MessageCodec
    let type: Int
    let name: String
    let kind: Kind
    /// Scalars that a map's values can be written as without a look at the rest of the message, by number; none where its
    /// form is its own, a field is required or there are many.
    private let flat: [FieldEncoding]

    init(_ codec: MessageCodec, _ type: Int) {
        self.codec = codec
        self.type = type
        let message = codec.pool.messages[type]
        name = message.fullName
        kind =
            switch message.fullName {
            case "google.protobuf.Timestamp": .timestamp
            case "google.protobuf.Duration": .duration
            case "google.protobuf.FieldMask": .fieldMask
            case "google.protobuf.Any": .any
            case "google.protobuf.Struct": .structure
            case "google.protobuf.ListValue": .listValue
            case "google.protobuf.Value": .value
            case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value",
                "google.protobuf.UInt64Value", "google.protobuf.Int32Value", "google.protobuf.UInt32Value",
                "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
                message.field(numbered: 1).map { .wrapper(FieldEncoding(codec, $0)) } ?? .plain
            default: .plain
            }
        if case .plain = kind, message.fields.count <= Self.flatFields, !message.fields.contains(where: \.isRequired) {
            flat = message.fields
                .filter { !$0.isRepeated && $0.oneof == nil && $0.reference == .none }
                .sorted { $0.number < $1.number }
                .map { FieldEncoding(codec, $0) }
        } else {
            flat = []
        }
    }

    /// Each is looked for in the map.
    private static let flatFields = 16

    /// Whether a value of this type can be such a message.
    func accepts(_ found: ValueType) -> Bool {
        switch found {
        case .dyn: return true
        case .optional(let wrapped): return accepts(wrapped)
        case .message(let name): return name.utf8.elementsEqual(self.name.utf8)
        default: break
        }
        switch kind {
        case .timestamp: return found == .timestamp || found == .string
        case .duration: return found == .duration || found == .string
        case .fieldMask: return found == .string
        case .listValue: return .list(.dyn) == found || ValueType.list(.dyn).accepts(found)
        case .value: return true
        case .wrapper(let field): return field.accepts(found)
        case .plain, .any, .structure: return ValueType.map(.dyn, .dyn).accepts(found)
        }
    }

    /// What such a message is made of, for what is said of a value that is none.
    var inWords: String {
        switch kind {
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        case .fieldMask: "a string of paths with commas between"
        case .listValue: "a list"
        case .value: "a value"
        case .wrapper(let field): field.single
        case .plain, .any, .structure: "a map"
        }
    }

    /// Appends the message; what was written before a failure is for the caller to take back.
    func write(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        switch (kind, value) {
        case (_, .error(let error)): return error
        case (_, .optional(let wrapped?)): return write(wrapped, &out)
        case (_, .message):
            guard let bytes = value.encodedMessage(ofType: name) else { return writeByFields(value, &out) }
            out.append(bytes)
            return nil
        case (.timestamp, .timestamp(let time)):
            Self.write(time.seconds, time.nanoseconds, &out)
            return nil
        case (.duration, .duration(let span)):
            let (seconds, nanos) = span.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            Self.write(seconds, Int32(truncatingIfNeeded: nanos), &out)
            return nil
        case (.wrapper(let field), _):
            if case .failed(let error) = field.write(value, &out) { return error }
            return nil
        case (.plain, .map(let map)) where writeFlat(map, &out): return nil
        default: return writeByFields(value, &out)
        }
    }

    /// Appends a map of scalars, each of its field's own type; false, and nothing, where there is anything else.
    ///
    /// By way of JSON and its reader, who know all other forms and what is wrong with one, a message takes three times as long:
    /// a stream sends a hundred thousand of them out of a list.
    private func writeFlat(_ map: MapValue, _ out: inout ByteWriter) -> Bool {
        let start = out.count
        var found = 0
        for field in flat {
            guard let value = map.value(for: field.name) else { continue }
            guard field.isOwn(value), field.writeOne(value, keepsZero: field.hasPresence, &out) == nil else { break }
            found += 1
        }
        if found == map.keys.count, out.count - start <= MessageTree.limit { return true }
        out.truncate(to: start)
        return false
    }

    private static func write(_ seconds: Int64, _ nanos: Int32, _ out: inout ByteWriter) {
        if seconds != 0 {
            out.append(UInt8(0x08))
            out.append(varint: UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            out.append(UInt8(0x10))
            out.append(varint: UInt64(bitPattern: Int64(nanos)))
        }
    }

    private func writeByFields(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        switch ValueJSON.convert(value) {
        case .failure(let error): return error
        case .success(let json): return write(json, &out)
        }
    }

    func write(_ json: JSONValue, _ out: inout ByteWriter) -> EvaluationError? {
        switch MessageJSONReader(codec).read(json, as: type) {
        case .success(let message):
            if let missing = codec.missingField(message) {
                return EvaluationError("the field `\(missing)` of `\(name)` is required")
            }
            let bytes = codec.encode(message)
            if bytes.count > MessageTree.limit { return MessageTree.tooLarge }
            out.append(bytes)
            return nil
        case .failure(let wrong):
            return EvaluationError(wrong.path.isEmpty ? wrong.message : "`\(wrong.path)`: \(wrong.message)")
        }
    }
}
