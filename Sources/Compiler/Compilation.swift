import CEL
package import Catalog
package import Certificates
package import Diagnostics
package import Manifests
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
    /// The root's chain, for what matches no route.
    package let unmatchedStages: [StageSummary]
    /// The examples of all routes, in the order of the manifest.
    package let examples: [RouteExample]
    /// What each listener speaks, in the order of the manifest; nil for one without TLS.
    package let tls: [ServerTLS?]
    private let examplePlans: ExamplePlans?
    /// What came from outside, and must not be shown.
    package let redaction: Redaction

    /// - Parameters:
    ///   - profile: what the manifest is held to.
    ///   - outputs: where access logs go; nil opens nothing, as for `lint`.
    ///   - states: what outlives the plan.
    ///   - generation: how many manifests the process has had in force then.
    package init(
        _ loading: Loading, profile: Profile = .standard, outputs: LogOutputs? = nil,
        states: SharedStates = SharedStates(), generation: Int = 1, _ findings: inout Findings
    ) {
        let root = loading.manifest(&findings)
        let data = root?.data.fields(in: loading.surroundings, &findings) ?? []
        let tls = root?.listen.values.map { $0.serverTLS(in: loading.surroundings, &findings) } ?? []
        self.init(
            root, data: data, tls: tls, loading, profile: profile, outputs: outputs, states: states,
            generation: generation,
            &findings)
        loading.redact(&findings)
    }

    private init(
        _ root: ManifestRoot?, data: [Root.Field], tls: [ServerTLS?], _ loading: Loading, profile: Profile,
        outputs: LogOutputs?,
        states: SharedStates, generation: Int, _ findings: inout Findings
    ) {
        manifest = root
        self.tls = tls
        redaction = loading.redaction
        guard let root else {
            plan = nil
            routes = []
            unmatchedStages = []
            examples = []
            examplePlans = nil
            return
        }
        let placed = PlacedRoute.all(of: root, &findings)
        LiteralWildcardsPass.run(placed, &findings)
        MetricsPass.run(root, &findings)
        let settled = findings.count
        RouteConflictsPass.run(placed.filter(\.service.isPlaced), &findings)
        let isSettled = findings.count == settled && placed.allSatisfy(\.service.isPlaced)
        let numbers = placed.enumerated().flatMap { index, route in route.patterns.map { _ in index } }
        let hasExamples = placed.contains { !$0.route.examples.isEmpty }
        let router = hasExamples ? Router(placed.flatMap(\.patterns)) : nil

        var table = RouteTable(capacity: placed.count)
        var summaries: [RouteSummary] = []
        let server = ServerFacts(
            name: root.name ?? loading.name, version: Release.version, generation: generation,
            resource: root.telemetry.attributes)
        let compiler = RouteCompiler(
            root: root, server: server, data: data, outputs: outputs, states: states,
            surroundings: loading.surroundings)
        for route in placed {
            if let summary = compiler.compile(route, into: &table, &findings) { summaries.append(summary) }
        }
        var stages: [StageSummary] = []
        let unmatched = compiler.unmatched(&stages, &findings)
        unmatchedStages = stages
        routes = summaries
        examples = router.map { ExamplesPass(placed, $0, numbers, isSettled: isSettled).run(&findings) } ?? []
        if profile == .production { ProductionPass(root, loading.node, placed).run(&findings) }
        guard !findings.hasErrors else {
            plan = nil
            examplePlans = nil
            return
        }
        let served = router ?? Router(placed.flatMap(\.patterns))
        plan = Plan(
            name: server.name, generation: generation, proxies: root.proxies, router: served, numbers: numbers,
            unmatched: unmatched, routes: table)
        examplePlans =
            hasExamples
            ? ExamplePlans(
                root: root, server: server, data: data, surroundings: loading.surroundings, placed: placed,
                router: served,
                numbers: numbers) : nil
    }

    /// A plan for one call of an example, made anew: nothing that an earlier call left counts.
    package func plan(for example: RouteExample) -> Plan? {
        examplePlans?.plan(for: example)
    }
}

/// A route with its service around it and its pattern read.
struct PlacedRoute {
    let service: ServiceSection
    let serviceName: String
    /// The service's middleware over the root's.
    let settings: Node?
    /// The root's, the service's and the route's, those of deeper scopes in place of those of the same name.
    let variables: Named<Expression>
    let errors: ErrorPages
    let route: RouteSection
    /// The pattern in the manifest.
    let key: PlacedText
    /// What stands behind it there.
    let node: Node?
    /// One for each host of the service; none if the pattern cannot be read: then the rest is checked all the same.
    let patterns: [RoutePattern]

    var place: ManifestPlace { servicePlace.key("routes").key(key.string) }
    private var servicePlace: ManifestPlace { ManifestPlace.root.key("services").key(serviceName) }

    /// The scopes around it below the root, the deepest first.
    var writers: [RouteCompiler.Writer] {
        [
            RouteCompiler.Writer(place: place, middleware: route.middleware.node),
            RouteCompiler.Writer(place: servicePlace, middleware: service.middleware.node),
        ]
    }

    static func all(of root: ManifestRoot, _ findings: inout Findings) -> [PlacedRoute] {
        var placed: [PlacedRoute] = []
        for service in root.services.entries { collect(service, under: root, into: &placed, &findings) }
        return placed
    }

    private static func collect(
        _ entry: Named<ServiceSection>.Entry, under root: ManifestRoot, into placed: inout [PlacedRoute],
        _ findings: inout Findings
    ) {
        let service = entry.value
        let hosts: [RouteHost?] = service.host.values.isEmpty ? [nil] : service.host.values.map { $0.host }
        let settings = service.middleware.laid(over: root.middleware.node)
        let shared = service.variables.laid(over: root.variables)
        let errors = service.errors.laid(over: root.errors)
        for route in service.routes.entries {
            let pattern = RoutePattern.parse(route.key, &findings)
            // A pattern with a host of its own stands once, whatever hosts the service has.
            let around = pattern?.host == nil ? hosts : [nil]
            placed.append(
                PlacedRoute(
                    service: service, serviceName: entry.name, settings: settings,
                    variables: route.value.variables.laid(over: shared), errors: route.value.errors.laid(over: errors),
                    route: route.value, key: route.key, node: route.node,
                    patterns: around.compactMap { pattern?.with(host: $0, prefix: service.prefix?.prefix) }))
        }
    }
}

extension Named {
    /// These over those of a wider scope: of two with one name the deeper one stays, at its own place.
    fileprivate func laid(over wider: Named) -> Named {
        Named(wider.entries.filter { self[$0.name] == nil } + entries)
    }
}
