import JSON

/// A field of a message, or of a message within it, whose values are written as text: in the path and the query of a URL.
package struct FieldPath: Sendable {
    /// One of the fields on the way.
    package struct Step: Sendable, Equatable {
        /// The message that has it, by its index in the pool.
        package let message: Int
        package let number: Int32
        /// Position among the oneofs of the message, or -1.
        package let oneof: Int
    }

    /// Why a path leads to no value.
    package struct Fault: Error, Equatable, Sendable {
        /// Lower case, no full stop.
        package let message: String
        /// The message that has no field of the name, by its index in the pool.
        package var owner: Int?
        /// The name that is wrong, by its position.
        package let place: Int
    }

    /// How a value lies in its field.
    private enum Form: Sendable {
        case plain
        /// A message of google/protobuf/wrappers.proto, with its only field.
        case wrapper(MessageLayout.Field)
        /// Seconds and nanoseconds.
        case time
        case fieldMask
    }

    /// The last is the field itself.
    package let steps: [Step]
    package var isRepeated: Bool { fields.last?.isRepeated ?? false }
    private let fields: [MessageLayout.Field]
    private let form: Form
    private let codec: MessageCodec

    /// - Parameters:
    ///   - names: in the file or in JSON.
    ///   - type: the message that the path starts from, by its index in the pool.
    package init(_ names: some Collection<some Collection<UInt8>>, in type: Int, _ codec: MessageCodec) throws(Fault) {
        var steps: [Step] = []
        var fields: [MessageLayout.Field] = []
        var message = type
        for (place, name) in names.enumerated() {
            let text = String(decoding: name, as: UTF8.self)
            if let field = fields.last {
                if field.isMap {
                    throw Fault(message: "the entries of a map cannot be written here", place: place - 1)
                }
                guard !field.isRepeated else {
                    throw Fault(message: "the elements of a list of messages cannot be written here", place: place - 1)
                }
                guard field.type.isMessage else {
                    throw Fault(
                        message: "a value of type `\(codec.word(for: field))` has no field `\(text)`", place: place)
                }
                message = field.target
            }
            guard place < MessageCodec.maximumDepth else {
                throw Fault(message: "messages are nested too deep", place: place)
            }
            guard let number = codec.fieldNames[message][ProtoPath(Array(name))],
                let field = codec.layouts[message].field(number)
            else {
                throw Fault(
                    message: "`\(codec.pool.messages[message].fullName)` has no field `\(text)`", owner: message,
                    place: place)
            }
            steps.append(Step(message: message, number: number, oneof: field.oneof))
            fields.append(field)
        }
        guard let leaf = fields.last else { throw Fault(message: "the path names no field", place: 0) }
        guard let form = FieldPath.form(leaf, codec) else {
            throw Fault(
                message: "a value of type `\(codec.word(for: leaf))` cannot be written here", place: steps.count - 1)
        }
        self.steps = steps
        self.fields = fields
        self.form = form
        self.codec = codec
    }

    /// Nil where there is no form.
    private static func form(_ leaf: MessageLayout.Field, _ codec: MessageCodec) -> Form? {
        if leaf.isMap { return nil }
        guard leaf.type.isMessage else { return .plain }
        switch WellKnown.name(leaf.target, codec.pool) {
        case "Timestamp", "Duration": return .time
        case "FieldMask": return .fieldMask
        case "Any", "Struct", "Value", "ListValue", nil: return nil
        default: return codec.layouts[leaf.target].field(1).map { .wrapper($0) }
        }
    }

    // MARK: Values

    /// The fields that hold a value, encoded. Behind the encoding of a message it takes the place of a value that is there,
    /// or comes behind those of a list; zeros are written too, or they would not.
    package func encoded(_ text: [UInt8]) throws(MessageJSONReader.Unreadable) -> [UInt8] {
        guard let leaf = fields.last else { return [] }
        var out = MessageEncoder(codec)
        switch form {
        case .plain: out.single(try value(text, leaf), leaf)
        case .wrapper(let field):
            var inner = MessageEncoder(codec)
            inner.single(try value(text, field), field)
            out.message(inner.out.bytes, leaf)
        case .time:
            let read = try MessageJSONReader(codec).single(.string(try string(text)), leaf, "", 0)
            out.message(time(read, leaf.target), leaf)
        case .fieldMask: out.message(try fieldMask(text), leaf)
        }
        for field in fields.dropLast().reversed() {
            var around = MessageEncoder(codec)
            around.message(out.out.bytes, field)
            out = around
        }
        return out.out.bytes
    }

    private func string(_ text: [UInt8]) throws(MessageJSONReader.Unreadable) -> String {
        guard UTF8Check.firstInvalid(text) == nil else {
            throw MessageJSONReader.Unreadable(path: "", message: "expected text in UTF-8")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func value(
        _ text: [UInt8], _ field: MessageLayout.Field
    ) throws(MessageJSONReader.Unreadable) -> FieldValue {
        if field.type == .string, !field.verifiesUTF8 || UTF8Check.firstInvalid(text) == nil { return .string(text) }
        let string = try string(text)
        let json: JSONValue =
            switch field.type {
            case .bool where string == "true": .bool(true)
            case .bool where string == "false": .bool(false)
            case .enum: Int64(string).map { .int($0) } ?? .string(string)
            default: .string(string)
            }
        return try MessageJSONReader(codec).single(json, field, "", 0)
    }

    private func time(_ value: FieldValue, _ type: Int) -> [UInt8] {
        guard case .message(let message) = value else { return [] }
        var out = MessageEncoder(codec)
        for (number, zero) in [(1, .int64(0)), (2, .int32(0))] as [(Int32, FieldValue)] {
            if let field = codec.layouts[type].field(number) { out.single(message[number] ?? zero, field) }
        }
        return out.out.bytes
    }

    /// Paths with commas between, their names as in the file or as in JSON.
    private func fieldMask(_ text: [UInt8]) throws(MessageJSONReader.Unreadable) -> [UInt8] {
        _ = try string(text)
        var out = WireBytes()
        if text.isEmpty { return [] }
        for path in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var snake: [UInt8] = []
            for byte in path {
                if (0x41...0x5A).contains(byte) {
                    snake += [UInt8(ascii: "_"), byte + 32]
                } else {
                    snake.append(byte)
                }
            }
            out.field(1, bytes: snake)
        }
        return out.bytes
    }
}

extension MessageCodec {
    /// What the type of a field is called in a file.
    fileprivate func word(for field: MessageLayout.Field) -> String {
        if field.isMap { return "map" }
        if field.type.isMessage { return pool.messages[field.target].fullName }
        return field.type == .enum ? pool.enums[field.target].fullName : field.type.word
    }
}
