package import CEL
package import Diagnostics
package import Manifests

/// What must come of an example's request.
package struct ExampleResponse: ManifestSection {
    package var status: Int?
    package var headers = Named<OneOrMore<String>>()
    package var json: Node?
    package var text: String?
    package var base64: Base64Text?
    package var exact = false
    package var assertions = OneOrMore<Expression>()
    package var cut = false

    package init() {}

    package static let key = "an example's response"
    package static let doc = "What is compared with the answer; what is not written is not looked at."
    package static let fields: [Field<ExampleResponse>] = [
        Field("status", \.status, doc: "The status.", example: "200", check: within(200...599)),
        Field(
            "headers", \.headers,
            doc: "Header fields and their values; a list is one field for each item, and `[]` says that there is none.",
            example: "{ cache-control: no-store }"),
        Field(
            "json", \.json,
            doc: """
                The body as JSON. Of maps the keys that are written are compared, of lists every item, and numbers by \
                their value.
                """,
            example: "{ message: Hello }"),
        Field("text", \.text, doc: "The whole body as text.", example: "hello"),
        Field("base64", \.base64, doc: "The whole body as bytes.", example: "aGVsbG8="),
        Field("exact", \.exact, doc: "Whether maps in `json` may have no keys but those written.", example: "true"),
        Field(
            "assert", \.assertions,
            doc: """
                An expression, or a list of them, that must be true. They see `response` with `status`, `headers`, `body` \
                (by its content type), `size` in bytes, and `duration`, which counts what the answer waited for.
                """,
            example: "response.size < 1000"),
        Field(
            "cut", \.cut, doc: "Whether the connection ends before the answer does, as with `fault`.", example: "true"),
    ]

    /// Whether something of an answer is compared, if perhaps only of its beginning.
    package var expectsAnswer: Bool {
        status != nil || json != nil || text != nil || base64 != nil || !headers.isEmpty || !assertions.values.isEmpty
    }

    static let bodies = ["json", "text", "base64"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        let bodies = ExampleBody.lint(node, keys: Self.bodies, &findings)
        for entry in node["headers"]?.entries ?? [] { _ = HeaderName.check(entry.key.text, &findings) }
        if exact, json == nil, let range = node.entry("exact")?.key.range {
            findings.report(
                CatalogRules.exampleExpectation, "`exact` is about `json`, and there is none", at: range,
                help: "add `json`, or leave it out: text is always compared as a whole")
        }
        if let status, [204, 205, 304].contains(status), let body = bodies.first {
            findings.report(
                CatalogRules.exampleExpectation, "an answer with status \(status) cannot have a body",
                at: body.key.range,
                help: "leave it out, or expect another status")
        }
        // A key that nobody knows has been told of, and a value that is wrong too.
        let known = node.entries?.filter { entry in !entry.isExtension } ?? []
        if known.allSatisfy({ Self.says(nothing: $0.value, under: $0.name) }), node.entries != nil || node.isNull {
            findings.report(
                CatalogRules.exampleExpectation, "this expects nothing: whatever comes is right", at: node.heading,
                label: "nothing to compare", help: "add `status: 200`, or a body such as `text: hello`")
        }
    }

    /// Whether a key is there in vain.
    private static func says(nothing value: Node, under key: String) -> Bool {
        switch key {
        case "headers": value.isNull || value.entries?.isEmpty == true
        case "assert": value.items?.isEmpty == true
        case "exact": true
        case "cut": value.scalar?.value == .bool(false)
        default: false
        }
    }
}

/// What is wrong with the bodies of requests and answers alike.
enum ExampleBody {
    /// Gives those that are written, in the order of the file.
    @discardableResult
    static func lint(_ node: Node, keys: [String], _ findings: inout Findings) -> [Node.Entry] {
        let given = keys.compactMap { node.entry($0) }.sorted { $0.key.range.start < $1.key.range.start }
        for other in given.dropFirst() {
            findings.report(
                CatalogRules.exampleBody, "`\(other.name)` is a second body", at: other.key.range,
                help: "keep one of " + keys.map { "`\($0)`" }.joined(separator: ", "),
                related: given.prefix(1).map { Finding.Related($0.key.range, "the first one is here") })
        }
        if let json = node["json"] { lint(json: json, &findings) }
        return given
    }

    /// YAML has numbers that JSON has not.
    private static func lint(json root: Node, _ findings: inout Findings) {
        var rest = [root]
        while let node = rest.popLast() {
            switch node.content {
            case .sequence(let items): rest += items
            case .mapping(let entries): rest += entries.map(\.value)
            case .scalar(let scalar):
                guard case .float(let number) = scalar.value, !number.isFinite else { continue }
                findings.report(
                    CatalogRules.exampleBody, "`\(scalar.shortText)` is not a number that JSON has", at: scalar.range,
                    help: "write a finite number, or a string in quotes")
            }
        }
    }

    /// A header's value, or a list of them.
    static func lint(headerValue node: Node, _ findings: inout Findings) {
        for node in node.items ?? [node] {
            guard let text = node.scalar?.text, let at = text.bytes.firstIndex(where: { [0, 10, 13].contains($0) })
            else {
                continue
            }
            findings.report(
                ExpressionRules.headerValue, "the value of a header cannot hold a line break or NUL",
                at: text.range(at..<at + 1),
                help: "write it on one line; a block of text ends without a line break below `>-` or `|-`")
        }
    }
}
