import Diagnostics
import Pipeline

/// Patterns that some request matches without one being the more specific, over all services.
enum RouteConflictsPass {
    static func run(_ routes: [PlacedRoute], _ findings: inout Findings) {
        let owners = routes.enumerated().flatMap { index, route in route.patterns.map { _ in index } }
        for conflict in RoutePattern.conflicts(among: routes.flatMap(\.patterns)) {
            let first = routes[owners[conflict.first]]
            let second = routes[owners[conflict.second]]
            findings.report(
                RouteRules.routeConflict, conflict.message, at: second.key.whole, help: conflict.help,
                related: [Finding.Related(first.key.whole, "the other route is here")])
        }
    }
}
