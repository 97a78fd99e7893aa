import Catalog
package import JSON
import Manifests
import Pipeline

/// What a manifest serves over HTTP, as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): its routes, and the methods that
/// HTTP reaches with JSON. What only gRPC and Connect reach is left out, and so is a method that the manifest does not answer.
package struct APIDocument {
    /// The version of OpenAPI that it is written in.
    private static let version = "3.1.0"

    private let root: ManifestRoot
    private let name: String
    private let routes: [RouteSummary]

    /// Nil for what has mistakes.
    package init?(_ compilation: Compilation) {
        guard let root = compilation.manifest, let plan = compilation.plan else { return nil }
        self.root = root
        name = plan.name
        routes = compilation.routes
    }

    package func write(to out: inout ByteWriter) {
        json.write(indentedTo: &out)
        out.append("\n" as StaticString)
    }

    package var json: JSONValue {
        let servers = APIServers(root.listen.values)
        var schemas = MessageSchemas()
        var paths = APIPaths()
        var tags: [String] = []
        for route in routes {
            let count = paths.count
            let hosts = route.patterns.compactMap(\.host)
            let around = hosts.isEmpty ? [] : servers.servers(on: hosts)
            if let method = route.method {
                for (number, binding) in route.bindings.enumerated() {
                    guard let maker = MethodOperation(route, method, binding, number: number) else { continue }
                    paths.add(maker.operation(&schemas, servers: around), at: binding.pattern)
                }
            } else if let maker = RouteOperation(route), let pattern = route.patterns.first {
                paths.add(maker.operation(&schemas, servers: around), at: pattern)
            }
            if paths.count > count, !tags.contains(route.service) { tags.append(route.service) }
        }
        var members: [(key: String, value: JSONValue)] = [
            ("openapi", .string(Self.version)), ("info", info(hasMethods: routes.contains { !$0.bindings.isEmpty })),
        ]
        let all = servers.servers(on: [])
        if !all.isEmpty { members.append(("servers", .array(all))) }
        members.append(("tags", .array(tags.map { ValueSchema.object(("name", .string($0))) })))
        members.append(("paths", paths.json))
        let components = schemas.components
        if !components.isEmpty {
            members.append(("components", ValueSchema.object(("schemas", .object(components)))))
        }
        return .object(members)
    }

    /// OpenAPI wants a version of what is described, which a manifest need not have.
    private func info(hasMethods: Bool) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [("title", .string(name))]
        if hasMethods {
            let text = """
                Messages are written as ProtoJSON. Requests may also have the names of fields as the `.proto` writes them, \
                numbers as text, enums as numbers, and null for a field that is not there.
                """
            members.append(("description", .string(text)))
        }
        members.append(("version", .string(root.telemetry.attributes["service.version"] ?? "1")))
        return .object(members)
    }
}
