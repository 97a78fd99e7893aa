package import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// One of a method's `examples`: a call, and what must come of it. Lint reads it, `radicled test` runs it.
package struct MethodExample: ManifestSection {
    package var name: String?
    package var request: Node?
    package var metadata = Named<OneOrMore<String>>()
    package var client = ExampleClient()
    package var count = 1
    package var response: Node?
    package var error: ExampleError?
    package var code: ExampleCode?
    package var exact = false
    package var assertions = OneOrMore<Expression>()

    package init() {}

    package static let key = "a method's example"
    package static let doc = """
        A call and what must come of it, run by `radicled test` through the whole chain. Its strings are data: they have \
        no holes.
        """
    package static let fields: [Field<MethodExample>] = [
        Field("name", \.name, doc: "What it shows, in a few words.", example: "greets by name"),
        Field(
            "request", \.request,
            doc:
                "The message that is sent, as a tree by field names; a list where the client streams. Empty without it.",
            example: "{ name: Ann }"),
        Field(
            "metadata", \.metadata,
            doc: """
                Metadata that is sent with it; a list sends one for each item. Of a name that ends in `-bin` the value is \
                base64.
                """,
            example: "{ x-tenant: acme }"),
        Field("client", \.client, doc: ExampleClient.doc, example: "192.0.2.7"),
        Field(
            "count", \.count, doc: "Which of the method's calls this is: what `call.count` gives.", example: "3",
            check: within(1...1_000_000_000)),
        Field(
            "response", \.response,
            doc: """
                The message that must come back, or the list of them. The fields that are written are compared, of lists \
                every item.
                """,
            example: "{ message: Hello Ann }"),
        Field(
            "error", \.error, doc: "The failure that must come back: its code, its message.",
            example: "{ code: NOT_FOUND }"),
        Field("code", \.code, doc: "How the call must end; `OK` where it must not fail.", example: "OK"),
        Field("exact", \.exact, doc: "Whether messages may have no fields but those written.", example: "true"),
        Field(
            "assert", \.assertions,
            doc: """
                Expressions that must be true. They see `response`: its `code`, `error`, `message` and `messages` as ProtoJSON, \
                `metadata` and `trailers` by name, and `duration`.
                """,
            example: "size(response.messages) == 1"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        let expectations = ["response", "error", "code", "assert"]
        if node.entries != nil, !expectations.contains(where: { node.entry($0) != nil }) {
            findings.report(
                CatalogRules.exampleExpectation, "this expects nothing: whatever comes is right", at: node.heading,
                label: "nothing to compare", help: "add `response`, `error` or `code`")
        }
        if let error = node.entry("error"), let code = code?.code {
            let isOther = self.error?.code.map { $0.code != code } ?? (code == .ok)
            guard isOther, let range = node["code"]?.range else { return }
            findings.report(
                CatalogRules.exampleExpectation, "a call cannot end with this and with `error`", at: range,
                help: "leave out one of them", related: [Finding.Related(error.key.range, "`error` is here")])
        }
    }
}

/// The failure that an example expects.
package struct ExampleError: ManifestSection {
    package var code: CodeName?
    package var message: String?

    package init() {}

    package static let key = "an example's error"
    package static let doc = "A failure; what is not written is not looked at."
    package static let short: String? = "code"
    package static let fields: [Field<ExampleError>] = [
        Field("code", \.code, doc: "Its code.", example: "NOT_FOUND"),
        Field("message", \.message, doc: "Its message, whole.", example: "no order 7"),
    ]
}

/// A code of gRPC, `OK` included.
package struct ExampleCode: ManifestValue, Hashable {
    package let code: Code

    package static var schema: Schema { .choice(names) }
    private static let names = Code.allCases.map { String(describing: $0.name) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> ExampleCode? {
        if node.scalar?.text.bytes.elementsEqual("OK".utf8) == true { return ExampleCode(code: .ok) }
        return CodeName.decode(node, &findings).map { ExampleCode(code: $0.code) }
    }

    package func written() -> Node { Node(string: String(describing: code.name)) }
}
