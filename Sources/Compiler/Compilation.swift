import CEL
package import Catalog
package import Diagnostics
import Manifests
package import Pipeline
package import Telemetry

/// A manifest on its way to a plan: everything that can be known before the first request is decided here.
///
/// Every phase goes on as far as it can, so that one run finds all mistakes of all phases.
package struct Compilation: Sendable {
    /// Nil only where the text is no YAML map at all.
    package let manifest: ManifestRoot?
    /// Nil if there are errors.
    package let plan: Plan?
    /// What is served, in the order of the manifest.
    package let routes: [RouteSummary]

    /// - Parameter outputs: where access logs go; nil opens nothing, as for `lint`.
    package init(_ source: Source, outputs: LogOutputs? = nil, _ findings: inout Findings) {
        let node = YAMLReader.read(source, &findings)
        let root = node.flatMap { Self.decode($0, &findings) }
        self.init(root, name: Self.defaultName(source.name), outputs: outputs, &findings)
    }

    /// The settings that the server needs before there are loops to compile for.
    package static func settings(_ source: Source, _ findings: inout Findings) -> ManifestRoot? {
        YAMLReader.read(source, &findings).flatMap { decode($0, &findings) }
    }

    private static func decode(_ node: Node, _ findings: inout Findings) -> ManifestRoot? {
        KeyPlaces.$known.withValue(KeyPlaces(ManifestRoot.schema)) { ManifestRoot.decode(node, &findings) }
    }

    private init(_ root: ManifestRoot?, name: String, outputs: LogOutputs?, _ findings: inout Findings) {
        manifest = root
        guard let root else {
            plan = nil
            routes = []
            return
        }
        var placed: [PlacedRoute] = []
        for service in root.services.entries { PlacedRoute.collect(service, under: root, into: &placed, &findings) }
        LiteralWildcardsPass.run(placed, &findings)
        RouteConflictsPass.run(placed.filter(\.service.isPlaced), &findings)

        var table = RouteTable(capacity: placed.count)
        var summaries: [RouteSummary] = []
        let compiler = RouteCompiler(root: root, serverName: root.name ?? name, outputs: outputs)
        for route in placed {
            if let summary = compiler.compile(route, into: &table, &findings) { summaries.append(summary) }
        }
        let unmatched = compiler.unmatched(&findings)
        routes = summaries
        guard !findings.hasErrors else {
            plan = nil
            return
        }
        let patterns = placed.flatMap(\.patterns)
        let numbers = placed.enumerated().flatMap { index, route in route.patterns.map { _ in index } }
        plan = Plan(
            name: root.name ?? name, router: Router(patterns), numbers: numbers,
            unmatched: unmatched, routes: table)
    }

    /// The file's name without directory and ending.
    private static func defaultName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        for ending in [".yaml", ".yml"] where file.hasSuffix(ending) && file.utf8.count > ending.utf8.count {
            return String(file.dropLast(ending.count))
        }
        return file
    }
}

/// A route with its service around it and its pattern read.
struct PlacedRoute {
    let service: ServiceSection
    let serviceName: String
    /// The service's middleware over the root's: one node for all its routes, so that they share what it stands for.
    let settings: Node?
    let route: RouteSection
    /// The pattern in the manifest.
    let key: PlacedText
    /// One for each host of the service; none if the pattern cannot be read: then the rest is checked all the same.
    let patterns: [RoutePattern]

    static func collect(
        _ entry: Named<ServiceSection>.Entry, under root: ManifestRoot, into placed: inout [PlacedRoute],
        _ findings: inout Findings
    ) {
        let service = entry.value
        let hosts: [RouteHost?] = service.host.values.isEmpty ? [nil] : service.host.values.map { $0.host }
        let settings = service.middleware.laid(over: root.middleware.node)
        for route in service.routes.entries {
            let pattern = RoutePattern.parse(route.key, &findings)
            // A pattern with a host of its own stands once, whatever hosts the service has.
            let around = pattern?.host == nil ? hosts : [nil]
            placed.append(
                PlacedRoute(
                    service: service, serviceName: entry.name, settings: settings, route: route.value, key: route.key,
                    patterns: around.compactMap { pattern?.with(host: $0, prefix: service.prefix?.prefix) }))
        }
    }
}
