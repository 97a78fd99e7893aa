package import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// A service: routes that belong together.
package struct ServiceSection: ManifestSection {
    package var host = OneOrMore<HostName>()
    package var prefix: PathPrefix?
    package var middleware = MiddlewareMap()
    package var variables = Named<Expression>()
    package var errors = ErrorPages()
    package var routes = Named<RouteSection>()

    package init() {}

    package static let key = "a service"
    package static let doc = "Routes that share a host, a prefix and middleware."
    package static let fields: [Field<ServiceSection>] = [
        Field(
            "host", \.host,
            doc: "The host or hosts that the routes are for; `*.example.com` takes every subdomain.",
            example: "api.example.com"),
        Field("prefix", \.prefix, doc: "A path that comes before each route's own.", example: "/v1"),
        Field("variables", \.variables, doc: RouteSection.variablesDoc, example: "{ id: uuid() }"),
        Field("errors", \.errors, doc: ErrorPages.doc, example: "{ 404: { text: not here } }"),
        Field("middleware", \.middleware, doc: MiddlewareMap.doc, example: "{ timeout: 2s }"),
        Field(
            "routes", \.routes, doc: "Patterns, as Go's ServeMux has them, and what answers each.",
            example: "{ GET /hello: { template: hi } }", required: true),
    ]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("path".utf8) ? "did you mean `prefix`?" : nil
    }
}

extension ServiceSection {
    /// Whether it is known what its host and its prefix are, so that its routes can be compared with others.
    package var isPlaced: Bool {
        !host.values.contains { $0.host == nil } && (prefix == nil || prefix?.prefix != nil)
    }
}

/// A host in a manifest.
package struct HostName: ManifestValue {
    /// Nil if it cannot be read, which has been told of.
    package let host: RouteHost?
    private let text: String

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "host",
                doc: """
                    A name, an IPv4 address, or an IPv6 address in brackets, without a port; `*.example.com` takes every \
                    subdomain.
                    """, examples: ["api.example.com", "*.example.com"]), .text)
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> HostName? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a host name")
            return nil
        }
        return HostName(host: RouteHost.parse(scalar.text, &findings), text: scalar.text.string)
    }

    package func written() -> Node { Node(string: host?.description ?? text) }
}

/// A prefix in a manifest.
package struct PathPrefix: ManifestValue {
    /// Nil if it cannot be read, which has been told of.
    package let prefix: RoutePrefix?
    private let text: String

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "prefix", doc: "A path that starts with `/`, without wildcards, empty and dot segments.",
                examples: ["/v1"]), .string(pattern: "^/"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> PathPrefix? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a path such as `/v1`")
            return nil
        }
        return PathPrefix(prefix: RoutePrefix.parse(scalar.text, &findings), text: scalar.text.string)
    }

    package func written() -> Node { Node(string: text) }
}
