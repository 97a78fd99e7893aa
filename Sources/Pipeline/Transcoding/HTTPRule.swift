import Protobuf

/// One way in which HTTP requests reach a method (google/api/http.proto, `HttpRule`).
package struct HTTPRule: Sendable, Equatable {
    /// Which part of the request's message the body is.
    package enum Body: Sendable, Equatable {
        case none
        /// `*`: all that the path does not have.
        case whole
        case field(String)

        package init(_ text: String) { self = text.isEmpty ? .none : text == "*" ? .whole : .field(text) }
    }

    /// Nil takes every method.
    package let method: String?
    package let template: String
    package let body: Body
    /// The field of the answer's message that the body of the answer is; nil for all of it.
    package let responseBody: String?

    package init(method: String?, template: String, body: Body, responseBody: String? = nil) {
        self.method = method
        self.template = template
        self.body = body
        self.responseBody = responseBody
    }
}

// MARK: Annotations

extension HTTPRule {
    /// Why an annotation cannot be used.
    package enum Unreadable: Error, Equatable, Sendable {
        case malformed
        /// None of `get`, `put`, `post`, `delete`, `patch` and `custom` is set.
        case withoutPath
        /// `additional_bindings` within `additional_bindings`.
        case nested
        /// A `custom` whose `kind` no method is called.
        case badKind(String)

        package var message: String {
            switch self {
            case .malformed: "its bytes cannot be read"
            case .withoutPath: "it has none of `get`, `put`, `post`, `delete`, `patch` and `custom`"
            case .nested: "its `additional_bindings` have `additional_bindings` of their own"
            case .badKind(let kind): "no method is called `\(kind)`"
            }
        }
    }

    /// The extension `google.api.http` of `MethodOptions`.
    private static let annotation: Int32 = 72_295_728

    /// The rules that a method is annotated with, its `additional_bindings` behind the first; none without an annotation.
    ///
    /// - Parameter options: the bytes of a `google.protobuf.MethodOptions`.
    package static func annotated(_ options: [UInt8]?) -> Result<[HTTPRule], Unreadable> {
        do throws(Unreadable) {
            var found = false
            var bytes: [UInt8] = []
            try forEachField(options ?? []) { number, value in
                guard number == annotation, case .bytes(let more) = value else { return }
                found = true
                // A message that comes twice is merged (encoding guide, "Last One Wins").
                bytes += more
            }
            return .success(found ? try rules(bytes, isAdditional: false) : [])
        } catch {
            return .failure(error)
        }
    }

    private enum Value {
        case bytes([UInt8])
        case other

        var text: String? {
            if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }

    private static func forEachField(
        _ bytes: [UInt8], _ body: (Int32, Value) throws(Unreadable) -> Void
    ) throws(Unreadable) {
        var reader = WireReader(bytes)
        while let field = reader.next() {
            switch field.value {
            case .bytes(let range), .group(let range): try body(field.number, .bytes(reader.slice(range)))
            case .varint, .fixed32, .fixed64: try body(field.number, .other)
            }
        }
        if reader.isMalformed { throw .malformed }
    }

    /// The methods by the numbers of their fields in `HttpRule`.
    private static let methods: [Int32: String] = [2: "GET", 3: "PUT", 4: "POST", 5: "DELETE", 6: "PATCH"]

    private static func rules(_ bytes: [UInt8], isAdditional: Bool) throws(Unreadable) -> [HTTPRule] {
        var pattern: (method: String?, template: String)?
        var body = ""
        var responseBody = ""
        var additional: [HTTPRule] = []
        try forEachField(bytes) { number, value throws(Unreadable) in
            guard case .bytes(let bytes) = value, let text = value.text else { return }
            switch number {
            case 7: body = text
            case 12: responseBody = text
            case 8: pattern = try custom(bytes)
            case 11:
                if isAdditional { throw .nested }
                additional += try rules(bytes, isAdditional: true)
            default: if let method = methods[number] { pattern = (method, text) }
            }
        }
        guard let pattern else { throw .withoutPath }
        let rule = HTTPRule(
            method: pattern.method, template: pattern.template, body: Body(body),
            responseBody: responseBody.isEmpty || responseBody == "*" ? nil : responseBody)
        return [rule] + additional
    }

    /// `CustomHttpPattern`; the kind `*` stands for every method.
    private static func custom(_ bytes: [UInt8]) throws(Unreadable) -> (method: String?, template: String) {
        var kind = ""
        var path = ""
        try forEachField(bytes) { number, value in
            if number == 1 { kind = value.text ?? kind }
            if number == 2 { path = value.text ?? path }
        }
        if kind == "*" { return (nil, path) }
        guard !kind.isEmpty, kind.utf8.allSatisfy({ FieldToken.contains($0) }) else { throw .badKind(kind) }
        return (kind, path)
    }
}
