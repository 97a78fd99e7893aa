import JSON

/// The messages of google/protobuf that have a form of their own in JSON.
package enum WellKnown {
    private static let names: Set<String> = [
        "Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue", "DoubleValue", "FloatValue",
        "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue", "StringValue", "BytesValue",
    ]

    /// The name within google.protobuf, if a message is one of those.
    package static func name(_ type: Int, _ pool: DescriptorPool) -> String? {
        let descriptor = pool.messages[type]
        let start = "google.protobuf."
        guard descriptor.fullName.utf8.starts(with: start.utf8), descriptor.parent == nil else { return nil }
        return names.contains(descriptor.name) ? descriptor.name : nil
    }
}

extension MessageJSONWriter {
    /// The name within google.protobuf, if the message is one of those.
    func wellKnownName(_ type: Int) -> String? { WellKnown.name(type, codec.pool) }

    /// False, with nothing written, where the message is none of them.
    func appendWellKnown(_ message: Message, _ depth: Int, _ out: inout ByteWriter) throws(Unwritable) -> Bool {
        guard let name = wellKnownName(message.type) else { return false }
        switch name {
        case "Any": try appendAny(message, depth, &out)
        case "Timestamp": out.append(jsonString: try timestamp(message))
        case "Duration": out.append(jsonString: try duration(message))
        case "FieldMask": out.append(jsonString: try fieldMask(message))
        case "Struct": try appendField(1, message, depth, empty: "{}", &out)
        case "ListValue": try appendField(1, message, depth, empty: "[]", &out)
        case "Value": try appendValue(message, depth, &out)
        default: try appendField(1, message, depth, empty: nil, &out)
        }
        return true
    }

    /// The one field that stands for the whole message.
    private func appendField(
        _ number: Int32, _ message: Message, _ depth: Int, empty: StaticString?, _ out: inout ByteWriter
    ) throws(Unwritable) {
        guard let field = codec.layouts[message.type].field(number) else { return }
        if let value = message[number] {
            try append(value, field, depth, &out)
        } else if let empty {
            out.append(empty)
        } else {
            try append(field.zero, field, depth, &out)
        }
    }

    /// One that holds nothing is written as null, as protobuf's own libraries do.
    private func appendValue(_ message: Message, _ depth: Int, _ out: inout ByteWriter) throws(Unwritable) {
        guard let number = message.numbers.first(where: { _ in true }), let value = message[number],
            let field = codec.layouts[message.type].field(number)
        else { return out.append("null" as StaticString) }
        if case .double(let number) = value, !number.isFinite {
            throw Unwritable(message: "a google.protobuf.Value holds a number that JSON does not have")
        }
        try append(value, field, depth, &out)
    }

    // MARK: Any

    private func appendAny(_ message: Message, _ depth: Int, _ out: inout ByteWriter) throws(Unwritable) {
        guard case .string(let url) = message[1], !url.isEmpty else {
            if message[2]?.isZero == false { throw Unwritable(message: "an Any holds bytes of no type") }
            out.append("{}" as StaticString)
            return
        }
        let text = try text(url)
        let name = url.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? []
        guard case .message(let type) = codec.pool.symbol(named: String(decoding: name, as: UTF8.self)) else {
            if writesUnknownTypes {
                out.append("{\"@type\":" as StaticString)
                out.append(jsonString: text)
                if case .bytes(let value) = message[2] {
                    out.append(",\"value\":\"" as StaticString)
                    value.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
                    out.append(UInt8(ascii: "\""))
                }
                return out.append(UInt8(ascii: "}"))
            }
            throw Unwritable(message: "an Any holds a message of the unknown type `\(text)`")
        }
        var bytes: [UInt8] = []
        if case .bytes(let value) = message[2] { bytes = value }
        guard case .success(let inner) = codec.decode(bytes, as: type) else {
            throw Unwritable(message: "an Any holds bytes that are no `\(text)`")
        }
        out.append("{\"@type\":" as StaticString)
        out.append(jsonString: text)
        var isFirst = false
        if wellKnownName(type) != nil {
            out.append(",\"value\":" as StaticString)
            try append(inner, depth + 1, &out)
        } else if depth >= MessageCodec.maximumDepth {
            throw Unwritable(message: "messages are nested too deep")
        } else {
            try appendFields(inner, depth + 1, &isFirst, &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    // MARK: Times

    private func parts(_ message: Message) -> (seconds: Int64, nanos: Int32) {
        var (seconds, nanos): (Int64, Int32) = (0, 0)
        if case .int64(let value) = message[1] { seconds = value }
        if case .int32(let value) = message[2] { nanos = value }
        return (seconds, nanos)
    }

    /// RFC 3339, from year 1 to 9999.
    private func timestamp(_ message: Message) throws(Unwritable) -> String {
        let (seconds, nanos) = parts(message)
        guard -62_135_596_800...253_402_300_799 ~= seconds, 0...999_999_999 ~= nanos else {
            throw Unwritable(message: "a google.protobuf.Timestamp is outside of the years 1 to 9999")
        }
        let (days, rest) = seconds.flooredQuotient(by: 86400)
        let (year, month, day) = Self.date(days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(rest / 3600, 2)):"
            + "\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))\(fraction(nanos))Z"
    }

    /// Days since 1970 in the Gregorian calendar; a year starts in March, so that the leap day is its last.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredQuotient(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9, day)
    }

    private func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// None, three, six or nine digits.
    private func fraction(_ nanos: Int32) -> String {
        if nanos == 0 { return "" }
        let digits = padded(Int64(nanos), 9)
        if nanos % 1_000_000 == 0 { return "." + digits.prefix(3) }
        return "." + (nanos % 1000 == 0 ? String(digits.prefix(6)) : digits)
    }

    private func duration(_ message: Message) throws(Unwritable) -> String {
        let (seconds, nanos) = parts(message)
        guard -315_576_000_000...315_576_000_000 ~= seconds, -999_999_999...999_999_999 ~= nanos,
            seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        else { throw Unwritable(message: "a google.protobuf.Duration is out of range, or of two signs") }
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        return "\(sign)\(seconds.magnitude)\(fraction(Int32(nanos.magnitude)))s"
    }

    // MARK: Field masks

    private func fieldMask(_ message: Message) throws(Unwritable) -> String {
        guard case .list(let paths) = message[1] else { return "" }
        var names: [String] = []
        for case .string(let path) in paths { names.append(try camelCase(path)) }
        return names.joined(separator: ",")
    }

    /// It must read back as it was.
    private func camelCase(_ path: [UInt8]) throws(Unwritable) -> String {
        var out: [UInt8] = []
        var isAfterUnderscore = false
        for byte in path {
            if (0x41...0x5A).contains(byte) || isAfterUnderscore && !(0x61...0x7A).contains(byte) {
                throw Unwritable(message: "a path of a google.protobuf.FieldMask is not in lower_snake_case")
            }
            if byte == UInt8(ascii: "_") {
                isAfterUnderscore = true
            } else {
                out.append(isAfterUnderscore ? byte - 32 : byte)
                isAfterUnderscore = false
            }
        }
        if isAfterUnderscore {
            throw Unwritable(message: "a path of a google.protobuf.FieldMask is not in lower_snake_case")
        }
        return try text(out)
    }
}

extension Int64 {
    /// Rounded down, with a rest that is never negative.
    fileprivate func flooredQuotient(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
