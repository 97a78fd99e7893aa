import CEL
import JSON
import Protobuf

extension FieldEncoding {
    /// Appends the field; `.absent`, and nothing, where the value leaves it unset.
    func write(_ value: Value, _ out: inout ByteWriter) -> JSONOutcome {
        switch value {
        case .null where !takesNull || isRepeated: return .absent
        case .optional(let wrapped): return wrapped.map { write($0, &out) } ?? .absent
        case .error(let error): return .failed(error)
        default: break
        }
        let start = out.count
        let error: EvaluationError?
        if let entry {
            error = writeMap(value, entry, &out)
        } else if isRepeated {
            error = writeList(value, &out)
        } else {
            error = writeOne(value, keepsZero: hasPresence, &out)
        }
        guard let error else { return out.count > start ? .written : .absent }
        out.truncate(to: start)
        return .failed(error)
    }

    /// Whether it is a scalar of the field's own type, which has one form alone.
    func isOwn(_ value: Value) -> Bool {
        switch (type, value) {
        case (.string, .string), (.bool, .bool), (.bytes, .bytes): true
        // Zeros have two forms, and what is not finite has a text.
        case (.double, .double(let number)): number.isNormal
        case (.int32, .int), (.int64, .int), (.uint32, .int), (.uint64, .int), (.sint32, .int), (.sint64, .int),
            (.fixed32, .int), (.fixed64, .int), (.sfixed32, .int), (.sfixed64, .int):
            true
        default: false
        }
    }

    /// Appends a value with its tag.
    func writeOne(_ value: Value, keepsZero: Bool, _ out: inout ByteWriter) -> EvaluationError? {
        let start = out.count
        out.append(tag)
        let payload = out.count
        if let error = writePayload(value, &out) { return error }
        // Without presence the default is the same as nothing.
        if !keepsZero, message == nil, out.isZero(from: payload) { out.truncate(to: start) }
        return nil
    }

    private func writeList(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        guard case .list(let values) = value else { return mismatch(value) }
        if values.isEmpty { return nil }
        let first = out.count
        var start = first
        if isPacked {
            out.append(packedTag)
            start = out.beginLength()
        }
        for value in values {
            // An item that is not there is left out, as in a list that is written down.
            if case .optional(nil) = value { continue }
            if let error = isPacked ? writePayload(value, &out) : writeOne(value, keepsZero: true, &out) {
                return error
            }
            if out.count - start > MessageTree.limit { return MessageTree.tooLarge }
        }
        guard isPacked else { return nil }
        if out.count == start { out.truncate(to: first) } else { out.endLength(start) }
        return nil
    }

    private func writeMap(_ value: Value, _ entry: Entry, _ out: inout ByteWriter) -> EvaluationError? {
        guard case .map(let map) = value else { return mismatch(value) }
        let first = out.count
        for (key, value) in zip(map.keys, map.values) {
            if case .optional(nil) = value { continue }
            out.append(tag)
            let start = out.beginLength()
            if let error = entry.key.writeKey(key, &out) { return error }
            if let error = entry.value.writeOne(value, keepsZero: true, &out) { return error }
            out.endLength(start)
            if out.count - first > MessageTree.limit { return MessageTree.tooLarge }
        }
        return nil
    }

    /// A key that is text may stand for a number or a bool, as all keys do in JSON.
    func writeKey(_ key: Value, _ out: inout ByteWriter) -> EvaluationError? {
        var key = key
        if case .string(let text) = key, type == .bool {
            if text == "true" { key = .bool(true) } else if text == "false" { key = .bool(false) }
        } else if type == .string {
            switch key {
            case .int(let number): key = .string(String(number))
            case .uint(let number): key = .string(String(number))
            case .bool(let truth): key = .string(truth ? "true" : "false")
            default: break
            }
        }
        return writeOne(key, keepsZero: true, &out)
    }

