import Diagnostics
package import Manifests

/// `listen`: where the server takes connections.
package struct Listen: ManifestSection {
    package enum ProxyProtocol: String, Choice {
        case optional
        case required
    }

    package var address = Placed(ListenAddress.tcp(host: "127.0.0.1", port: 8080))
    package var tls: TLSSection?
    package var proxyProtocol = Placed(Switchable<ProxyProtocol>.off)

    package init() {}

    package static let key = "listen"
    package static let doc =
        "An address to take connections on: HTTP/1.1, and HTTP/2 by prior knowledge; with `tls` by ALPN."
    package static let short: String? = "address"
    package static let fields: [Field<Listen>] = [
        Field(
            "address", \.address,
            doc: "`HOST:PORT`, `[::1]:PORT`, `:PORT` for every address, or `unix:PATH`. Port 0 takes a free one.",
            example: "0.0.0.0:8080", required: true),
        Field(
            "tls", \.tls, doc: TLSSection.doc, example: "{ certificate: tls/server.pem, key: tls/server.key }"),
        Field(
            "proxy_protocol", \.proxyProtocol,
            doc: """
                Whether connections begin with a PROXY header, version 1 or 2, that names the client: `off`, `optional` or \
                `required`. Only `trusted_proxies` may send one, if they are named; without it a connection that requires \
                one is closed.
                """,
            example: "off"),
    ]

    /// What is wrong with who may name the client.
    func lintTrust(_ trusted: [TrustedProxy], _ findings: inout Findings) {
        guard let range = proxyProtocol.range, proxyProtocol.value.value != nil else { return }
        if case .unix = address.value {
            guard !trusted.isEmpty, !trusted.contains(.unix) else { return }
            findings.report(
                EdgeRules.proxyTrust, "no peer of this Unix socket may send a PROXY header", at: range,
                help: "add `unix` to `trusted_proxies`")
        } else if trusted.isEmpty {
            findings.report(
                EdgeRules.proxyTrust, "whoever connects can say that it is any client", at: range,
                help: "name the proxies under `trusted_proxies`")
        }
    }
}
