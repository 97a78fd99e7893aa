package import JSON

/// How text is encoded where it lands.
package enum Encoding: UInt8, Sendable {
    case plain
    /// Inside of a JSON string: escaped, without the quotes (RFC 8259 section 7).
    case jsonString
    case html
    /// All but the unreserved characters of RFC 3986 section 2.3 percent-encoded.
    case urlComponent
    /// Inside of a header's value: CR, LF and NUL are refused (RFC 9110 section 5.5).
    case header
    /// Inside of the name or the id of a server-sent event: the same are refused, since a line ends there.
    case eventField

    /// Whether the text has to stay on its line.
    var isOneLine: Bool { self == .header || self == .eventField }
}

extension ByteWriter {
    /// Appends `bytes` encoded; false and nothing written if this encoding refuses them.
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>, as encoding: Encoding) -> Bool {
        switch encoding {
        case .plain: append(bytes)
        case .jsonString: append(jsonEscaped: bytes)
        case .html: append(htmlEscaped: bytes)
        case .urlComponent: append(percentEncoded: bytes)
        case .header, .eventField:
            if !Self.fitsLine(bytes) { return false }
            append(bytes)
        }
        return true
    }

    package mutating func append(_ text: String, as encoding: Encoding) -> Bool {
        var text = text
        return text.withUTF8 { append($0, as: encoding) }
    }

    static func fitsLine(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in bytes where byte == 0x0D || byte == 0x0A || byte == 0 { return false }
        return true
    }

    private mutating func append(htmlEscaped bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;" as StaticString)
            case UInt8(ascii: "<"): append("&lt;" as StaticString)
            case UInt8(ascii: ">"): append("&gt;" as StaticString)
            case UInt8(ascii: "\""): append("&quot;" as StaticString)
            case UInt8(ascii: "'"): append("&#39;" as StaticString)
            default: append(byte)
            }
        }
    }

    private mutating func append(percentEncoded bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            if Self.isUnreserved(byte) {
                append(byte)
            } else {
                append(percentEscape: byte)
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
