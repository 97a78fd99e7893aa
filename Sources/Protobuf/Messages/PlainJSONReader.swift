package import JSON

extension MessageCodec {
    /// Writes a message that is given as ProtoJSON in its binary encoding, at once and without a tree of values between: as
    /// `MessageJSONReader` and `encode` do, but the fields stay in the order in which they come.
    ///
    /// - Parameter type: an index of the pool.
    /// - Returns: false, with nothing written, where the JSON is wrong or has something that is not plain: the other way tells.
    package func encode(plainJSON bytes: UnsafeBufferPointer<UInt8>, as type: Int, into out: inout ByteWriter) -> Bool {
        guard let base = bytes.baseAddress, plain.messages.indices.contains(type) else { return false }
        let start = out.count
        var reader = PlainJSONReader(self, base, bytes.count)
        if withExtendedLifetime(plain, { reader.document(type, &out) }) { return true }
        out.truncate(to: start)
        return false
    }
}

/// Goes over one JSON text, and gives up at whatever is not plain.
private struct PlainJSONReader {
    /// What is nested deeper is left to the other reader, which bounds its own stack.
    private static let maximumDepth = 32

    private enum Written {
        case failed
        case zero
        case value
    }

    private let codec: MessageCodec
    private let plain: PlainFields
    private let bytes: UnsafePointer<UInt8>
    private let end: Int
    private var at = 0

    init(_ codec: MessageCodec, _ bytes: UnsafePointer<UInt8>, _ count: Int) {
        self.codec = codec
        plain = codec.plain
        self.bytes = bytes
        end = count
    }

    mutating func document(_ type: Int, _ out: inout ByteWriter) -> Bool {
        guard take("{"), message(type, 1, &out) else { return false }
        skipSpace()
        return at == end
    }

    /// What stands behind the brace.
    private mutating func message(_ type: Int, _ depth: Int, _ out: inout ByteWriter) -> Bool {
        let message = plain.messages[type]
        guard message.isPlain, depth <= Self.maximumDepth else { return false }
        var seen: UInt64 = 0
        var oneofs: UInt64 = 0
        if take("}") { return true }
        repeat {
            guard take("\""), let name = plainText(), take(":"), let place = plain.field(name, of: message) else {
                return false
            }
            let field = message.fields[place]
            let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: place)
            guard field.kind != .other, seen & bit == 0 else { return false }
            seen |= bit
            skipSpace()
            if peek == UInt8(ascii: "n") {
                guard word("null") else { return false }
                continue
            }
            guard oneofs & field.oneof == 0 else { return false }
            oneofs |= field.oneof
            guard value(field, depth, &out) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func value(_ field: PlainFields.Field, _ depth: Int, _ out: inout ByteWriter) -> Bool {
        guard field.isRepeated else {
            let start = out.count
            appendTag(field, field.wire, &out)
            switch payload(field, depth, &out) {
            case .failed: return false
            case .value: return true
            case .zero:
                // Without presence the default is the same as nothing.
                if !field.hasPresence { out.truncate(to: start) }
                return true
            }
        }
        guard take("[") else { return false }
        if take("]") { return true }
        if field.isPacked {
            appendTag(field, .lengthDelimited, &out)
            let start = out.beginLength()
            repeat {
                skipSpace()
                if payload(field, depth, &out) == .failed { return false }
            } while take(",")
            out.endLength(start)
        } else {
            repeat {
                skipSpace()
                appendTag(field, field.wire, &out)
                if payload(field, depth, &out) == .failed { return false }
            } while take(",")
        }
        return take("]")
    }

    private func appendTag(_ field: PlainFields.Field, _ wire: WireType, _ out: inout ByteWriter) {
        out.append(varint: UInt64(UInt32(bitPattern: field.number)) << 3 | UInt64(wire.rawValue))
    }

    // MARK: Values

    private mutating func payload(_ field: PlainFields.Field, _ depth: Int, _ out: inout ByteWriter) -> Written {
        switch field.kind {
        case .other: return .failed
        case .message:
            let start = out.beginLength()
            guard take("{"), message(field.target, depth &+ 1, &out) else { return .failed }
            out.endLength(start)
            return .value
        case .string: return string(field, &out)
        case .bytes, .known: return text(field, &out)
        case .enumeration: return enumeration(field, &out)
        case .bool:
            let isTrue = peek == UInt8(ascii: "t")
            guard word(isTrue ? "true" : "false") else { return .failed }
            out.append(isTrue ? 1 : 0 as UInt8)
            return isTrue ? .value : .zero
        case .float, .double: return number(field, &out)
        case .int32, .sint32, .sfixed32:
            return signed(Int64(Int32.min), UInt64(Int32.max), field.kind, &out)
        case .int64, .sint64, .sfixed64: return signed(Int64.min, UInt64(Int64.max), field.kind, &out)
        case .uint32, .fixed32: return unsigned(UInt64(UInt32.max), field.kind, &out)
        case .uint64, .fixed64: return unsigned(UInt64.max, field.kind, &out)
        }
    }

    private mutating func string(_ field: PlainFields.Field, _ out: inout ByteWriter) -> Written {
        guard take("\"") else { return .failed }
        let start = at
        if let text = plainText() {
            out.append(varint: UInt64(text.count))
            out.append(text)
            return text.isEmpty ? .zero : .value
        }
        at = start
        guard let text = escapedText() else { return .failed }
        out.append(varint: UInt64(text.utf8.count))
        out.append(text)
        return text.isEmpty ? .zero : .value
    }

    /// What is written as text in JSON and is none.
    private mutating func text(_ field: PlainFields.Field, _ out: inout ByteWriter) -> Written {
        guard take("\""), let text = plainText() else { return .failed }
        let string = String(decoding: text, as: UTF8.self)
        guard let layout = codec.layouts[field.message].field(field.number) else { return .failed }
        do throws(MessageJSONReader.Unreadable) {
            let value = try MessageJSONReader(codec).single(.string(string), layout, "", 0)
            var encoder = MessageEncoder(codec)
            encoder.untagged(value, layout)
            out.append(encoder.out.bytes)
            return value.isZero ? .zero : .value
        } catch {
            return .failed
        }
    }

    private mutating func enumeration(_ field: PlainFields.Field, _ out: inout ByteWriter) -> Written {
        guard take("\"") else { return signed(Int64(Int32.min), UInt64(Int32.max), .int32, &out) }
        guard let name = plainText(),
            let value = codec.pool.enums[field.target].value(named: String(decoding: name, as: UTF8.self))
        else { return .failed }
        out.append(varint: UInt64(bitPattern: Int64(value.number)))
        return value.number == 0 ? .zero : .value
    }

    // MARK: Numbers

    /// A whole number without fraction and exponent, in quotes or not.
    private mutating func digits() -> (isNegative: Bool, magnitude: UInt64)? {
        let isQuoted = take("\"")
        let isNegative = peek == UInt8(ascii: "-")
        if isNegative { at &+= 1 }
        let start = at
        var magnitude: UInt64 = 0
        while at < end, case let digit = bytes[at] &- 0x30, digit < 10 {
            let (tens, isOver) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isFar) = tens.addingReportingOverflow(UInt64(digit))
            if isOver || isFar { return nil }
            magnitude = sum
            at &+= 1
        }
        guard at > start, bytes[start] != 0x30 || at == start &+ 1 else { return nil }
        if isQuoted {
            guard at < end, bytes[at] == UInt8(ascii: "\"") else { return nil }
            at &+= 1
        } else if at < end && ".eE".utf8.contains(bytes[at]) || magnitude > UInt64(Int64.max) {
            // Larger numbers without quotes are not whole to every reader of JSON, ours included.
            return nil
        }
        return (isNegative, magnitude)
    }

