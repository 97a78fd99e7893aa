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
    /// What the listener `admin` speaks; nil where it speaks no TLS.
    package let adminTLS: ServerTLS?
    /// Which services take calls; nil where there are none of gRPC.
    package let health: HealthState?
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
        let adminTLS = root?.admin.value?.serverTLS(in: loading.surroundings, &findings)
        self.init(
            root, data: data, tls: tls, adminTLS: adminTLS, loading, profile: profile, outputs: outputs, states: states,
            generation: generation,
            &findings)
        loading.redact(&findings)
    }

    private init(
        _ root: ManifestRoot?, data: [Root.Field], tls: [ServerTLS?], adminTLS: ServerTLS?, _ loading: Loading,
        profile: Profile,
        outputs: LogOutputs?,
        states: SharedStates, generation: Int, _ findings: inout Findings
    ) {
        manifest = root
        self.tls = tls
        self.adminTLS = adminTLS
        redaction = loading.redaction
        guard let root else {
            plan = nil
            routes = []
            unmatchedStages = []
            examples = []
            health = nil
            examplePlans = nil
            return
        }
        var descriptors = ServiceDescriptors(in: loading.surroundings)
        let placed = PlacedRoute.all(of: root, &descriptors, &findings)
        LiteralWildcardsPass.run(placed, &findings)
        MetricsPass.run(root, &findings)
        let settled = findings.count
        RouteConflictsPass.run(placed.filter(\.service.isPlaced), &findings)
        let isSettled = findings.count == settled && placed.allSatisfy(\.service.isPlaced)
        let numbers = placed.enumerated().flatMap { index, route in route.patterns.map { _ in index } }
        let hasExamples = placed.contains { !$0.examples.isEmpty || !$0.methodExamples.isEmpty }
        let router = hasExamples ? Router(placed.flatMap(\.patterns)) : nil

        let builtIn = BuiltInRoutes(besides: placed, states: states)
        health = builtIn?.health
        var table = RouteTable(
            capacity: placed.reduce(0) { $0 + $1.tableCount } + (builtIn?.routes.count ?? 0) * 2)
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
        var served = router
        var start = 0
        var allNumbers: [Int] = []
        for route in placed {
            allNumbers += route.entrances.map { start + $0.offset }
            start += route.tableCount
        }
        if let builtIn {
            served = Router(placed.flatMap(\.patterns) + builtIn.routes.map { $0.method.pattern(host: nil) })
            for route in builtIn.routes {
                allNumbers.append(table.count)
                compiler.builtIn(route.method, route.responder, builtIn.health, into: &table)
            }
        }
        plan = Plan(
            name: server.name, generation: generation, proxies: root.proxies,
            router: served ?? Router(placed.flatMap(\.patterns)), numbers: allNumbers,
            unmatched: unmatched, routes: table)
        examplePlans =
            hasExamples
            ? ExamplePlans(
                root: root, server: server, data: data, surroundings: loading.surroundings, placed: placed,
                router: router ?? Router([]), numbers: numbers) : nil
    }

    /// A plan for one call of an example, made anew: nothing that an earlier call left counts.
    package func plan(for example: RouteExample) -> Plan? {
        examplePlans?.plan(for: example)
    }
}
