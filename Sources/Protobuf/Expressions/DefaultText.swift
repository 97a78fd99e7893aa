import CEL

/// Reads the defaults of proto2 as descriptors have them: numbers in decimal, bytes with escapes, enums by name.
enum DefaultText {
    static func value(_ text: [UInt8], _ field: MessageLayout.Field, _ pool: DescriptorPool) -> Value? {
        let word = String(decoding: text, as: UTF8.self)
        switch field.type {
        case .string: return .string(word)
        case .bytes: return .bytes(unescaped(text))
        case .bool: return .bool(word == "true")
        case .enum: return .int(Int64(pool.enums[field.target].value(named: word)?.number ?? 0))
        case .float: return .double(Double(Float(word) ?? 0))
        case .double: return .double(Double(word) ?? 0)
        case .uint32, .uint64, .fixed32, .fixed64: return .uint(UInt64(word) ?? 0)
        case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: return .int(Int64(word) ?? 0)
        case .message, .group: return nil
        }
    }

    /// As C escapes: a letter, or three octal digits.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < text.count {
            let byte = text[at]
            at += 1
            guard byte == UInt8(ascii: "\\"), at < text.count else {
                out.append(byte)
                continue
            }
            var (value, digits) = (0, 0)
            while digits < 3, at < text.count, (0x30...0x37).contains(text[at]) {
                value = value * 8 + Int(text[at] - 0x30)
                digits += 1
                at += 1
            }
            if digits > 0 {
                out.append(UInt8(truncatingIfNeeded: value))
                continue
            }
            switch text[at] {
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            default: out.append(text[at])
            }
            at += 1
        }
        return out
    }
}
