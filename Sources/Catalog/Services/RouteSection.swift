package import CEL
package import Diagnostics
package import Manifests

/// A route: what answers a pattern.
package struct RouteSection: AnsweringSection {
    package var template: TemplateSection?
    package var echo: Echo?
    package var redirect: Redirect?
    package var delay: Delay?
    package var fault: Fault?
    package var variables = Named<Expression>()
    package var cases: [Placed<CaseSection>] = []
    package var errors = ErrorPages()
    package var middleware = MiddlewareMap()
    package var examples: [Placed<ExampleSection>] = []

    package init() {}

    package static let key = "a route"
    package static let doc = "What answers a pattern: one of `template`, `echo` and `redirect`."
    package static let fields: [Field<RouteSection>] = [
        Field("template", \.template, doc: TemplateSection.doc, example: "Hello {{ path.name }}"),
        Field("echo", \.echo, doc: Echo.doc, example: "request"),
        Field("redirect", \.redirect, doc: Redirect.doc, example: "/new/{{ path.id }}"),
        Field("delay", \.delay, doc: Delay.doc, example: "250ms"),
        Field("fault", \.fault, doc: Fault.doc, example: "{ share: 10%, abort: { code: UNAVAILABLE } }"),
        Field(
            "variables", \.variables, doc: Self.variablesDoc, example: "{ id: uuid() }"),
        Field(
            "cases", \.cases,
            doc: "Answers in place of the route's own, each under a condition: the first that is true wins.",
            example: "[{ when: query.?debug.hasValue(), template: debug }]"),
        Field("errors", \.errors, doc: ErrorPages.doc, example: "{ 404: { text: not here } }"),
        Field("middleware", \.middleware, doc: MiddlewareMap.doc, example: "{ timeout: 2s }"),
        Field(
            "examples", \.examples,
            doc: "Requests and what must come of each; `radicled test` runs them, and `radicled lint` reads them.",
            example: "[{ request: { path: /hello }, response: { status: 200 } }]"),
    ]

    package static let variablesDoc = """
        Expressions by name, read as `variables.NAME`: evaluated at most once a call, when first read. Later ones may \
        use earlier ones.
        """

    /// Text where the route would be is what it answers.
    package static func meant(by node: Node) -> String? {
        guard let scalar = node.scalar else { return nil }
        let bytes = node.range.source.bytes[node.range.start..<node.range.end]
        let text = String(decoding: bytes, as: UTF8.self)
        let isOneLine = !bytes.contains { $0 == 0x0A || $0 == 0x0D }
        switch scalar.style {
        case .single, .double: return isOneLine ? "{ template: \(text) }" : nil
        // In braces these would be read otherwise.
        case .plain where isOneLine && !text.contains(where: { ",[]{}:#".contains($0) }):
            return "{ template: \(text) }"
        default: return nil
        }
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        OneResponder.lint(
            node, knownKeys: Self.fields.map(\.name), what: "a route", among: OneResponder.routeKeys,
            isOptional: !cases.isEmpty, &findings)
    }

    package var conditions: [(section: any AnswerCase, range: SourceRange?)] { cases.map { ($0.value, $0.range) } }
    package var responder: (any ResponderSection)? { template ?? echo ?? redirect }
    package var responderName: String {
        template != nil ? "template" : echo != nil ? "echo" : redirect != nil ? "redirect" : "cases"
    }
}
