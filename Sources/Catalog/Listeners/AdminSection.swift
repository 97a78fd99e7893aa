package import Certificates
package import Diagnostics
package import Manifests

/// `admin`: a listener of its own for whoever runs the server.
package struct AdminSection: ManifestSection {
    package var address = Placed(ListenAddress.tcp(host: "127.0.0.1", port: 9901))
    package var token: Secret?
    package var tls: TLSSection?

    package init() {}

    package static let key = "admin"
    package static let doc = """
        A listener of its own for whoever runs the server: health, version, the configuration in force, routes, open \
        connections, the program log's level. `off` is to have none.
        """
    package static let short: String? = "address"
    package static let fields: [Field<AdminSection>] = [
        Field(
            "address", \.address, doc: "Where it listens; another one than those of `listen`.",
            example: "127.0.0.1:9901"),
        Field(
            "token", \.token,
            doc: """
                What a client must send as `Authorization: Bearer TOKEN`, but for `/healthz`, `/livez` and `/readyz`. \
                Without it whoever reaches the address may ask.
                """,
            example: "${file:/run/secrets/admin}"),
        Field(
            "tls", \.tls, doc: TLSSection.doc, example: "{ certificate: tls/server.pem, key: tls/server.key }"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        if let place = token?.plainPlace {
            findings.report(
                DataRules.plainSecret, "the token of `admin` is written in the manifest", at: place,
                help: "take it from outside: `${file:PATH}` or `${NAME}`")
        }
        if let range = address.range, token == nil, node["token"] == nil, !address.value.isLoopback,
            !(tls?.demandsClientCertificates ?? false)
        {
            findings.report(
                CatalogRules.openAdmin, "whoever reaches `\(address.value)` can use the admin pages", at: range,
                label: "not a loopback address",
                help: "add a `token`, or listen on 127.0.0.1; kubelets and scrapers are served by `probes`")
        }
    }

    /// Nil where it speaks no TLS, or where something is wrong with its files, which is told.
    package func serverTLS(in surroundings: Surroundings, _ findings: inout Findings) -> ServerTLS? {
        tls?.read(in: surroundings, protocols: ["h2", "http/1.1"], &findings)
    }
}
