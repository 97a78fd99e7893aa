package import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// A service: routes that belong together, or the methods of a gRPC service.
package struct ServiceSection: ManifestSection {
    package var host = OneOrMore<HostName>()
    package var prefix: PathPrefix?
    package var middleware = MiddlewareMap()
    package var variables = Named<Expression>()
    package var errors = ErrorPages()
    package var routes = Named<RouteSection>()
    package var proto: ProtoSource?
    package var grpc: Placed<String>?
    package var methods = Named<MethodSection>()

    package init() {}

    package static let key = "a service"
    package static let doc = """
        Routes that share a host, a prefix and middleware; or the methods of a gRPC service, which share the same but for the \
        prefix.
        """
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
            example: "{ GET /hello: { template: hi } }"),
        Field("proto", \.proto, doc: ProtoSource.doc, example: "protos/helloworld.proto"),
        Field(
            "grpc", \.grpc, doc: "The full name of the service in the `.proto`, its package included.",
            example: "helloworld.Greeter"),
        Field(
            "methods", \.methods,
            doc: "Methods by name, and what answers each; one that is not named answers UNIMPLEMENTED.",
            example: "{ SayHello: { template: { message: { message: \"Hello {{ request.name }}\" } } } }"),
    ]

    package static let alternatives = [["routes"], ["proto", "grpc", "methods"]]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("path".utf8) ? "did you mean `prefix`?" : nil
    }

    /// Without the empty map of the kind that it is not, which would say that it is both.
    package func written() -> Node {
        let other = proto == nil && grpc == nil && methods.entries.isEmpty ? "methods" : "routes"
        return Node(
            map: Self.fields.compactMap { field in
                field.name == other ? nil : field.written(self).map { (field.name, $0) }
            })
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        let ofMethods = ["proto", "grpc", "methods"].compactMap { node.entry($0) }
        if let routes = node.entry("routes") {
            for other in ofMethods {
                findings.report(
                    ServiceRules.oneKind, "a service with `routes` cannot have `\(other.name)`", at: other.key.range,
                    help: "make two services of it: every service is on every listener",
                    related: [Finding.Related(routes.key.range, "its routes are here")])
            }
            return
        }
        guard !ofMethods.isEmpty else {
            findings.report(
                ManifestRules.missingKey, "a service needs `routes`, or `proto`, `grpc` and `methods`",
                at: node.heading,
                label: "`routes` is missing", help: "add `routes: { GET /hello: { template: hi } }`")
            return
        }
        for field in Self.fields where ["proto", "grpc", "methods"].contains(field.name) {
            guard node.entry(field.name) == nil else { continue }
            findings.report(
                ManifestRules.missingKey, "a gRPC service needs `\(field.name)`", at: node.heading,
                label: "`\(field.name)` is missing", help: field.example.map { "add `\(field.name): \($0)`" })
        }
        if let prefix = node.entry("prefix") {
            findings.report(
                ServiceRules.noPrefix, "the path of a method is its name: a prefix has no place in it",
                at: prefix.key.range, help: "leave it out; clients call `/PACKAGE.SERVICE/METHOD`")
        }
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
