package import CEL
package import Catalog
package import Diagnostics
import Manifests
import Pipeline
import Synchronization

/// An example of a route, checked: what it sends and what it expects.
package struct RouteExample: Sendable {
    /// What it sends, and what must come of it.
    package enum Content: Sendable {
        case request(ExampleSection, ExampleCall, [Program])
        case call(MethodCall)
    }

    package let content: Content
    /// What it is called, if it says so.
    package let name: String?
    package let client: ExampleClient
    /// Which of the calls it is.
    let count: Int
    /// The example in the manifest.
    package let place: SourceRange
    package let service: String
    /// The pattern as the manifest has it, or the full name of the method.
    package let pattern: String
    /// Its route among those of the manifest.
    let route: Int
}

/// What the examples of a manifest are run with: a plan for each, in which nothing has happened yet.
struct ExamplePlans: Sendable {
    let root: ManifestRoot
    let server: ServerFacts
    let data: [Root.Field]
    let surroundings: Surroundings
    let placed: [PlacedRoute]
    let router: Router
    /// The route of each of the router's patterns.
    let numbers: [Int]

    /// The whole router, and behind it the example's own route: its limiters are new, and its next call is the
    /// example's. Nil only for an example of another manifest.
    func plan(for example: RouteExample) -> Plan? {
        guard example.route < placed.count else { return nil }
        let states = SharedStates()
        _ = states.state(at: placed[example.route].place) { CallCount(example.count - 1) }
        let compiler = RouteCompiler(
            root: root, server: server, data: data, outputs: nil, states: states, surroundings: surroundings)
        var found = Findings()
        var stages: [StageSummary] = []
        let own = placed[example.route]
        var table = RouteTable(capacity: own.tableCount)
        guard compiler.compile(own, into: &table, &found) != nil, table.count == own.tableCount else { return nil }
        return Plan(
            name: server.name, proxies: root.proxies, router: router,
            numbers: zip(numbers, placed.lazy.flatMap(\.entrances)).map { $0 == example.route ? $1.offset : -1 },
            unmatched: compiler.unmatched(&stages, &found), routes: table)
    }
}