    private mutating func signed(
        _ least: Int64, _ most: UInt64, _ kind: PlainFields.Field.Kind, _ out: inout ByteWriter
    ) -> Written {
        guard let (isNegative, magnitude) = digits(), magnitude <= (isNegative ? least.magnitude : most) else {
            return .failed
        }
        let bits = isNegative ? 0 &- magnitude : magnitude
        let value = Int64(bitPattern: bits)
        switch kind {
        case .sint32, .sint64: out.append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
        case .sfixed32: append(bits, 4, &out)
        case .sfixed64: append(bits, 8, &out)
        default: out.append(varint: bits)
        }
        return magnitude == 0 ? .zero : .value
    }

    private mutating func unsigned(
        _ most: UInt64, _ kind: PlainFields.Field.Kind, _ out: inout ByteWriter
    ) -> Written {
        guard let (isNegative, magnitude) = digits(), !isNegative, magnitude <= most else { return .failed }
        switch kind {
        case .fixed32: append(magnitude, 4, &out)
        case .fixed64: append(magnitude, 8, &out)
        default: out.append(varint: magnitude)
        }
        return magnitude == 0 ? .zero : .value
    }

    private func append(_ bits: UInt64, _ count: Int, _ out: inout ByteWriter) {
        for index in 0..<count { out.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 &* index))) }
    }

    private mutating func number(_ field: PlainFields.Field, _ out: inout ByteWriter) -> Written {
        let start = at
        while at < end, bytes[at] &- 0x30 < 10 || "+-.eE".utf8.contains(bytes[at]) { at &+= 1 }
        let text = UnsafeBufferPointer(start: bytes + start, count: at &- start)
        guard case .success(let json) = JSONReader.read(text) else { return .failed }
        let value: Double
        switch json {
        case .int(let whole): value = Double(whole)
        case .double(let number): value = number
        default: return .failed
        }
        if field.kind == .double {
            append(value.bitPattern, 8, &out)
            return value.bitPattern == 0 ? .zero : .value
        }
        let narrow = Float(value)
        guard narrow.isFinite else { return .failed }
        append(UInt64(narrow.bitPattern), 4, &out)
        return narrow.bitPattern == 0 ? .zero : .value
    }

    // MARK: Bytes

    private var peek: UInt8? { at < end ? bytes[at] : nil }

    private mutating func skipSpace() {
        while at < end, case let byte = bytes[at], byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            at &+= 1
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < end, UInt32(bytes[at]) == scalar.value else { return false }
        at &+= 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end &- at >= count else { return false }
        for index in 0..<count where bytes[at &+ index] != word.utf8Start[index] { return false }
        at &+= count
        return true
    }

    /// The text behind a quote, and the quote that ends it; nil where it has escapes or cannot be.
    private mutating func plainText() -> UnsafeBufferPointer<UInt8>? {
        let start = at
        var high: UInt8 = 0
        while at < end {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                let text = UnsafeBufferPointer(start: bytes + start, count: at &- start)
                at &+= 1
                return high < 0x80 || UTF8Scanner.firstInvalid(text) == nil ? text : nil
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
            high |= byte
            at &+= 1
        }
        return nil
    }

    /// The same with escapes.
    private mutating func escapedText() -> String? {
        let start = at &- 1
        while at < end, bytes[at] != UInt8(ascii: "\"") { at &+= bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        guard at < end else { return nil }
        at &+= 1
        let token = UnsafeBufferPointer(start: bytes + start, count: at &- start)
        guard case .success(.string(let text)) = JSONReader.read(token) else { return nil }
        return text
    }
}
