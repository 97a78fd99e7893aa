import CEL
import Catalog
import Diagnostics
import JSON
import Manifests
import Pipeline
import Telemetry

/// Makes one route of the plan: its scopes merged, its expressions checked, its chain in order.
struct RouteCompiler {
    let root: ManifestRoot
    let server: ServerFacts
    let data: [Root.Field]
    let outputs: LogOutputs?
    let states: SharedStates
    let surroundings: Surroundings

    /// The route into the table, if nothing was wrong with it; its summary if its pattern can be read.
    func compile(
        _ placed: PlacedRoute, into table: inout RouteTable, _ findings: inout Findings
    ) -> RouteSummary? {
        let path = placed.patterns.first?.path ?? ""
        var scope = CompileScope(
            server: server, service: placed.serviceName, route: placed.method?.name ?? placed.key.string,
            routePath: Array(path.utf8),
            method: placed.method, httpPaths: placed.bindings.map { Array($0.rule.template.utf8) },
            wildcards: placed.patterns.first?.wildcardNames ?? [],
            restIsLast: placed.patterns.first?.hasNamedRest ?? false, outputs: outputs, place: placed.place,
            data: data, states: states, surroundings: surroundings)
        let settings = placed.middleware.laid(over: placed.settings)
        var inChain = Findings()
        scope.define(placed.variables, &inChain)
        let scopes = SettingScopes(
            root: root.middleware.node, service: placed.service.middleware.node, route: placed.middleware.node)
        var chain = Self.chain(settings, scopes, placed.writers, scope, &inChain)
        var found = Findings()
        let answer = placed.answer
        let choosesLate = placed.method?.clientStreams == true && answer?.conditions.isEmpty == false
        let answering = choosesLate ? scope.forResponder.forStreamCases : scope.forResponder
        var responder = answer.map { $0.responder?.responder(answering, &found) } ?? UnservedMethod()
        var delay = choosesLate ? nil : answer?.delay?.stage(answering, &found)
        if choosesLate, let answer, let method = placed.method {
            let own = responder
            responder = StreamCases(
                answer.conditions, ownResponder: answer.responder == nil ? nil : own ?? UnmatchedResponder(),
                ownDelay: answer.delay, answersEach: method.serverStreams, route: placed.key.whole, answering, &found)
            if answer.responder != nil, own == nil { responder = nil }
        } else if let answer, !answer.conditions.isEmpty {
            let cases = CompiledCases(
                answer.conditions, ownResponder: answer.responder == nil ? nil : responder ?? UnmatchedResponder(),
                ownDelay: delay, route: placed.key.whole, answering, &found)
            if let cases { chain.append(StageSummary(key: "cases", of: placed.node), cases.choice) }
            delay = cases?.delay
            responder = answer.responder != nil && responder == nil ? nil : cases?.responder
        }
        if let delay { chain.append(StageSummary(key: "delay", of: placed.node), delay) }
        if let fault = answer?.fault { chain.append(StageSummary(key: "fault", of: placed.node), fault.stage()) }
        let failures = placed.errors.renderer(scope, &inChain)
        // Nobody wrote an expression for a method that is not named: what it lacks is left out there.
        if answer != nil {
            SharedExpressions.report(inChain.ordered(), of: placed, isChain: true, &findings)
        }
        SharedExpressions.report(found.ordered(), of: placed, isChain: false, &findings)
        guard let pattern = placed.patterns.first else { return nil }
        let responderName = answer?.responderName ?? RouteSummary.unserved
        let summary = RouteSummary(
            patterns: placed.patterns, service: placed.serviceName, place: placed.key.whole, responder: responderName,
            responderPlace: placed.node?.entry(responderName)?.key.range ?? placed.key.whole,
            cases: (answer?.conditions ?? []).map { RouteSummary.Case($0.section, $0.range) }, method: placed.method,
            chain: chain.summaries, bindings: placed.bindings, answer: answer, errors: placed.errors)
        guard let responder else { return summary }
        let calls = states.state(at: placed.place) { CallCount() }
        func route(_ responder: any Responder, _ path: String, _ binding: HTTPBinding? = nil, number: Int = 0) -> Route
        {
            Route(
                stages: chain.stages, observers: chain.observers, bodyStage: chain.bodyStage, responder: responder,
                needsBody: scope.needsBody, failures: failures, template: Self.escaped(path), path: Array(path.utf8),
                pattern: placed.method?.fullName ?? pattern.description, service: Self.escaped(placed.serviceName),
                serviceName: placed.serviceName, words: scope.words, calls: calls, rpc: placed.method,
                binding: binding, bindingNumber: number,
                // What is held whole has a limit of its own.
                messageLimit: settings?[BodyLimit.key]?.isOff == true
                    ? ConnectionLimits.bufferedBody : Route.usualMessageLimit)
        }
        if let method = placed.method {
            let carried = FaceResponder(responder, of: method)
            table.append(route(responder, path), carried: route(carried, path))
            for (number, binding) in placed.bindings.enumerated() {
                table.append(route(carried, binding.rule.template, binding, number: number))
            }
        } else {
            table.append(route(responder, path))
        }
        return summary
    }

