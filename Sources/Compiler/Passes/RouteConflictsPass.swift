import Diagnostics
import Pipeline

/// Patterns that some request matches without one being the more specific, over all services.
enum RouteConflictsPass {
    static func run(_ routes: [PlacedRoute], _ findings: inout Findings) {
        let places = routes.flatMap { route in route.entrances.map { $0.place ?? route.key.whole } }
        for conflict in RoutePattern.conflicts(among: routes.flatMap(\.patterns)) {
            findings.report(
                RouteRules.routeConflict, conflict.message, at: places[conflict.second], help: conflict.help,
                related: [Finding.Related(places[conflict.first], "the other route is here")])
        }
    }
}