    /// Appends what follows the tag.
    func writePayload(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        if let message { return writeMessage(value, message, &out) }
        switch (type, value) {
        case (_, .optional(let wrapped?)): return writePayload(wrapped, &out)
        case (_, .error(let error)): return error
        case (.bool, .bool(let truth)): out.append(UInt8(truth ? 1 : 0))
        case (.string, .string(var text)):
            out.append(varint: UInt64(text.utf8.count))
            text.withUTF8 { out.append($0) }
        case (.bytes, .bytes(let bytes)):
            out.append(varint: UInt64(bytes.count))
            out.append(bytes)
        case (.bytes, .string(let text)):
            guard let bytes = Base64.decode(anyAlphabet: text.utf8) else { return wrong("is not base64") }
            out.append(varint: UInt64(bytes.count))
            out.append(bytes)
        case (.bool, _), (.string, _), (.bytes, _): return mismatch(value)
        case (.enum, _): return writeEnum(value, &out)
        case (.double, _), (.float, _): return writeReal(value, &out)
        default: return writeInteger(value, &out)
        }
        return nil
    }

    private func writeMessage(
        _ value: Value, _ message: MessageEncoding, _ out: inout ByteWriter
    ) -> EvaluationError? {
        let start = endTag.isEmpty ? out.beginLength() : out.count
        if let error = message.write(value, &out) {
            return EvaluationError("the field `\(name)`: \(error.message)")
        }
        if endTag.isEmpty { out.endLength(start) } else { out.append(endTag) }
        return nil
    }

    private func writeEnum(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        guard let enumeration else { return mismatch(value) }
        let number: Int32
        switch value {
        case .null where takesNull: number = 0
        case .string(let name):
            guard let found = enumeration.value(named: name) else {
                return wrong("is not one of `\(enumeration.fullName)`")
            }
            number = found.number
        default:
            guard let whole: Int32 = integer(value) else { return isNumber(value) ? doesNotFit : mismatch(value) }
            if enumeration.isClosed, enumeration.value(numbered: whole) == nil {
                return wrong("is not one of `\(enumeration.fullName)`")
            }
            number = whole
        }
        out.append(varint: UInt64(bitPattern: Int64(number)))
        return nil
    }

    private func writeReal(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        let number: Double
        switch value {
        case .double(let double): number = double
        case .int(let whole): number = Double(whole)
        case .uint(let whole): number = Double(whole)
        case .string("NaN"): number = .nan
        case .string("Infinity"): number = .infinity
        case .string("-Infinity"): number = -.infinity
        default: return mismatch(value)
        }
        if type == .double {
            out.append(fixed: number.bitPattern, count: 8)
            return nil
        }
        let narrow = Float(number)
        if narrow.isInfinite, number.isFinite { return doesNotFit }
        out.append(fixed: UInt64(narrow.bitPattern), count: 4)
        return nil
    }

    private func writeInteger(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        let signed: Int64?
        var unsigned: UInt64?
        switch type {
        case .int32, .sint32, .sfixed32: signed = (integer(value) as Int32?).map { Int64($0) }
        case .int64, .sint64, .sfixed64: signed = integer(value)
        case .uint32, .fixed32:
            signed = nil
            unsigned = (integer(value) as UInt32?).map { UInt64($0) }
        default:
            signed = nil
            unsigned = integer(value)
        }
        guard let bits = unsigned ?? signed.map({ UInt64(bitPattern: $0) }) else {
            return isNumber(value) ? doesNotFit : mismatch(value)
        }
        switch type {
        case .sint32, .sint64: out.append(varint: bits << 1 ^ (bits >> 63 == 1 ? .max : 0))
        case .fixed32, .sfixed32: out.append(fixed: bits, count: 4)
        case .fixed64, .sfixed64: out.append(fixed: bits, count: 8)
        default: out.append(varint: bits)
        }
        return nil
    }

    private func integer<N: FixedWidthInteger>(_ value: Value) -> N? {
        switch value {
        case .int(let number): return N(exactly: number)
        case .uint(let number): return N(exactly: number)
        case .double(let number): return N(exactly: number)
        // As ProtoJSON writes those of 64 bits.
        case .string(let text): return text.utf8.first == UInt8(ascii: "+") ? nil : N(text)
        default: return nil
        }
    }

    private func isNumber(_ value: Value) -> Bool {
        switch value {
        case .int, .uint, .double: true
        default: false
        }
    }

    // None of them quotes the value: it may be a secret.

    private var doesNotFit: EvaluationError { wrong("does not fit") }

    private func wrong(_ what: String) -> EvaluationError {
        EvaluationError("the field `\(name)` is \(inWords), and the value \(what)")
    }

    func mismatch(_ value: Value) -> EvaluationError {
        if case .error(let error) = value { return error }
        return EvaluationError("the field `\(name)` is \(inWords), found \(value.type.inWords)")
    }
}
