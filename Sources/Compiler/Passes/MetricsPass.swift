import Catalog
import Diagnostics
import Manifests

/// What shows only over all scopes: metrics of one name that are not the same, and `on` that names nothing.
enum MetricsPass {
    static func run(_ root: ManifestRoot, _ findings: inout Findings) {
        var services: [String] = []
        var targets: [String] = []
        var scopes = [root.middleware.node]
        for service in root.services.entries {
            services.append(service.name)
            scopes.append(service.value.middleware.node)
            for route in service.value.routes.entries {
                targets.append("\(service.name).\(route.name)")
                scopes.append(route.value.middleware.node)
            }
            for method in service.value.methods.entries {
                targets.append("\(service.name).\(method.name)")
                scopes.append(method.value.middleware.node)
            }
        }
        var claimed: [String: (scope: Int, metric: OwnMetricDefinition)] = [:]
        for (scope, node) in scopes.enumerated() {
            for metric in definitions(in: node) {
                claim(metric, scope, &claimed, &findings)
                for target in metric.targets { check(target, services, targets, &findings) }
            }
        }
    }

    /// What is wrong with a section itself is told elsewhere.
    private static func definitions(in node: Node?) -> [OwnMetricDefinition] {
        guard let section = node?[Metrics.name], !section.isOff else { return [] }
        var unheard = Findings()
        return Metrics.decode(section, &unheard)?.definitions ?? []
    }

    private static func claim(
        _ metric: OwnMetricDefinition, _ scope: Int,
        _ claimed: inout [String: (scope: Int, metric: OwnMetricDefinition)], _ findings: inout Findings
    ) {
        let others = metric.claims.compactMap { claimed[$0] }
        if let other = others.first(where: { $0.metric.shape != metric.shape || $0.scope == scope }) {
            let (name, first) = (metric.key.string, other.metric)
            let message: String
            var help = "give one of them another name"
            if first.kind != metric.kind {
                message = Self.difference(metric, first)
            } else if first.name != metric.name || other.scope == scope {
                message = "`\(name)` and `\(first.key.string)` are the same name to a scraper"
            } else {
                message = "`\(name)` has other buckets here"
                help = "write the same buckets, or give one of them another name"
            }
            findings.report(
                CatalogRules.metricClash, message, at: metric.key.whole, help: help,
                related: [Finding.Related(first.key.whole, "the other one is here")])
            return
        }
        for name in metric.claims where claimed[name] == nil { claimed[name] = (scope, metric) }
    }

    /// How two metrics of different kinds meet: by one name, or by a name that the one writes beside its own.
    private static func difference(_ here: OwnMetricDefinition, _ there: OwnMetricDefinition) -> String {
        if here.key.string.utf8.elementsEqual(there.key.string.utf8) {
            return "`\(here.key.string)` is a \(here.kind.rawValue) here and a \(there.kind.rawValue) there"
        }
        let (wide, narrow) = here.claims.contains(there.key.string) ? (here, there) : (there, here)
        return "the \(wide.kind.rawValue) `\(wide.key.string)` also writes `\(narrow.key.string)`, "
            + "which is the name of a \(narrow.kind.rawValue)"
    }

    private static func check(
        _ target: Placed<String>, _ services: [String], _ targets: [String], _ findings: inout Findings
    ) {
        let isKnown = (services + targets).contains { target.value.utf8.elementsEqual($0.utf8) }
        guard !isKnown, let range = target.range else { return }
        let nearest =
            Suggest.nearest(target.value, among: services + targets)
            // A route's pattern alone.
            ?? targets.first { $0.hasSuffix("." + target.value) }
        let all = services.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
        findings.report(
            CatalogRules.unknownTarget, "there is no service or route `\(target.value)`", at: range,
            help: nearest.map { "did you mean `\($0)`?" }
                ?? "name a service (\(all)), or a route of one: `SERVICE.GET /path`",
            suggestion: nearest)
    }
}
