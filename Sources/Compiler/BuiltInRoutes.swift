import Catalog
import Diagnostics
import Manifests
import Pipeline
import Protobuf

/// The methods that are served beside those of a manifest with gRPC services.
struct BuiltInRoutes {
    let routes: [(method: RPCMethod, responder: any Responder)]
    let health: HealthState

    /// Nil where the manifest has none.
    init?(besides placed: [PlacedRoute], states: SharedStates) {
        var services: [String] = []
        var codecs: [MessageCodec] = []
        for method in placed.lazy.compactMap(\.method) {
            if services.last != method.service, !services.contains(method.service) { services.append(method.service) }
            if codecs.last !== method.codec, !codecs.contains(where: { $0 === method.codec }) {
                codecs.append(method.codec)
            }
        }
        guard !services.isEmpty else { return nil }
        health = states.state(at: ManifestPlace.root.key("services").key(HealthService.name)) { [services] in
            HealthState(services: services)
        } adjust: { [services] in
            $0.serve(services)
        }
        let taken = Set(placed.flatMap(\.patterns))
        routes = BuiltInServices(besides: services, pools: codecs.map(\.pool), health: health).routes
            .filter { !taken.contains($0.method.pattern(host: nil)) }
    }
}

extension RouteCompiler {
    /// A method that is built in: who looks whether a server is well is neither logged nor limited.
    func builtIn(
        _ method: RPCMethod, _ responder: any Responder, _ health: HealthState, into table: inout RouteTable
    ) {
        let path = Array(("/" + method.fullName).utf8)
        let place = ManifestPlace.root.key("services").key(method.service).key("methods").key(method.name)
        let scope = CompileScope(
            server: server, service: method.service, route: method.name, routePath: path, method: method, wildcards: [],
            restIsLast: false, outputs: outputs, place: place, data: data, states: states, surroundings: surroundings)
        var unheard = Findings()
        var chain = Self.chain(
            Node(map: [("access_log", Node(plain: "off")), ("tracing", Node(plain: "off"))]),
            SettingScopes(root: nil, service: nil, route: nil), [], scope, &unheard)
        chain.append(StageSummary(key: "health", of: nil), HealthWatchers(health))
        let calls = states.state(at: place) { CallCount() }
        func route(_ responder: any Responder) -> Route {
            Route(
                stages: chain.stages, observers: chain.observers, bodyStage: chain.bodyStage, responder: responder,
                needsBody: false, template: path, path: path, pattern: method.fullName,
                service: Array(method.service.utf8), serviceName: method.service, words: scope.words, calls: calls,
                rpc: method)
        }
        table.append(route(responder), carried: route(FaceResponder(responder, of: method)))
    }
}