    /// The root's chain, for what matches no route, and its stages. There are no path parameters then: what reads them is
    /// left out.
    func unmatched(_ stages: inout [StageSummary], _ findings: inout Findings) -> Route {
        var found = Findings()
        var scope = CompileScope(
            server: server, wildcards: [], restIsLast: false, outputs: outputs, place: .root, data: data,
            states: states, surroundings: surroundings)
        scope.define(root.variables, &found)
        let scopes = SettingScopes(root: root.middleware.node, service: nil, route: nil)
        let chain = Self.chain(root.middleware.node, scopes, [], scope, &found)
        stages = chain.summaries
        let failures = root.errors.renderer(scope, &found)
        for finding in found.ordered() where !SharedExpressions.isAboutPath(finding) { findings.report(finding) }
        return Route(
            stages: chain.stages, observers: chain.observers, bodyStage: chain.bodyStage,
            responder: UnmatchedResponder(), needsBody: scope.needsBody, failures: failures, template: [], pattern: "",
            service: [],
            serviceName: "", words: scope.words)
    }

    /// A scope that may say what a middleware does; the state of that belongs to the deepest that does.
    struct Writer {
        let place: ManifestPlace
        let middleware: Node?
    }

    /// Stages in their order.
    struct Chain {
        var summaries: [StageSummary] = []
        var stages: [any Middleware] = []
        var observers = 0
        var bodyStage = 0

        mutating func append(_ summary: StageSummary, _ stage: any Middleware) {
            var summary = summary
            if stage.moments.contains(.admit) { summary.turn = stages.count { $0.moments.contains(.admit) } }
            summaries.append(summary)
            stages.append(stage)
        }
    }

    /// - Parameter writers: what the scopes below the root say, the deepest first.
    static func chain(
        _ settings: Node?, _ scopes: SettingScopes, _ writers: [Writer], _ scope: CompileScope,
        _ findings: inout Findings
    ) -> Chain {
        var chain = Chain()
        var late: [(StageSummary, any Middleware)] = []
        for entry in Entries.middleware {
            let node = settings?[entry.name]
            if node == nil && !entry.isOnByDefault || node?.isOff == true { continue }
            // The limit that nobody wrote is one for pages; that of messages is the call's own.
            if node == nil, entry.name == BodyLimit.key, scope.method != nil { continue }
            let writer = writers.first { $0.middleware?.entry(entry.name) != nil }
            let place = (writer?.place ?? .root).key("middleware").key(entry.name)
            for made in entry.stages(node, scope.at(place), &findings) {
                let summary = StageSummary(entry, made, settings: node, scopes)
                // In a dry run a stage may have nowhere to write to; it is in the chain all the same.
                guard let stage = made.stage else {
                    if scope.outputs == nil { chain.summaries.append(summary) }
                    continue
                }
                // What reads the body stands behind all that can refuse it.
                if made.place == .afterBody {
                    late.append((summary, stage))
                    continue
                }
                chain.append(summary, stage)
                if made.place == .observer { chain.observers = chain.stages.count }
                chain.bodyStage = chain.stages.count
            }
        }
        for (summary, stage) in late { chain.append(summary, stage) }
        return chain
    }

    /// As the inside of a JSON string.
    private static func escaped(_ text: String) -> [UInt8] {
        var out = ByteWriter(capacity: 64)
        var text = text
        text.withUTF8 { out.append(jsonEscaped: $0) }
        return Array(out.bytes)
    }
}
