import CEL
package import Diagnostics
package import Manifests
import Pipeline

/// What an example sends.
package struct ExampleRequest: ManifestSection {
    package var method: Placed<String>?
    package var path: Placed<String>?
    package var query = Named<OneOrMore<String>>()
    package var headers = Named<OneOrMore<String>>()
    package var json: Node?
    package var text: String?
    package var form: Named<OneOrMore<String>>?
    package var multipart: Named<OneOrMore<FormPart>>?
    package var base64: Base64Text?
    package var client = ExampleClient()
    package var count = 1

    package init() {}

    package static let key = "an example's request"
    package static let doc = """
        What is sent; what is left out follows from the route's pattern. Only `host` and, with a body, `content-type` and \
        `content-length` are added.
        """
    package static let fields: [Field<ExampleRequest>] = [
        Field(
            "method", \.method,
            doc: "The method; that of the pattern without it, else POST with a body and GET without.",
            example: "GET"),
        Field(
            "path", \.path,
            doc: """
                The path, the service's prefix included; a query may stand after `?`. It is needed where the pattern has \
                wildcards. What may not stand in a URL is escaped.
                """,
            example: "/hello"),
        Field(
            "query", \.query, doc: "Parameters of the query, escaped as needed; a list sends one for each item.",
            example: "{ name: Ann }"),
        Field(
            "headers", \.headers,
            doc: "Header fields; a list sends one for each item. `host` is the pattern's or the service's without it.",
            example: "{ accept: text/plain }"),
        Field("json", \.json, doc: "The body as a tree, sent as JSON.", example: "{ item: tea }"),
        Field("text", \.text, doc: "The body as text.", example: "hello"),
        Field(
            "form", \.form, doc: "The body as the fields of a form; a list sends one for each item.",
            example: "{ name: Ann }"),
        Field(
            "multipart", \.multipart, doc: "The body as the parts of a form, files among them.",
            example: "{ photo: { filename: a.png, base64: aGVsbG8= } }"),
        Field("base64", \.base64, doc: "The body as bytes.", example: "aGVsbG8="),
        Field("client", \.client, doc: ExampleClient.doc, example: "192.0.2.7"),
        Field(
            "count", \.count, doc: "Which of the route's calls this is: what `call.count` gives.", example: "3",
            check: within(1...1_000_000_000)),
    ]

    static let bodies = ["json", "text", "form", "multipart", "base64"]
    /// What tells where the body ends is counted, not written.
    private static let framing = ["content-length", "transfer-encoding"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        ExampleBody.lint(node, keys: Self.bodies, &findings)
        if let method { Self.lint(method: method, &findings) }
        for entry in node["headers"]?.entries ?? [] {
            guard HeaderName.check(entry.key.text, &findings) else { continue }
            let name = entry.name.lowercased()
            if Self.framing.contains(name) {
                findings.report(
                    CatalogRules.reservedHeader, "`\(name)` is counted from the body", at: entry.key.range,
                    help: "leave it out")
            }
            ExampleBody.lint(headerValue: entry.value, &findings)
        }
    }

    /// False if the method is none, which lint has told of.
    package var hasMethod: Bool {
        guard let method = method?.value else { return true }
        return !method.isEmpty && method.utf8.allSatisfy(HeaderName.isToken) && !Self.isInSmallLetters(method)
    }

    private static func isInSmallLetters(_ method: String) -> Bool {
        let upper = method.uppercased()
        return method != upper && RoutePattern.commonMethods.contains(upper)
    }

    private static func lint(method: Placed<String>, _ findings: inout Findings) {
        guard let range = method.range else { return }
        let upper = method.value.uppercased()
        if method.value.isEmpty || !method.value.utf8.allSatisfy(HeaderName.isToken) {
            findings.report(
                CatalogRules.exampleRoute, "`\(method.value)` cannot be a method", at: range,
                help: "methods are words such as `GET` and `POST`")
        } else if isInSmallLetters(method.value) {
            findings.report(
                CatalogRules.exampleRoute, "the method `\(method.value)` is not `\(upper)`: methods are case-sensitive",
                at: range, help: "write `\(upper)`", suggestion: upper)
        }
    }
}

/// Who calls, as `client` shows it.
package struct ExampleClient: ManifestSection {
    package var address = "127.0.0.1"
    package var port = 50_000
    package var tls: Bool?
    package var identity: String?

    package init() {}

    /// Whether it comes over TLS: who shows a certificate does.
    package var isTLS: Bool { tls ?? (identity != nil) }

    package static let key = "an example's client"
    package static let doc = "Who calls: the address and the port, and who its certificate says that it is."
    package static let short: String? = "address"
    package static let fields: [Field<ExampleClient>] = [
        Field(
            "address", \.address, doc: "An IP address.", example: "192.0.2.7",
            check: { value, node, findings in
                if IPAddress(value) != nil { return true }
                findings.wrongType(
                    node, expected: "an IP address", help: "write one such as `192.0.2.7` or `2001:db8::7`")
                return false
            }),
        Field("port", \.port, doc: "A port.", example: "50000", check: within(0...65535)),
        Field(
            "tls", \.tls, doc: "Whether it comes over TLS; without it where `identity` stands.", example: "true"),
        Field(
            "identity", \.identity,
            doc: "Whom the client's certificate names: what `client.identity` gives.",
            example: "spiffe://example/web"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        guard let value = node["tls"], tls == false, identity != nil else { return }
        findings.wrongType(
            value, expected: "`true` beside `identity`",
            help: "a certificate is shown over TLS alone; leave one of them out")
    }
}

/// A part of a multipart form: a field is its text, a file has a name.
package struct FormPart: ManifestSection {
    package var filename: String?
    package var contentType: String?
    package var text: String?
    package var base64: Base64Text?

    package init() {}

    package static let key = "a part"
    package static let doc = "A field of a form, or a file."
    package static let short: String? = "text"
    package static let fields: [Field<FormPart>] = [
        Field("filename", \.filename, doc: "The name of the file; without it the part is a field.", example: "a.png"),
        Field("content_type", \.contentType, doc: "What the content is.", example: "image/png"),
        Field("text", \.text, doc: "The content as text.", example: "hello"),
        Field("base64", \.base64, doc: "The content as bytes.", example: "aGVsbG8="),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        ExampleBody.lint(node, keys: ["text", "base64"], &findings)
        // They become lines of the part's head.
        for key in ["filename", "content_type"] {
            if let value = node[key] { ExampleBody.lint(headerValue: value, &findings) }
        }
    }

    package var bytes: [UInt8] { base64?.bytes ?? Array((text ?? "").utf8) }
}
