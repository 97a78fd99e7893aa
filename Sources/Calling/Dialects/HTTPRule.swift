import Protobuf

/// What `google.api.http` says of a method (google/api/http.proto).
struct HTTPRule: Equatable {
    let method: String
    let path: String
    /// Empty for none, `*` for what is not in the path, else a field.
    let body: String

    private static let codec = MessageCodec(ProtoFiles.builtIn(["google/api/annotations.proto"]))

    init(method: String, path: String, body: String) {
        self.method = method
        self.path = path
        self.body = body
    }

    /// Reads the bytes of `google.protobuf.MethodOptions`; nil where they say nothing of HTTP.
    init?(options: [UInt8]?) {
        guard let options, let type = Self.codec.pool.messageIndex(named: "google.protobuf.MethodOptions"),
            case .success(let message) = Self.codec.decode(options, as: type),
            case .message(let rule) = message[72_295_728]
        else { return nil }
        let methods: [Int32: String] = [2: "GET", 3: "PUT", 4: "POST", 5: "DELETE", 6: "PATCH"]
        var found: (method: String, path: String)?
        for (number, name) in methods {
            if let path = Self.text(rule[number]) { found = (name, path) }
        }
        if case .message(let custom) = rule[8], let kind = Self.text(custom[1]), let path = Self.text(custom[2]) {
            found = (kind, path)
        }
        guard let found else { return nil }
        self.init(method: found.method, path: found.path, body: Self.text(rule[7]) ?? "")
    }

    private static func text(_ value: FieldValue?) -> String? {
        guard case .string(let bytes) = value else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
