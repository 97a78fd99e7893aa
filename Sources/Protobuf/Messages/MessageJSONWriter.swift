package import JSON

/// Writes messages as ProtoJSON (protobuf.dev, "ProtoJSON Format"): fields by their names in JSON, those that are not set left
/// out, enums by name, whole numbers of 64 bits as text.
package struct MessageJSONWriter {
    /// A value that JSON has no form for, in words.
    package struct Unwritable: Error, Equatable, Sendable {
        package let message: String
    }

    let codec: MessageCodec
    /// Fields that cannot be told to be unset are written with their default, and lists and maps also where they are empty.
    private let writesDefaults: Bool
    /// What an Any holds of a type that is not known is written as `value` in base64, which is no ProtoJSON.
    let writesUnknownTypes: Bool

    package init(_ codec: MessageCodec, writesDefaults: Bool = false, writesUnknownTypes: Bool = false) {
        self.codec = codec
        self.writesDefaults = writesDefaults
        self.writesUnknownTypes = writesUnknownTypes
    }

    /// On failure what was appended is taken back.
    package func write(_ message: Message, to out: inout ByteWriter) -> Result<Void, Unwritable> {
        let start = out.count
        do throws(Unwritable) {
            try append(message, 0, &out)
            return .success(())
        } catch {
            out.truncate(to: start)
            return .failure(error)
        }
    }

    /// The value of one field alone; where it is not set, what it stands for then: a message without fields is `{}`, and null
    /// where its type has no such form. On failure what was appended is taken back.
    package func write(
        field number: Int32, of message: Message, to out: inout ByteWriter
    ) -> Result<Void, Unwritable> {
        guard let field = codec.layouts[message.type].field(number) else { return .success(()) }
        let start = out.count
        do throws(Unwritable) {
            if let value = message[number] ?? field.standard {
                try append(value, field, 0, &out)
            } else {
                out.append(wellKnownName(field.target) == nil ? "{}" as StaticString : "null")
            }
            return .success(())
        } catch {
            out.truncate(to: start)
            return .failure(error)
        }
    }

    func append(_ message: Message, _ depth: Int, _ out: inout ByteWriter) throws(Unwritable) {
        if depth > MessageCodec.maximumDepth { throw Unwritable(message: "messages are nested too deep") }
        if try appendWellKnown(message, depth, &out) { return }
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        try appendFields(message, depth, &isFirst, &out)
        out.append(UInt8(ascii: "}"))
    }

    func appendFields(
        _ message: Message, _ depth: Int, _ isFirst: inout Bool, _ out: inout ByteWriter
    ) throws(Unwritable) {
        let layout = codec.layouts[message.type]
        if writesDefaults { return try appendAll(layout, message, depth, &isFirst, &out) }
        for number in message.numbers {
            guard let field = layout.field(number), let value = message[number] else { continue }
            // Without presence, and in lists and maps, the default is the same as nothing.
            if !field.hasPresence, value.isZero { continue }
            appendKey(name(field, message.type), &isFirst, &out)
            try append(value, field, depth, &out)
        }
    }

    private func appendAll(
        _ layout: MessageLayout, _ message: Message, _ depth: Int, _ isFirst: inout Bool, _ out: inout ByteWriter
    ) throws(Unwritable) {
        for field in layout.fields {
            guard let value = message[field.number] ?? (field.hasPresence ? nil : field.standard) else { continue }
            appendKey(name(field, message.type), &isFirst, &out)
            try append(value, field, depth, &out)
        }
    }

    func appendKey(_ name: String, _ isFirst: inout Bool, _ out: inout ByteWriter) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        out.append(jsonString: name)
        out.append(UInt8(ascii: ":"))
    }

    private func name(_ field: MessageLayout.Field, _ type: Int) -> String {
        if let own = codec.pool.messages[type].field(numbered: field.number) { return own.jsonName }
        return codec.pool.extensionField(of: type, numbered: field.number).map { "[\($0.fullName)]" } ?? ""
    }

    // MARK: Values

    func append(
        _ value: FieldValue, _ field: MessageLayout.Field, _ depth: Int, _ out: inout ByteWriter
    ) throws(Unwritable) {
        switch value {
        case .list(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try appendSingle(value, field, depth, &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map(let values):
            guard let inner = codec.layouts[field.target].field(2) else { return }
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                appendKey(try text(key), &isFirst, &out)
                try appendSingle(value, inner, depth, &out)
            }
            out.append(UInt8(ascii: "}"))
        default:
            try appendSingle(value, field, depth, &out)
        }
    }

    private func text(_ key: MapKey) throws(Unwritable) -> String {
        switch key {
        case .bool(let value): return value ? "true" : "false"
        case .signed(let value): return String(value)
        case .unsigned(let value): return String(value)
        case .string(let bytes): return try text(bytes)
        }
    }

    func text(_ bytes: [UInt8]) throws(Unwritable) -> String {
        if UTF8Check.firstInvalid(bytes) != nil { throw Unwritable(message: "a string is not UTF-8") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendSingle(
        _ value: FieldValue, _ field: MessageLayout.Field, _ depth: Int, _ out: inout ByteWriter
    ) throws(Unwritable) {
        switch value {
        case .bool(let value): out.append(value ? "true" as StaticString : "false")
        case .int32(let value): out.append(decimal: Int(value))
        case .uint32(let value): out.append(decimal: Int(value))
        // A double, which is all that many readers have for a number, holds 53 bits.
        case .int64(let value): out.append(jsonString: String(value))
        case .uint64(let value): out.append(jsonString: String(value))
        case .float(let value): append(value, &out)
        case .double(let value): append(value, &out)
        case .string(let bytes): out.append(jsonString: try text(bytes))
        case .bytes(let bytes):
            out.append(UInt8(ascii: "\""))
            bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
            out.append(UInt8(ascii: "\""))
        case .enum(let number): appendEnum(number, field.target, &out)
        case .message(let message): try append(message, depth + 1, &out)
        case .list, .map: break
        }
    }

    func append(_ value: Float, _ out: inout ByteWriter) {
        append(Double(value), value.description, exact: 16_777_216, &out)
    }

    func append(_ value: Double, _ out: inout ByteWriter) {
        append(value, value.description, exact: 9_007_199_254_740_992, &out)
    }

    /// - Parameters:
    ///   - shortest: its text by as few digits as it needs; a float has fewer than a double.
    ///   - exact: below it every whole number is one of its type, and written without a fraction.
    private func append(_ value: Double, _ shortest: String, exact: Double, _ out: inout ByteWriter) {
        if value.isNaN {
            out.append("\"NaN\"" as StaticString)
        } else if value.isInfinite {
            out.append(value < 0 ? "\"-Infinity\"" as StaticString : "\"Infinity\"")
        } else if value.magnitude < exact, value == value.rounded(), value != 0 || value.sign == .plus {
            out.append(decimal: Int(value))
        } else {
            out.append(shortest)
        }
    }

    func appendEnum(_ number: Int32, _ index: Int, _ out: inout ByteWriter) {
        let enumeration = codec.pool.enums[index]
        if enumeration.fullName == "google.protobuf.NullValue" {
            out.append("null" as StaticString)
        } else if let value = enumeration.value(numbered: number) {
            out.append(jsonString: value.name)
        } else {
            out.append(decimal: Int(number))
        }
    }
}
