import Catalog
import Diagnostics
import Manifests
import Pipeline

/// What is wrong with a manifest as one for production.
struct ProductionPass {
    private let root: ManifestRoot
    /// What the root was read from.
    private let node: Node?
    private let routes: [PlacedRoute]

    init(_ root: ManifestRoot, _ node: Node?, _ routes: [PlacedRoute]) {
        self.root = root
        self.node = node
        self.routes = routes
    }

    func run(_ findings: inout Findings) {
        listeners(&findings)
        switchedOff(
            "timeout", ProductionRules.noTimeout, "calls have no timeout here", "say a time: `timeout: 30s`", &findings)
        switchedOff(
            "body_limit", ProductionRules.noBodyLimit, "bodies have no limit here",
            "say the largest that makes sense: `body_limit: 64MiB`", &findings)
        switchedOff(
            "access_log", ProductionRules.noAccessLog, "calls are not logged here",
            "keep a share: `access_log: { sample: 1% }` logs every failed and slow call too", &findings)
        textLogs(&findings)
        unlimited(&findings)
        trouble(&findings)
        pages(&findings)
        if root.shutdown.delay?.nanoseconds == 0, let delay = node?["shutdown"]?["delay"] {
            findings.report(
                ProductionRules.noDrainDelay, "no connection is taken after SIGTERM", at: delay.range,
                help: "give load balancers time to turn away: `delay: 5s`", suggestion: "5s")
        }
    }

    // MARK: Listeners

    private func listeners(_ findings: inout Findings) {
        for listen in root.listen.values where listen.tls == nil && !listen.address.value.isLoopback {
            guard let place = listen.address.range else { continue }
            findings.report(
                ProductionRules.plainListener, "`\(listen.address.value)` takes connections of others without TLS",
                at: place,
                help: "add `tls`, or listen on a loopback address or a Unix socket, behind something that speaks TLS")
        }
        if let admin = root.admin.value, admin.tls == nil, !admin.address.value.isLoopback,
            let place = admin.address.range
        {
            findings.report(
                ProductionRules.plainListener, "`\(admin.address.value)` shows the admin pages without TLS", at: place,
                label: admin.token == nil ? nil : "the token is sent as it is",
                help: "add `tls`, or listen on a loopback address; kubelets and scrapers are served by `probes`")
        }
    }

    // MARK: Middleware

    /// Every `middleware` map as it is written.
    private var maps: [Node] {
        [root.middleware.node].compactMap(\.self) + root.services.entries.compactMap(\.value.middleware.node)
            + routes.compactMap(\.middleware.node)
    }

    private func switchedOff(
        _ name: String, _ rule: Rule, _ message: String, _ help: String, _ findings: inout Findings
    ) {
        for map in maps {
            guard let value = map[name], value.isOff else { continue }
            findings.report(rule, message, at: value.range, help: help)
        }
    }

    private func textLogs(_ findings: inout Findings) {
        for map in maps {
            guard let value = map[AccessLog.name], let format = value.entries == nil ? value : value["format"],
                format.scalar?.text.bytes.elementsEqual("text".utf8) == true
            else { continue }
            findings.report(
                ProductionRules.textLog, "collectors cannot read this format", at: format.range,
                help: "write `json` or `ecs`", suggestion: "json")
        }
    }

    /// Once for each service: what one route lacks, others often lack too.
    private func unlimited(_ findings: inout Findings) {
        for service in root.services.entries {
            let bare = routes.filter { route in
                route.serviceName.utf8.elementsEqual(service.name.utf8) && !limits(route)
            }
            guard let first = bare.first else { continue }
            let more = bare.count == 1 ? "" : " and \(bare.count - 1) more \(bare.count == 2 ? "route" : "routes")"
            findings.report(
                ProductionRules.noRateLimit,
                "no rate limit holds for `\(first.name)`\(more)", at: service.key.whole,
                help:
                    "write `rate_limit: { rate: 100/s, key: client.address }` under `middleware`, with a rate that fits"
            )
        }
    }

    private func limits(_ route: PlacedRoute) -> Bool {
        let node = route.middleware.laid(over: route.settings)?[RateLimit.name]
        return node.map { !$0.isOff } ?? false
    }

    // MARK: Routes

    private func trouble(_ findings: inout Findings) {
        for (place, name) in routes.flatMap(injected) + maps.flatMap(injected) {
            findings.report(
                ProductionRules.injectedTrouble,
                name == "fault" ? "calls fail here on purpose" : "calls wait here on purpose",
                at: place, help: "move it to a second file, and add `--config FILE` where it is wanted")
        }
    }

    private func injected(_ route: PlacedRoute) -> [(SourceRange, String)] { route.node.map(injected) ?? [] }

    private func injected(_ node: Node) -> [(SourceRange, String)] {
        ["fault", "delay"].compactMap { name in
            node.entry(name).flatMap { $0.value.isOff ? nil : ($0.key.range, name) }
        }
    }

    private func pages(_ findings: inout Findings) {
        for route in routes {
            guard let html = route.node?["template"]?.entry("html") else { continue }
            let headers = route.middleware.laid(over: route.settings)?[Headers.name]
            if let headers, !headers.isOff, headers["preset"] != nil { continue }
            findings.report(
                ProductionRules.noSecurityHeaders, "this page goes out without security headers", at: html.key.range,
                help: "write `headers: { preset: security }` under `middleware`")
        }
    }
}
