package import JSON

/// Reads messages from ProtoJSON (protobuf.dev, "ProtoJSON Format"): fields by their names in JSON or in the file, numbers as
/// numbers or text, null as nothing.
package struct MessageJSONReader {
    /// What does not fit, and where: `lines[2].price`.
    package struct Unreadable: Error, Equatable, Sendable {
        package let path: String
        package let message: String
        /// Of a name that is wrong, and not its value: the type that has no such field, or has it already.
        package var owner: Int?
    }

    let codec: MessageCodec
    /// Members that no field has are passed over, and names that no value of an enum has: a newer `.proto` may have them.
    let ignoresUnknown: Bool

    package init(_ codec: MessageCodec, ignoresUnknown: Bool = false) {
        self.codec = codec
        self.ignoresUnknown = ignoresUnknown
    }

    /// - Parameter type: an index of the pool.
    package func read(_ value: JSONValue, as type: Int) -> Result<Message, Unreadable> {
        do throws(Unreadable) {
            return .success(try message(value, type, "", 0))
        } catch {
            return .failure(error)
        }
    }

    /// A message in which one field is set, to the value alone; null leaves it out.
    ///
    /// - Parameter number: a field of the type.
    package func read(_ value: JSONValue, field number: Int32, of type: Int) -> Result<Message, Unreadable> {
        var message = Message(type: type)
        guard let field = codec.layouts[type].field(number) else { return .success(message) }
        do throws(Unreadable) {
            if let read = try self.value(value, field, "", 0), !read.isZero || field.hasPresence {
                message[number] = read
            }
            return .success(message)
        } catch {
            return .failure(error)
        }
    }

    func message(_ value: JSONValue, _ type: Int, _ path: String, _ depth: Int) throws(Unreadable) -> Message {
        if depth > MessageCodec.maximumDepth { throw Unreadable(path: path, message: "messages are nested too deep") }
        if let known = try wellKnown(value, type, path, depth) { return known }
        guard case .object(let members) = value else {
            throw Unreadable(path: path, message: "expected an object for a `\(codec.pool.messages[type].fullName)`")
        }
        var message = Message(type: type)
        try fill(&message, members, path, depth, skipping: nil)
        return message
    }

    func fill(
        _ message: inout Message, _ members: [(key: String, value: JSONValue)], _ path: String, _ depth: Int,
        skipping: String?
    ) throws(Unreadable) {
        let names = codec.names(message.type)
        var seen: Set<Int32> = []
        var oneofs: Set<Int> = []
        for (key, value) in members {
            if let skipping, key.utf8.elementsEqual(skipping.utf8) { continue }
            let place = path.isEmpty ? key : path + "." + key
            guard let field = field(key, names, message.type) else {
                if ignoresUnknown { continue }
                throw Unreadable(
                    path: place, message: "`\(codec.pool.messages[message.type].fullName)` has no field `\(key)`",
                    owner: message.type)
            }
            if !seen.insert(field.number).inserted {
                throw Unreadable(
                    path: place, message: "the field is there twice, by its two names", owner: message.type)
            }
            guard let read = try self.value(value, field, place, depth) else { continue }
            if field.oneof >= 0, !oneofs.insert(field.oneof).inserted {
                throw Unreadable(
                    path: place, message: "another field of the same oneof is there too", owner: message.type)
            }
            if !read.isZero || field.hasPresence { message[field.number] = read }
        }
    }

    /// Keys are compared as bytes: those that are not ASCII are those of no field but by `json_name`.
    private func field(_ key: String, _ names: [ProtoPath: Int32], _ type: Int) -> MessageLayout.Field? {
        names[ProtoPath(key)].flatMap { codec.layouts[type].field($0) }
    }

    // MARK: Values

    /// Nil where null means that the field is not set.
    private func value(
        _ value: JSONValue, _ field: MessageLayout.Field, _ path: String, _ depth: Int
    ) throws(Unreadable) -> FieldValue? {
        if case .null = value, !takesNull(field) || field.isRepeated { return nil }
        if field.isMap { return try map(value, field, path, depth) }
        guard field.isRepeated else {
            return isUnknownName(value, field) ? nil : try single(value, field, path, depth)
        }
        guard case .array(let elements) = value else { throw Unreadable(path: path, message: "expected a list") }
        var values: [FieldValue] = []
        for (index, element) in elements.enumerated() where !isUnknownName(element, field) {
            values.append(try single(element, field, "\(path)[\(index)]", depth))
        }
        return .list(values)
    }

    /// Whether it names a value of an enum that is not there, which is passed over.
    private func isUnknownName(_ value: JSONValue, _ field: MessageLayout.Field) -> Bool {
        guard ignoresUnknown, field.type == .enum, case .string(let name) = value else { return false }
        return codec.pool.enums[field.target].value(named: name) == nil
    }

    /// To `Value` and `NullValue` null is a value.
    private func takesNull(_ field: MessageLayout.Field) -> Bool {
        guard field.target >= 0 else { return false }
        if field.type.isMessage { return codec.pool.messages[field.target].fullName == "google.protobuf.Value" }
        return codec.pool.enums[field.target].fullName == "google.protobuf.NullValue"
    }

    private func map(
        _ value: JSONValue, _ field: MessageLayout.Field, _ path: String, _ depth: Int
    ) throws(Unreadable) -> FieldValue {
        guard case .object(let members) = value, let keyField = codec.layouts[field.target].field(1),
            let valueField = codec.layouts[field.target].field(2)
        else { throw Unreadable(path: path, message: "expected an object") }
        var entries: [MapKey: FieldValue] = [:]
        for (key, value) in members {
            let place = "\(path).\(key)"
            let text: JSONValue =
                keyField.type == .bool && key == "true"
                ? .bool(true)
                : keyField.type == .bool && key == "false" ? .bool(false) : .string(key)
            guard let mapKey = MapKey(try single(text, keyField, place, depth)), !isUnknownName(value, valueField)
            else {
                continue
            }
            let read = try single(value, valueField, place, depth)
            if entries.updateValue(read, forKey: mapKey) != nil {
                throw Unreadable(path: place, message: "the key is there twice")
            }
        }
        return .map(entries)
    }

    func single(
        _ value: JSONValue, _ field: MessageLayout.Field, _ path: String, _ depth: Int
    ) throws(Unreadable) -> FieldValue {
        switch field.type {
        case .message, .group: return .message(try message(value, field.target, path, depth + 1))
        case .enum: return .enum(try enumNumber(value, field.target, path))
        case .bool:
            guard case .bool(let truth) = value else { throw Unreadable(path: path, message: "expected true or false") }
            return .bool(truth)
        case .string:
            guard case .string(let text) = value else { throw Unreadable(path: path, message: "expected a string") }
            return .string(Array(text.utf8))
        case .bytes:
            guard case .string(let text) = value, let bytes = Base64.decode(anyAlphabet: text.utf8) else {
                throw Unreadable(path: path, message: "expected base64 in a string")
            }
            return .bytes(bytes)
        case .double: return .double(try double(value, path))
        case .float: return .float(try float(value, path))
        case .int32, .sint32, .sfixed32: return .int32(try integer(value, path))
        case .int64, .sint64, .sfixed64: return .int64(try integer(value, path))
        case .uint32, .fixed32: return .uint32(try integer(value, path))
        case .uint64, .fixed64: return .uint64(try integer(value, path))
        }
    }

    private func enumNumber(_ value: JSONValue, _ index: Int, _ path: String) throws(Unreadable) -> Int32 {
        let enumeration = codec.pool.enums[index]
        switch value {
        case .null where enumeration.fullName == "google.protobuf.NullValue": return 0
        case .string(let name):
            // Names of values are ASCII, so that only equal bytes are equal.
            if let found = enumeration.value(named: name) { return found.number }
            throw Unreadable(path: path, message: "`\(enumeration.fullName)` has no value `\(name)`")
        default:
            let number: Int32 = try integer(value, path)
            if !enumeration.isClosed || enumeration.value(numbered: number) != nil { return number }
            throw Unreadable(path: path, message: "`\(enumeration.fullName)` has no value \(number)")
        }
    }

    // MARK: Numbers

    private func integer<N: FixedWidthInteger>(_ value: JSONValue, _ path: String) throws(Unreadable) -> N {
        switch value {
        case .int(let number): if let exact = N(exactly: number) { return exact }
        case .double(let number): if let exact = N(exactly: number) { return exact }
        case .string(let text):
            if let exact = N(text), text.utf8.first != UInt8(ascii: "+") { return exact }
            // `"1e3"` and `"1.0"` are whole too.
            if isNumber(text), let number = Double(text), let exact = N(exactly: number) { return exact }
        default: break
        }
        throw Unreadable(path: path, message: "expected a whole number from \(N.min) to \(N.max)")
    }

    private func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || first.isDigit else { return false }
        return text.utf8.allSatisfy { $0.isDigit || "+-.eE".utf8.contains($0) }
    }

    private func double(_ value: JSONValue, _ path: String) throws(Unreadable) -> Double {
        switch value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        case .string(let text):
            if isNumber(text), let number = Double(text), number.isFinite { return number }
        default: break
        }
        throw Unreadable(path: path, message: "expected a number")
    }

    private func float(_ value: JSONValue, _ path: String) throws(Unreadable) -> Float {
        let wide = try double(value, path)
        let number = Float(wide)
        if number.isInfinite, wide.isFinite {
            throw Unreadable(path: path, message: "the number is too large for a float")
        }
        return number
    }
}

extension MessageCodec {
    /// The numbers of the fields by their names in JSON and in the file, and of extensions in brackets.
    func names(_ type: Int) -> [ProtoPath: Int32] { fieldNames[type] }

    static func names(_ type: Int, _ pool: DescriptorPool) -> [ProtoPath: Int32] {
        var names: [ProtoPath: Int32] = [:]
        for field in pool.messages[type].fields { names[ProtoPath(field.name)] = field.number }
        for field in pool.messages[type].fields { names[ProtoPath(field.jsonName)] = field.number }
        for (number, index) in pool.extensionsByMessage[type] ?? [:] {
            names[ProtoPath("[\(pool.extensions[index].fullName)]")] = number
        }
        return names
    }
}
