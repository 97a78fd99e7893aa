package import Diagnostics
package import Manifests
package import Pipeline

/// `cors`: what pages of other origins may do (Fetch standard, CORS protocol).
package struct CORS: ConditionalSection {
    package var origins = OneOrMore<Placed<OriginPattern>>()
    package var methods: [Placed<CORSMethod>]?
    package var headers: [Placed<HeaderName>]?
    package var expose = [Placed(HeaderName("x-request-id"))]
    package var credentials = false
    package var maxAge = Timespan.minutes(10)
    package var privateNetwork = false
    package var controls = PolicyControls()

    package init() {}

    package static let key = "cors"
    package static let doc = """
        Lets pages of other origins use the routes: answers the browser's preflights, and marks answers, errors too, so \
        that scripts may read them. It keeps nobody out who is not a browser. An answer for a path without a route is \
        marked by what stands at the root.
        """
    package static let short: String? = "origins"
    package static let fields: [Field<CORS>] = [
        Field(
            "origins", \.origins, doc: "Whose pages; `null` is among them only if it is named.",
            example: "https://app.example.com", required: true),
        Field(
            "methods", \.methods,
            doc: "What they may use; without it the methods of the routes at the path that let the origin in.",
            example: "[GET, PUT]"),
        Field(
            "headers", \.headers,
            doc: "The request's header fields that they may set; without it those that a preflight asks for.",
            example: "[content-type, authorization]"),
        Field(
            "expose", \.expose,
            doc: """
                The answer's header fields that they may read, beside those that all may; of a method also those of gRPC-Web's \
                status.
                """,
            example: "[x-request-id, retry-after]"),
        Field(
            "credentials", \.credentials,
            doc: "Whether browsers send cookies and certificates along; not together with `*`.", example: "true"),
        Field(
            "max_age", \.maxAge,
            doc: "How long a browser need not ask again. More than 10m is not kept by all of them; `0` asks each time.",
            example: "10m"),
        Field(
            "private_network", \.privateNetwork,
            doc: "Whether pages of the public internet may reach this server in a private network.", example: "true"),
        whenField(
            doc: """
                Only calls for which this is true take part. It is evaluated for a preflight too, with the preflight's own \
                header fields.
                """),
    ]

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        // Here, and not in `lint`: the two may come from two scopes.
        if credentials { refuseStars(&findings) }
        guard !origins.values.isEmpty else { return nil }
        return CORSStage(self, isOfMethod: scope.method != nil)
    }

    private func refuseStars(_ findings: inout Findings) {
        let stars: [(String, SourceRange?)] = [
            ("origins", origins.values.first { $0.value.kind == .any }?.range),
            ("methods", methods?.first { $0.value.name == "*" }?.range),
            ("headers", headers?.first { $0.value.name == "*" }?.range),
            ("expose", expose.first { $0.value.name == "*" }?.range),
        ]
        for case (let key, let range?) in stars {
            let help =
                switch key {
                case "origins": "name the origins, or leave out `credentials`"
                case "expose": "name the header fields"
                default: "leave out `\(key)`: what the routes take and the preflight asks for is allowed then"
                }
            findings.report(
                EdgeRules.corsCredentials, "`*` does not go together with `credentials: true`", at: range,
                label: "browsers take this for a name, not for all", help: help)
        }
    }
}
