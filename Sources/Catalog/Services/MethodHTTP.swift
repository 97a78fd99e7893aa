package import Diagnostics
package import Manifests
package import Pipeline

/// One way in which a method is reached over HTTP, with JSON: what `google.api.http` says in a `.proto`.
package struct MethodHTTP: ManifestSection {
    package var pattern: HTTPPattern?
    package var body: Placed<String>?
    package var responseBody: Placed<String>?

    package init() {}

    package static let key = "http"
    package static let doc = """
        How HTTP requests with JSON reach the method, in place of what the `.proto` annotates: a pattern of google.api.http, \
        a map, or a list of them; `off` for none. Variables of the path are fields of the request's message, and so are query \
        parameters, unless the body is the whole message.
        """
    package static let short: String? = "pattern"
    package static let fields: [Field<MethodHTTP>] = [
        Field(
            "pattern", \.pattern, doc: HTTPPattern.doc, example: "GET /v1/{name=shelves/*}", required: true),
        Field(
            "body", \.body,
            doc: """
                The field of the request's message that the body is; `*` is the whole message, and `''` none. Left out, it is \
                `*` for POST, PUT and PATCH, and none for other methods.
                """,
            example: "'*'"),
        Field(
            "response_body", \.responseBody,
            doc: "The field of the answer's message that is sent as the body; left out, it is the whole message.",
            example: "message"),
    ]

    package static func help(forUnknown key: String) -> String? {
        ["get", "put", "post", "delete", "patch", "path"].contains { key.lowercased().utf8.elementsEqual($0.utf8) }
            ? "write the method before the path, as in `pattern: GET /v1/{name}`" : nil
    }

    /// Nil if its pattern cannot be read, which has been told of.
    package var rule: HTTPRule? {
        guard let pattern, pattern.isReadable else { return nil }
        let hasBody = ["POST", "PUT", "PATCH"].contains { pattern.method?.utf8.elementsEqual($0.utf8) == true }
        return HTTPRule(
            method: pattern.method, template: pattern.template.string,
            body: body.map { HTTPRule.Body($0.value) } ?? (hasBody ? .whole : .none),
            responseBody: responseBody.flatMap { $0.value.isEmpty || $0.value == "*" ? nil : $0.value })
    }
}

/// `METHOD /path` of a method.
package struct HTTPPattern: ManifestValue {
    /// Nil for `*`, which takes every method.
    package let method: String?
    /// The path, with its places in the file.
    package let template: PlacedText
    /// The whole pattern.
    package let text: PlacedText
    let isReadable: Bool

    package static let doc = """
        The HTTP method and the path. `*` takes one segment and `**`, which stands last, any number; `{field}` is one segment \
        and `{field=shelves/*}` several, whose text is the field's value; a verb may end it, as in `/v1/{name}:cancel`.
        """

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "HTTP pattern", doc: "A method and a path template of google.api.http.",
                examples: ["GET /v1/{name=shelves/*}", "POST /v1/{name}:cancel"]), .string(pattern: "^[^ ]+ +/"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> HTTPPattern? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a method and a path such as `GET /v1/{name}`")
            return nil
        }
        let text = scalar.text
        let space = text.bytes.firstIndex { $0 == 0x20 || $0 == 0x09 } ?? 0
        let start = text.bytes[space...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? text.bytes.count
        let name = String(decoding: text.bytes[..<space], as: UTF8.self)
        let template = text.slice(start..<text.bytes.count)
        let hasMethod = checkMethod(name, text, &findings)
        let isReadable = checkTemplate(template, &findings) && hasMethod
        return HTTPPattern(method: name == "*" ? nil : name, template: template, text: text, isReadable: isReadable)
    }

    package func written() -> Node { Node(string: text.string) }

    private static func checkMethod(_ name: String, _ text: PlacedText, _ findings: inout Findings) -> Bool {
        let rule = TranscodingRules.badPattern
        guard !name.isEmpty else {
            findings.report(
                rule, "the pattern has no method", at: text.whole,
                help: "write the method before the path, as in `GET /v1/{name}`")
            return false
        }
        let range = text.range(0..<name.utf8.count)
        guard name.utf8.allSatisfy({ FieldToken.contains($0) }) else {
            findings.report(
                rule, "no method is called `\(name)`", at: range,
                help: "one method stands before the path, as in `GET /v1/{name}`; a list has one pattern for each")
            return false
        }
        let upper = name.uppercased()
        guard name == upper || !RoutePattern.commonMethods.contains(upper) else {
            findings.report(
                rule, "the method `\(name)` is not `\(upper)`: methods are case-sensitive", at: range,
                help: "write `\(upper)`", suggestion: upper)
            return false
        }
        return true
    }

    private static func checkTemplate(_ template: PlacedText, _ findings: inout Findings) -> Bool {
        guard case .failure(let fault) = PathTemplate.parse(template.bytes) else { return true }
        findings.report(
            TranscodingRules.badPattern, fault.message, at: template.range(fault.range), help: fault.help,
            suggestion: fault.suggestion)
        return false
    }
}
