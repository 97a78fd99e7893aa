package import CEL
import JSON

extension Names {
    /// `body`: the request's body by its content type: JSON as it is, a form as a map, text as a string, else bytes.
    static let body = Root(
        "body", .dyn, whole: ValueReader { bodyValue($0) }, fields: .none, sentByClient: true, noun: "field")

    private static func bodyValue(_ exchange: UnsafePointer<Exchange>) -> Value {
        let memo = exchange.pointee.memo
        if let known = memo.pointee.body { return known }
        let value = value(ofBody: exchange.pointee.body.bytes, type: MediaType(exchange.pointee.head))
        memo.pointee.body = value
        return value
    }

    /// - Parameter owner: who has the body, for what is said of a missing one.
    package static func value(
        ofBody bytes: UnsafeBufferPointer<UInt8>, type: MediaType, owner: String = "the request"
    ) -> Value {
        switch type.kind {
        case .json:
            if bytes.isEmpty { return .error(EvaluationError("\(owner) has no body")) }
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
