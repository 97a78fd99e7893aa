package import Diagnostics
package import Manifests

/// A route: what answers a pattern.
package struct RouteSection: ManifestSection {
    package var template: TemplateSection?
    package var echo: Echo?
    package var redirect: Redirect?
    package var delay: Delay?
    package var fault: Fault?
    package var middleware = MiddlewareMap()

    package init() {}

    package static let key = "a route"
    package static let doc = "What answers a pattern: one of `template`, `echo` and `redirect`."
    package static var fields: [Field<RouteSection>] {
        [
            Field("template", \.template, doc: TemplateSection.doc, example: "Hello {{ path.name }}"),
            Field("echo", \.echo, doc: Echo.doc, example: "request"),
            Field("redirect", \.redirect, doc: Redirect.doc, example: "/new/{{ path.id }}"),
            Field("delay", \.delay, doc: Delay.doc, example: "250ms"),
            Field("fault", \.fault, doc: Fault.doc, example: "{ share: 10%, abort: { code: UNAVAILABLE } }"),
            Field("middleware", \.middleware, doc: MiddlewareMap.doc, example: "{ timeout: 2s }"),
        ]
    }

    private static let responders = ["template", "echo", "redirect"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        let given = Self.responders.compactMap { node.entry($0) }.sorted { $0.key.range.start < $1.key.range.start }
        guard let first = given.first else {
            // A key that nobody knows has been told of, and is likely the responder that is missing.
            let isKnown = { (entry: Node.Entry) in Self.fields.contains { $0.name.utf8.elementsEqual(entry.name.utf8) }
            }
            guard node.entries?.allSatisfy({ $0.isExtension || isKnown($0) }) ?? true else { return }
            findings.report(
                CatalogRules.oneResponder, "a route needs something that answers", at: node.heading,
                label: "no responder here", help: "add one of `template`, `echo` and `redirect`")
            return
        }
        for other in given.dropFirst() {
            findings.report(
                CatalogRules.oneResponder, "`\(other.name)` is a second responder", at: other.key.range,
                help: "keep one of them", related: [Finding.Related(first.key.range, "the first one is here")])
        }
    }

    /// The one that answers.
    package var responder: (any ResponderSection)? { template ?? echo ?? redirect }
    /// Its key.
    package var responderName: String { template != nil ? "template" : echo != nil ? "echo" : "redirect" }
}
