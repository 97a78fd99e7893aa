package import JSON

extension MessageCodec {
    /// Writes an encoded message as ProtoJSON, at once and without a tree of values between: as `decode` and
    /// `MessageJSONWriter` do.
    ///
    /// - Parameter type: an index of the pool.
    /// - Returns: false, with nothing written, where the bytes are wrong or have something that is not plain: fields out of
    ///   their order, one that comes twice, maps.
    package func write(
        plain bytes: UnsafeBufferPointer<UInt8>, as type: Int, toJSON out: inout ByteWriter
    ) -> Bool {
        guard plain.messages.indices.contains(type) else { return false }
        let start = out.count
        let writer = PlainJSONWriter(self, bytes)
        if withExtendedLifetime(plain, { writer.message(type, 0..<bytes.count, 1, &out) }) { return true }
        out.truncate(to: start)
        return false
    }
}

/// Goes over one encoded message, and gives up at whatever is not plain.
private struct PlainJSONWriter {
    /// What is nested deeper is left to the other writer.
    private static let maximumDepth = 32

    private let codec: MessageCodec
    private let plain: PlainFields
    private let bytes: UnsafeBufferPointer<UInt8>
    private let writer: MessageJSONWriter

    init(_ codec: MessageCodec, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.codec = codec
        plain = codec.plain
        self.bytes = bytes
        writer = MessageJSONWriter(codec)
    }

    func message(_ type: Int, _ range: Range<Int>, _ depth: Int, _ out: inout ByteWriter) -> Bool {
        let message = plain.messages[type]
        guard message.isPlain, depth <= Self.maximumDepth else { return false }
        var scanner = WireScanner(bytes, range)
        var place = 0
        var last: Int32 = 0
        var oneofs: UInt64 = 0
        var isFirst = true
        // Whether the list of field `last` is open.
        var isOpen = false
        out.append(UInt8(ascii: "{"))
        while scanner.next() {
            let number = scanner.number
            guard number >= last, scanner.wire != .startGroup else { return false }
            while place < message.fields.count, message.fields[place].number < number { place &+= 1 }
            let isSame = number == last
            last = number
            if isOpen, !isSame {
                out.append(UInt8(ascii: "]"))
                isOpen = false
            }
            guard place < message.fields.count, message.fields[place].number == number else { continue }
            let field = message.fields[place]
            guard field.kind != .other, field.isRepeated || !isSame, oneofs & field.oneof == 0 else { return false }
            oneofs |= field.oneof
            let isPacked = field.isRepeated && scanner.wire == .lengthDelimited && field.wire != .lengthDelimited
            guard isPacked || scanner.wire == field.wire else { return false }
            if isPacked, scanner.range.isEmpty { continue }
            if !field.isRepeated, !field.hasPresence, isZero(scanner, field) { continue }
            if isOpen {
                out.append(UInt8(ascii: ","))
            } else {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                out.append(plain.key(field))
                isOpen = field.isRepeated
                if isOpen { out.append(UInt8(ascii: "[")) }
            }
            guard isPacked ? elements(scanner.range, field, &out) : value(scanner, field, depth, &out) else {
                return false
            }
        }
        if isOpen { out.append(UInt8(ascii: "]")) }
        out.append(UInt8(ascii: "}"))
        return !scanner.isMalformed
    }

    private func isZero(_ scanner: WireScanner, _ field: PlainFields.Field) -> Bool {
        switch field.kind {
        case .string, .bytes: scanner.range.isEmpty
        case .message, .known, .other: false
        // Of a number on the wire the upper half is dropped.
        case .int32, .uint32, .sint32, .enumeration: UInt32(truncatingIfNeeded: scanner.bits) == 0
        default: scanner.bits == 0
        }
    }

    /// The numbers of a packed field.
    private func elements(_ range: Range<Int>, _ field: PlainFields.Field, _ out: inout ByteWriter) -> Bool {
        var scanner = WireScanner(bytes, range)
        var isFirst = true
        while scanner.next(packed: field.wire) {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            guard value(scanner, field, 0, &out) else { return false }
        }
        return !scanner.isMalformed
    }

    private func value(
        _ scanner: WireScanner, _ field: PlainFields.Field, _ depth: Int, _ out: inout ByteWriter
    ) -> Bool {
        let bits = scanner.bits
        let half = UInt32(truncatingIfNeeded: bits)
        switch field.kind {
        case .other: return false
        case .message: return message(field.target, scanner.range, depth &+ 1, &out)
        case .known: return known(scanner.range, field, depth, &out)
        case .string: return string(scanner.range, &out)
        case .bytes:
            out.append(UInt8(ascii: "\""))
            Base64.encode(UnsafeBufferPointer(rebasing: bytes[scanner.range]), into: &out)
            out.append(UInt8(ascii: "\""))
        case .bool: out.append(bits != 0 ? "true" as StaticString : "false")
        case .enumeration: writer.appendEnum(Int32(bitPattern: half), field.target, &out)
        case .int32, .sfixed32: out.append(decimal: Int(Int32(bitPattern: half)))
        case .sint32: out.append(decimal: Int(Int32(bitPattern: half >> 1) ^ -Int32(bitPattern: half & 1)))
        case .uint32, .fixed32: out.append(decimal: UInt(half))
        case .int64, .sfixed64: quoted(Int64(bitPattern: bits), &out)
        case .sint64: quoted(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1), &out)
        case .uint64, .fixed64:
            out.append(UInt8(ascii: "\""))
            out.append(decimal: UInt(bits))
            out.append(UInt8(ascii: "\""))
        case .float: writer.append(Float(bitPattern: half), &out)
        case .double: writer.append(Double(bitPattern: bits), &out)
        }
        return true
    }

    private func quoted(_ value: Int64, _ out: inout ByteWriter) {
        out.append(UInt8(ascii: "\""))
        out.append(decimal: Int(value))
        out.append(UInt8(ascii: "\""))
    }

    private func string(_ range: Range<Int>, _ out: inout ByteWriter) -> Bool {
        let text = UnsafeBufferPointer(rebasing: bytes[range])
        if UTF8Scanner.firstInvalid(text) != nil { return false }
        out.append(UInt8(ascii: "\""))
        out.append(jsonEscaped: text)
        out.append(UInt8(ascii: "\""))
        return true
    }

    private func known(
        _ range: Range<Int>, _ field: PlainFields.Field, _ depth: Int, _ out: inout ByteWriter
    ) -> Bool {
        guard case .success(let message) = codec.decode(Array(bytes[range]), as: field.target) else { return false }
        do throws(MessageJSONWriter.Unwritable) {
            try writer.append(message, depth, &out)
            return true
        } catch {
            return false
        }
    }
}
