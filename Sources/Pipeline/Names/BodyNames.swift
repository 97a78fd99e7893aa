import CEL
import JSON

extension Names {
    /// `body`: the request's body by its content type: JSON as it is, a form as a map, text as a string, else bytes.
    static let body = Root(
        "body", .dyn, whole: ValueReader { bodyValue($0) }, fields: .none, sentByClient: true, noun: "field")

    private static func bodyValue(_ exchange: UnsafePointer<Exchange>) -> Value {
        let memo = exchange.pointee.memo
        if let known = memo.pointee.body { return known }
        let value = parse(exchange.pointee.body.bytes, type: MediaType(exchange))
        memo.pointee.body = value
        return value
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, type: MediaType) -> Value {
        switch type.kind {
        case .json:
            if bytes.isEmpty { return .error(EvaluationError("the request has no body")) }
            switch JSONReader.read(bytes) {
            case .success(let json): return Value(json)
            case .failure(let error):
                return .error(EvaluationError("the body is not JSON: \(error.message), at byte \(error.offset)"))
            }
        case .form: return form(bytes)
        case .multipart(let boundary): return Multipart.parse(bytes, boundary: boundary)
        case .text:
            guard UTF8Scanner.firstInvalid(bytes) == nil else {
                return .error(EvaluationError("the body is not UTF-8 text"))
            }
            return .string(String(decoding: bytes, as: UTF8.self))
        case .other: return .bytes(Array(bytes))
        }
    }

    /// The first value of each name.
    private static func form(_ bytes: UnsafeBufferPointer<UInt8>) -> Value {
        var names: Set<[UInt8]> = []
        var entries: [(key: Value, value: Value)] = []
        QueryString.forEach(bytes) { name, value in
            let name = QueryString.decode(name)
            if names.insert(Array(name.utf8)).inserted {
                entries.append((.string(name), .string(QueryString.decode(value))))
            }
        }
        return .map(MapValue(entries))
    }
}

/// What a content type says of how to read a body.
struct MediaType {
    enum Kind {
        case json
        case form
        case multipart(boundary: [UInt8])
        case text
        case other
    }

    let kind: Kind

    init(_ exchange: UnsafePointer<Exchange>) {
        let range = exchange.pointee.head.value(of: .contentType) ?? .none
        self.init(exchange.pointee.head.slice(range))
    }

    /// - Parameter field: `type/subtype; parameter=value` (RFC 9110 section 8.3.1).
    init(_ field: UnsafeBufferPointer<UInt8>) {
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
