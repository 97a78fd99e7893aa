/// What a content type says of how to read a body.
package struct MediaType {
    package enum Kind {
        case json
        case form
        case multipart(boundary: [UInt8])
        case text
        case other
    }

    package let kind: Kind

    package init(_ head: borrowing Head) {
        self.init(head.slice(head.value(of: .contentType) ?? .none))
    }

    /// - Parameter field: `type/subtype; parameter=value` (RFC 9110 section 8.3.1).
    package init(_ field: UnsafeBufferPointer<UInt8>) {
        let parts = field.split(separator: UInt8(ascii: ";"))
        let name = parts.first.map { Self.trimmed($0) } ?? ""
        if name == "application/json" || name.hasSuffix("+json") {
            kind = .json
        } else if name == "application/x-www-form-urlencoded" {
            kind = .form
        } else if name == "multipart/form-data", let boundary = Self.boundary(parts.dropFirst()) {
            kind = .multipart(boundary: boundary)
        } else if name.hasPrefix("text/") {
            kind = .text
        } else {
            kind = .other
        }
    }

    /// The type without its parameters, as it is written.
    package static func name(in field: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var end = 0
        while end < field.count, field[end] != UInt8(ascii: ";"), field[end] != 0x20, field[end] != 0x09 { end &+= 1 }
        return UnsafeBufferPointer(rebasing: field[..<end])
    }

    private static func trimmed(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self).lowercased()
    }

    private static func boundary(_ parameters: ArraySlice<Slice<UnsafeBufferPointer<UInt8>>>) -> [UInt8]? {
        for parameter in parameters {
            let text = Array(parameter.drop { $0 == 0x20 || $0 == 0x09 })
            guard text.count > 9, String(decoding: text[..<9], as: UTF8.self).lowercased() == "boundary=" else {
                continue
            }
            var value = text[9...]
            if value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\""), value.count > 1 {
                value = value.dropFirst().dropLast()
            }
            // RFC 2046 section 5.1.1: at most 70 characters.
            return value.isEmpty || value.count > 70 ? nil : Array(value)
        }
        return nil
    }
}
