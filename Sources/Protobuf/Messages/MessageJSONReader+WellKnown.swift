import JSON

// The messages of google/protobuf that have a form of their own in JSON.
extension MessageJSONReader {
    /// Nil where the type is none of them.
    func wellKnown(
        _ value: JSONValue, _ type: Int, _ path: String, _ depth: Int
    ) throws(Unreadable) -> Message? {
        guard let name = MessageJSONWriter(codec).wellKnownName(type) else { return nil }
        switch name {
        case "Any": return try any(value, type, path, depth)
        case "Timestamp": return try timestamp(value, type, path)
        case "Duration": return try duration(value, type, path)
        case "FieldMask": return try fieldMask(value, type, path)
        case "Value": return try dynamicValue(value, type, path, depth)
        case "Struct", "ListValue": return try collection(value, type, path, depth)
        default: return try wrapper(value, type, path, depth)
        }
    }

    private func wrapper(
        _ value: JSONValue, _ type: Int, _ path: String, _ depth: Int
    ) throws(Unreadable) -> Message {
        var message = Message(type: type)
        guard let field = codec.layouts[type].field(1) else { return message }
        let read = try single(value, field, path, depth)
        if field.hasPresence || !read.isZero { message[1] = read }
        return message
    }

    // MARK: Struct

    private func collection(
        _ value: JSONValue, _ type: Int, _ path: String, _ depth: Int
    ) throws(Unreadable) -> Message {
        var message = Message(type: type)
        guard let field = codec.layouts[type].field(1) else { return message }
        switch value {
        case .object(let members) where field.isMap:
            guard let inner = codec.layouts[field.target].field(2), inner.type.isMessage else { return message }
            var entries: [MapKey: FieldValue] = [:]
            for (key, value) in members {
                entries[.string(Array(key.utf8))] = .message(
                    try self.message(value, inner.target, "\(path).\(key)", depth + 1))
            }
            if !entries.isEmpty { message[1] = .map(entries) }
        case .array(let elements) where field.isRepeated && !field.isMap && field.type.isMessage:
            var values: [FieldValue] = []
            for (index, element) in elements.enumerated() {
                values.append(.message(try self.message(element, field.target, "\(path)[\(index)]", depth + 1)))
            }
            if !values.isEmpty { message[1] = .list(values) }
        default:
            throw Unreadable(path: path, message: field.isMap ? "expected an object" : "expected a list")
        }
        return message
    }

    private func dynamicValue(
        _ value: JSONValue, _ type: Int, _ path: String, _ depth: Int
    ) throws(Unreadable) -> Message {
        var message = Message(type: type)
        let layout = codec.layouts[type]
        switch value {
        case .null: message[1] = .enum(0)
        case .int(let number): message[2] = .double(Double(number))
        case .double(let number): message[2] = .double(number)
        case .string(let text): message[3] = .string(Array(text.utf8))
        case .bool(let truth): message[4] = .bool(truth)
        case .object:
            guard let field = layout.field(5), field.type.isMessage else { break }
            message[5] = .message(try self.message(value, field.target, path, depth + 1))
        case .array:
            guard let field = layout.field(6), field.type.isMessage else { break }
            message[6] = .message(try self.message(value, field.target, path, depth + 1))
        }
        return message
    }

    // MARK: Any

    private func any(_ value: JSONValue, _ type: Int, _ path: String, _ depth: Int) throws(Unreadable) -> Message {
        guard case .object(let members) = value else { throw Unreadable(path: path, message: "expected an object") }
        var message = Message(type: type)
        if members.isEmpty { return message }
        guard case .string(let url) = value["@type"] else {
            throw Unreadable(path: path, message: "an Any names the type that it holds: `\"@type\"`")
        }
        let name = url.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last.map {
            String($0) ?? ""
        }
        guard let name, url.utf8.contains(UInt8(ascii: "/")), case .message(let inner) = codec.pool.symbol(named: name)
        else {
            throw Unreadable(path: path + ".@type", message: "there is no message type `\(url)`")
        }
        var held = Message(type: inner)
        if MessageJSONWriter(codec).wellKnownName(inner) != nil {
            guard let content = value["value"] else {
                throw Unreadable(path: path, message: "an Any that holds a `\(name)` has a member `value`")
            }
            held = try self.message(content, inner, path + ".value", depth + 1)
        } else {
            if depth >= MessageCodec.maximumDepth {
                throw Unreadable(path: path, message: "messages are nested too deep")
            }
            try fill(&held, members, path, depth + 1, skipping: "@type")
        }
        message[1] = .string(Array(url.utf8))
        let bytes = codec.encode(held)
        if !bytes.isEmpty { message[2] = .bytes(bytes) }
        return message
    }

    // MARK: Times

    private func time(_ seconds: Int64, _ nanos: Int32, _ type: Int) -> Message {
        var message = Message(type: type)
        if seconds != 0 { message[1] = .int64(seconds) }
        if nanos != 0 { message[2] = .int32(nanos) }
        return message
    }

    /// RFC 3339 with an offset or `Z`, from year 1 to 9999.
    private func timestamp(_ value: JSONValue, _ type: Int, _ path: String) throws(Unreadable) -> Message {
        let wrong = Unreadable(path: path, message: "expected a time such as `2026-01-31T12:00:00Z`")
        guard case .string(let text) = value else { throw wrong }
        var scan = DigitScanner(text)
        guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"),
            let day = scan.digits(2), scan.take("T"), let hour = scan.digits(2), scan.take(":"),
            let minute = scan.digits(2), scan.take(":"), let second = scan.digits(2), let nanos = scan.fraction(),
            let offset = scan.offset(), scan.isAtEnd, year >= 1, 1...12 ~= month, hour < 24, minute < 60, second < 60,
            day >= 1, day <= DigitScanner.days(in: month, of: year)
        else { throw wrong }
        let seconds = DigitScanner.daysSince1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
        guard -62_135_596_800...253_402_300_799 ~= seconds else { throw wrong }
        return time(seconds, nanos, type)
    }

    private func duration(_ value: JSONValue, _ type: Int, _ path: String) throws(Unreadable) -> Message {
        let wrong = Unreadable(path: path, message: "expected a span of seconds such as `1.5s`")
        guard case .string(let text) = value else { throw wrong }
        var scan = DigitScanner(text)
        let isNegative = scan.take("-")
        guard let seconds = scan.number(), let nanos = scan.fraction(), scan.take("s"), scan.isAtEnd,
            seconds <= 315_576_000_000
        else { throw wrong }
        return time(isNegative ? -seconds : seconds, isNegative ? -nanos : nanos, type)
    }

    // MARK: Field masks

    private func fieldMask(_ value: JSONValue, _ type: Int, _ path: String) throws(Unreadable) -> Message {
        guard case .string(let text) = value, !text.utf8.contains(UInt8(ascii: "_")) else {
            throw Unreadable(path: path, message: "expected paths in lowerCamelCase with commas between")
        }
        var message = Message(type: type)
        if text.isEmpty { return message }
        var paths: [FieldValue] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var snake: [UInt8] = []
            for byte in part {
                if (0x41...0x5A).contains(byte) {
                    snake += [UInt8(ascii: "_"), byte + 32]
                } else {
                    snake.append(byte)
                }
            }
            paths.append(.string(snake))
        }
        message[1] = .list(paths)
        return message
    }
}
