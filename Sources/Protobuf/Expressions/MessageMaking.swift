import CEL
import JSON

/// Makes messages of values (cel-spec, "Protocol Buffer Data Conversion").
struct MessageMaking {
    private let shapes: MessageShapes

    init(_ shapes: MessageShapes) { self.shapes = shapes }

    func field(_ value: Value, _ field: FieldShape) throws(EvaluationError) -> FieldValue {
        let layout = field.layout
        switch value {
        case .map(let map) where layout.isMap:
            let entry = shapes.codec.layouts[layout.target]
            guard let keyField = entry.field(1), let valueField = entry.field(2) else { return .map([:]) }
            var made: [MapKey: FieldValue] = [:]
            for (key, value) in zip(map.keys, map.values) {
                guard let key = MapKey(try single(key, keyField, field.name)) else { continue }
                made[key] = try single(value, valueField, field.name)
            }
            return .map(made)
        case .list(let list) where layout.isRepeated && !layout.isMap:
            var made: [FieldValue] = []
            for value in list { made.append(try single(value, layout, field.name)) }
            return .list(made)
        default:
            if layout.isRepeated { throw wrong(value, field.name, "\(field.field.type)") }
            return try single(value, layout, field.name)
        }
    }

    private func wrong(_ value: Value, _ name: String, _ wanted: String) -> EvaluationError {
        EvaluationError("the field '\(name)' is \(wanted), not \(value.type)")
    }

    private func single(
        _ value: Value, _ field: MessageLayout.Field, _ name: String
    ) throws(EvaluationError) -> FieldValue {
        switch (field.type, value) {
        case (.bool, .bool(let flag)): return .bool(flag)
        case (.int64, .int(let number)), (.sint64, .int(let number)), (.sfixed64, .int(let number)):
            return .int64(number)
        case (.int32, .int(let number)), (.sint32, .int(let number)), (.sfixed32, .int(let number)):
            guard let fitted = Int32(exactly: number) else { throw EvaluationError("\(number) is no int32") }
            return .int32(fitted)
        case (.enum, .int(let number)):
            guard let fitted = Int32(exactly: number) else { throw EvaluationError("\(number) is no value of an enum") }
            return .enum(fitted)
        case (.enum, .null) where shapes.codec.pool.enums[field.target].fullName == KnownMessage.nullValue:
            return .enum(0)
        case (.uint64, .uint(let number)), (.fixed64, .uint(let number)): return .uint64(number)
        case (.uint32, .uint(let number)), (.fixed32, .uint(let number)):
            guard let fitted = UInt32(exactly: number) else { throw EvaluationError("\(number) is no uint32") }
            return .uint32(fitted)
        case (.float, .double(let number)): return .float(Float(number))
        case (.double, .double(let number)): return .double(number)
        case (.string, .string(let text)): return .string(Array(text.utf8))
        case (.bytes, .bytes(let bytes)): return .bytes(bytes)
        case (.message, _), (.group, _): return .message(try message(value, field.target, name))
        default: throw wrong(value, name, field.type.word)
        }
    }

    /// - Parameter name: the field that it is for.
    func message(_ value: Value, _ type: Int, _ name: String? = nil) throws(EvaluationError) -> Message {
        let shape = shapes.messages[type]
        var made = Message(type: type)
        switch (shape.known, value) {
        case (.timestamp, .timestamp(let time)):
            made[1] = .int64(time.seconds)
            made[2] = .int32(time.nanoseconds)
        case (.duration, .duration(let span)):
            made[1] = .int64(span.nanoseconds / 1_000_000_000)
            made[2] = .int32(Int32(truncatingIfNeeded: span.nanoseconds % 1_000_000_000))
        case (.wrapper, _):
            guard let field = shape.fields.first else { return made }
            made[field.number] = try self.field(value, field)
        case (.structure, .map), (.list, .list):
            guard let field = shape.fields.first else { return made }
            made[field.number] = try self.field(value, field)
        case (.value, _): made = try json(value, type)
        case (.any, _): made = try any(value, type)
        case (nil, .message(let object as WireMessage)) where object.typeName.utf8.elementsEqual(shape.fullName.utf8):
            if case .success(let message) = object.decoded(as: type, by: shapes.codec) { return message }
            throw EvaluationError("the bytes of a \(shape.fullName) are damaged")
        default:
            guard let name else { throw EvaluationError("expected \(shape.fullName), found \(value.type)") }
            throw wrong(value, name, shape.fullName)
        }
        return made
    }

    // MARK: JSON

    /// A google.protobuf.Value.
    private func json(_ value: Value, _ type: Int) throws(EvaluationError) -> Message {
        var made = Message(type: type)
        func hold(_ value: Value, _ number: Int32) throws(EvaluationError) {
            guard let field = shapes.messages[type].field(numbered: number) else { return }
            made[number] = try self.field(value, field)
        }
        switch value {
        case .null: made[1] = .enum(0)
        // A double holds 53 bits of a whole number; more of them are text, as in ProtoJSON.
        case .int(let number):
            made[2] = number.magnitude <= 1 << 53 ? .double(Double(number)) : nil
            if made[2] == nil { made[3] = .string(Array(String(number).utf8)) }
        case .uint(let number):
            made[2] = number <= 1 << 53 ? .double(Double(number)) : nil
            if made[2] == nil { made[3] = .string(Array(String(number).utf8)) }
        case .double(let number): made[2] = .double(number)
        case .string(let text): made[3] = .string(Array(text.utf8))
        case .bool(let flag): made[4] = .bool(flag)
        case .map: try hold(value, 5)
        case .list: try hold(value, 6)
        default:
            // Times and bytes as the text that JSON has for them; a message as its JSON.
            var out = ByteWriter()
            guard case .written = value.writeJSON(&out), case .success(let json) = JSONReader.read(Array(out.bytes))
            else {
                throw EvaluationError("a google.protobuf.Value cannot hold \(value.type)")
            }
            return try self.json(Value(json), type)
        }
        return made
    }

    // MARK: Any

    private func any(_ value: Value, _ type: Int) throws(EvaluationError) -> Message {
        if case .message(let object as WireMessage) = value {
            // What was unpacked from nothing known is an Any already.
            if shapes.messages[object.type].known == .any, object.shapes === shapes,
                case .success(let message) = object.decoded(as: type, by: shapes.codec)
            {
                return message
            }
            return packed(object.typeName, object.bytes, type)
        }
        let name = "google.protobuf." + (try Self.packedName(value))
        guard let inner = shapes.place(of: name) else {
            throw EvaluationError("an Any cannot hold \(value.type): nothing imports \(name)")
        }
        return packed(name, shapes.codec.encode(try message(value, inner)), type)
    }

    private func packed(_ name: String, _ bytes: [UInt8], _ type: Int) -> Message {
        var made = Message(type: type)
        made[1] = .string(Array("type.googleapis.com/\(name)".utf8))
        made[2] = .bytes(bytes)
        return made
    }

    private static func packedName(_ value: Value) throws(EvaluationError) -> String {
        switch value {
        case .null: "Value"
        case .bool: "BoolValue"
        case .int: "Int64Value"
        case .uint: "UInt64Value"
        case .double: "DoubleValue"
        case .string: "StringValue"
        case .bytes: "BytesValue"
        case .timestamp: "Timestamp"
        case .duration: "Duration"
        case .list: "ListValue"
        case .map: "Struct"
        default: throw EvaluationError("an Any cannot hold \(value.type)")
        }
    }
}
