import JSON
import Pipeline
import Protobuf

/// Path, query and body that a message becomes by the rule of its method (google/api/http.proto, "gRPC Transcoding").
struct TranscodedRequest {
    let path: String
    /// Nil where the rule has no body.
    let body: [UInt8]?

    init(_ message: Message, _ method: CalledMethod, _ rule: HTTPRule) throws(CallMistake) {
        var rest = try Self.json(message, method, writesDefaults: false)
        let whole = try Self.json(message, method, writesDefaults: true)
        var path = ""
        var template = rule.template[...]
        while let brace = template.firstIndex(of: "{") {
            path += template[..<brace]
            guard let end = template[brace...].firstIndex(of: "}") else { break }
            let variable = template[template.index(after: brace)..<end]
            template = template[template.index(after: end)...]
            let parts = variable.split(separator: "=", maxSplits: 1)
            let name = String(parts.first ?? "")
            let keys = try Self.keys(name, method)
            guard let text = Self.text(Self.value(keys, in: whole)), !text.isEmpty else {
                throw CallMistake(
                    "the path `\(rule.template)` needs `\(name)`, which the message does not have",
                    help: "set the field, or call with another --protocol")
            }
            let pattern = parts.count > 1 ? parts[1] : "*"
            path += Self.escaped(text, keeping: pattern.contains("/") || pattern.contains("**") ? "/" : "")
            rest = Self.removing(keys[...], from: rest)
        }
        path += template

        var body: JSONValue?
        switch rule.body {
        case .none: break
        case .whole:
            body = rest
            rest = .object([])
        case .field(let name):
            let keys = try Self.keys(name, method)
            body = Self.value(keys, in: rest) ?? Self.value(keys, in: whole) ?? .object([])
            rest = Self.removing(keys[...], from: rest)
        }
        var query: [String] = []
        try Self.append(rest, "", method.input, method, to: &query)
        self.path = query.isEmpty ? path : path + "?" + query.joined(separator: "&")
        self.body = body.map { value in
            var out = ByteWriter(capacity: 256)
            value.write(to: &out)
            return Array(out.bytes)
        }
    }

    private static func json(
        _ message: Message, _ method: CalledMethod, writesDefaults: Bool
    ) throws(CallMistake) -> JSONValue {
        var out = ByteWriter(capacity: 256)
        if case .failure(let error) = MessageJSONWriter(method.codec, writesDefaults: writesDefaults)
            .write(message, to: &out)
        {
            throw CallMistake("the message has no form in JSON: \(error.message)")
        }
        guard case .success(let json) = JSONReader.read(out.bytes, limits: JSONLimits(depth: 1000)) else {
            throw CallMistake("the message has no form in JSON")
        }
        return json
    }

    /// The names in JSON of the fields on a path such as `order.id`.
    private static func keys(_ path: String, _ method: CalledMethod) throws(CallMistake) -> [String] {
        var keys: [String] = []
        var type: Int? = method.input
        for part in path.split(separator: ".") {
            guard let index = type, let field = method.codec.pool.messages[index].field(named: String(part)) else {
                throw CallMistake("the rule of \(method.fullName) names a field `\(path)`, which there is not")
            }
            keys.append(field.jsonName)
            if case .message(let next) = field.reference { type = next } else { type = nil }
        }
        return keys
    }

    private static func value(_ keys: [String], in json: JSONValue) -> JSONValue? {
        keys.reduce(json as JSONValue?) { $0?[$1] }
    }

    private static func removing(_ keys: ArraySlice<String>, from json: JSONValue) -> JSONValue {
        guard let first = keys.first, case .object(let members) = json else { return json }
        return .object(
            members.compactMap { key, value in
                guard key.utf8.elementsEqual(first.utf8) else { return (key, value) }
                if keys.count == 1 { return nil }
                let inner = removing(keys.dropFirst(), from: value)
                if case .object(let left) = inner, left.isEmpty { return nil }
                return (key, inner)
            })
    }

    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): "\(number)"
        case .bool(let truth): truth ? "true" : "false"
        default: nil
        }
    }

    /// - Parameter type: of the message that the value is; nil where it is none with fields of its own.
    private static func append(
        _ value: JSONValue, _ name: String, _ type: Int?, _ method: CalledMethod, to query: inout [String]
    ) throws(CallMistake) {
        switch value {
        case .object(let members):
            for (key, value) in members {
                let path = name.isEmpty ? key : "\(name).\(key)"
                let field = type.flatMap { type in
                    method.codec.pool.messages[type].fields.first { $0.jsonName.utf8.elementsEqual(key.utf8) }
                }
                // A query has values and lists of them (google/api/http.proto).
                guard let field, !field.isMap else { throw unsayable(path) }
                if case .array(let items) = value {
                    for item in items {
                        guard let text = text(item) else { throw unsayable(path) }
                        query.append("\(escaped(path, keeping: "."))=\(escaped(text))")
                    }
                } else {
                    var inner: Int?
                    if case .message(let type) = field.reference { inner = type }
                    try append(value, path, inner, method, to: &query)
                }
            }
        default: if let text = text(value) { query.append("\(escaped(name, keeping: "."))=\(escaped(text))") }
        }
    }

    private static func unsayable(_ path: String) -> CallMistake {
        CallMistake("a query has no form for `\(path)`", help: "leave it out, or call with another --protocol")
    }

    /// RFC 3986 section 2.3: all but the unreserved characters.
    private static func escaped(_ text: String, keeping others: String = "") -> String {
        var out = ByteWriter(capacity: text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                out.append(byte)
            case _ where "-._~".utf8.contains(byte) || others.utf8.contains(byte): out.append(byte)
            default: out.append(percentEscape: byte)
            }
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
