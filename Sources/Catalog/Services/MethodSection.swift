package import CEL
package import Diagnostics
package import Manifests
import Pipeline

/// A method of a gRPC service: what answers its calls.
package struct MethodSection: AnsweringSection {
    package var template: MethodTemplate?
    package var echo: MethodEcho?
    package var delay: Delay?
    package var fault: Fault?
    package var http: Switchable<OneOrMore<MethodHTTP>>?
    package var variables = Named<Expression>()
    package var cases: [Placed<MethodCase>] = []
    package var middleware = MiddlewareMap()
    package var examples: [Placed<MethodExample>] = []

    package init() {}

    package static let key = "a method"
    package static let doc = "What answers the calls of a method: `template` or `echo`."
    package static let fields: [Field<MethodSection>] = [
        Field(
            "template", \.template, doc: MethodTemplate.doc,
            example: "{ message: { message: \"Hello {{ request.name }}\" } }"),
        Field("echo", \.echo, doc: MethodEcho.doc, example: "{}"),
        Field("delay", \.delay, doc: Delay.doc, example: "250ms"),
        Field("fault", \.fault, doc: Fault.doc, example: "{ share: 10%, abort: { code: UNAVAILABLE } }"),
        Field("http", \.http, doc: MethodHTTP.doc, example: "GET /v1/hello/{name}"),
        Field("variables", \.variables, doc: RouteSection.variablesDoc, example: "{ id: uuid() }"),
        Field(
            "cases", \.cases,
            doc: """
                Answers in place of the method's own, each under a condition: the first that is true wins. Where client \
                and server stream, each message chooses anew.
                """,
            example: "[{ when: request.name == '', template: { error: { code: INVALID_ARGUMENT } } }]"),
        Field("middleware", \.middleware, doc: MiddlewareMap.doc, example: "{ timeout: 2s }"),
        Field(
            "examples", \.examples,
            doc: "Calls and what must come of each; `radicled test` runs them, and `radicled lint` reads them.",
            example: "[{ request: { name: Ann }, response: { message: Hello Ann } }]"),
    ]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("redirect".utf8) ? "a method answers with `template` or `echo`" : nil
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        OneResponder.lint(
            node, knownKeys: Self.fields.map(\.name), what: "a method", among: OneResponder.methodKeys,
            isOptional: !cases.isEmpty, &findings)
    }

    package var conditions: [(section: any AnswerCase, range: SourceRange?)] { cases.map { ($0.value, $0.range) } }
    package var responder: (any ResponderSection)? { template ?? echo }
    package var responderName: String { template != nil ? "template" : echo != nil ? "echo" : "cases" }
}

/// One of a method's `cases`.
package struct MethodCase: AnswerCase {
    package var when: Expression?
    package var template: MethodTemplate?
    package var echo: MethodEcho?
    package var delay: Delay?

    package init() {}

    package static let key = "a method's case"
    package static let doc = "A condition, and what answers where it is true."
    package static let fields: [Field<MethodCase>] = [
        Field(
            "when", \.when, doc: "The condition, a CEL expression that gives a bool.", example: "request.name == ''",
            required: true),
        Field(
            "template", \.template, doc: MethodTemplate.doc, example: "{ error: { code: INVALID_ARGUMENT } }"),
        Field("echo", \.echo, doc: MethodEcho.doc, example: "{}"),
        Field("delay", \.delay, doc: "How long this case waits, in place of the method's delay.", example: "250ms"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        OneResponder.lint(
            node, knownKeys: Self.fields.map(\.name), what: "a case", among: OneResponder.methodKeys, isOptional: false,
            &findings)
    }

    package var responder: (any ResponderSection)? { template ?? echo }
    package var responderName: String { template != nil ? "template" : "echo" }
}
