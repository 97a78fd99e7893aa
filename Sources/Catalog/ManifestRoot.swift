package import CEL
package import Diagnostics
package import Manifests

/// A whole manifest.
package struct ManifestRoot: ManifestSection {
    package var version: Int?
    package var name: String?
    package var include = OneOrMore<String>()
    package var listen = OneOrMore<Listen>([Listen()])
    package var admin = Switchable<AdminSection>.on(AdminSection())
    package var probes = Switchable<Placed<ListenAddress>>.off
    package var trustedProxies = OneOrMore<TrustedProxy>()
    package var workers: Int?
    package var limits = Limits()
    package var shutdown = Shutdown()
    package var telemetry = TelemetrySection()
    package var middleware = MiddlewareMap()
    package var variables = Named<Expression>()
    package var errors = ErrorPages()
    package var data = DataMap()
    package var services = Named<ServiceSection>()

    package init() {}

    package static let key = "the manifest"
    package static let doc = "What radicled serves, and how."
    package static let fields: [Field<ManifestRoot>] = [
        Field(
            "radicle", \.version, doc: "The version of the manifest's format: 1.", example: "1", required: true,
            schema: .integers([1]),
            check: { value, node, findings in
                if value == 1 { return true }
                findings.report(
                    ManifestRules.outOfRange, "this radicled reads version 1 of the format", at: node.range,
                    label: "expected `1`", help: "write `radicle: 1`", suggestion: "1")
                return false
            }),
        Field("name", \.name, doc: "What the server calls itself; the file's name without it.", example: "greeter"),
        Field(
            "include", \.include,
            doc: """
                A file or files, or patterns such as `parts/*.yaml`, relative to the file that says so. Services of \
                all are joined; any other key stands in one of them.
                """, example: "parts/*.yaml"),
        Field("listen", \.listen, doc: Listen.doc, example: "127.0.0.1:8080"),
        Field("admin", \.admin, doc: AdminSection.doc, example: "127.0.0.1:9901"),
        Field(
            "probes", \.probes,
            doc: """
                An address where `/healthz`, `/livez`, `/readyz` and `/metrics` are answered and nothing else, to whoever \
                asks: for kubelets, load balancers and scrapers.
                """, example: "0.0.0.0:9902"),
        Field(
            "trusted_proxies", \.trustedProxies, doc: TrustedProxy.doc, example: "[10.0.0.0/8, \"2001:db8::/32\", unix]"
        ),
        Field(
            "workers", \.workers, doc: "Event loops; as many as there are processors without it.", example: "2",
            check: within(1...1024)),
        Field("limits", \.limits, doc: Limits.doc, example: "{ idle: 75s }"),
        Field("shutdown", \.shutdown, doc: Shutdown.doc, example: "{ grace: 30s }"),
        Field("telemetry", \.telemetry, doc: TelemetrySection.doc, example: "{ log_level: warning }"),
        Field("middleware", \.middleware, doc: MiddlewareMap.doc, example: "{ timeout: 2s }"),
        Field("variables", \.variables, doc: RouteSection.variablesDoc, example: "{ id: uuid() }"),
        Field("errors", \.errors, doc: ErrorPages.doc, example: "{ 404: { text: not here } }"),
        Field("data", \.data, doc: DataMap.doc, example: "{ prices: data/prices.json }"),
        Field(
            "services", \.services, doc: "What is served, by name.",
            example: "{ web: { routes: { GET /hello: { template: hi } } } }"),
    ]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("port".utf8) ? "write `listen: :8080`" : nil
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        for listener in listen.values { listener.lintTrust(trustedProxies.values, &findings) }
        lintHTTP2(&findings)
        var addresses = ListenerAddresses()
        for listener in listen.values {
            addresses.add(listener.address, of: "listen", help: "keep one of them", &findings)
        }
        if let admin = admin.value {
            addresses.add(
                admin.address, of: "admin", help: "give `admin` another address, or write `admin: off`", &findings)
        }
        if let probes = probes.value {
            addresses.add(probes, of: "probes", help: "give `probes` another address", &findings)
        }
    }

    private func lintHTTP2(_ findings: inout Findings) {
        guard let service = services.entries.first(where: { $0.value.proto != nil }),
            !listen.values.contains(where: { $0.speaks(.http2) }),
            let range = listen.values.first?.protocols.range
        else { return }
        findings.report(
            ServiceRules.withoutHTTP2, "no listener speaks HTTP/2, which gRPC needs", at: range,
            help: "add `http2`", related: [Finding.Related(service.key.whole, "this service is one of gRPC")])
    }
}
