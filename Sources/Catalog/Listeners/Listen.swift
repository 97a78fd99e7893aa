import Diagnostics
package import Manifests

/// `listen`: where the server takes connections.
package struct Listen: ManifestSection {
    package enum ProxyProtocol: String, Choice {
        case optional
        case required
    }

    package enum Version: String, Choice {
        case http1
        case http2
    }

    package var address = Placed(ListenAddress.tcp(host: "127.0.0.1", port: 8080))
    package var tls: TLSSection?
    package var protocols = Placed(OneOrMore([Placed(Version.http1), Placed(Version.http2)]))
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
            "protocols", \.protocols,
            doc: """
                The versions of HTTP that are spoken here: `http1`, `http2` or both. A client that speaks another one gets 505, \
                as HTTP/1 says it. With `tls` these are what ALPN offers. gRPC needs `http2`.
                """,
            example: "[http1, http2]", check: { lintProtocols($0.value.values, $1, &$2) }),
        Field(
            "proxy_protocol", \.proxyProtocol,
            doc: """
                Whether connections begin with a PROXY header, version 1 or 2, that names the client: `off`, `optional` or \
                `required`. Only `trusted_proxies` may send one, if they are named; without it a connection that requires \
                one is closed.
                """,
            example: "off"),
    ]

    package func speaks(_ version: Version) -> Bool { protocols.value.values.contains { $0.value == version } }

    private static func lintProtocols(
        _ versions: [Placed<Version>], _ node: Node, _ findings: inout Findings
    ) -> Bool {
        if let items = node.items, items.isEmpty {
            findings.report(
                EdgeRules.listenProtocols, "a listener without protocols would answer nobody", at: node.range,
                help: "leave `protocols` out for both, or write `[http1]` or `[http2]`")
            return false
        }
        for (index, version) in versions.enumerated() {
            guard let range = version.range, let first = versions[..<index].first(where: { $0 == version }) else {
                continue
            }
            findings.report(
                EdgeRules.listenProtocols, "`\(version.value.rawValue)` is there twice", at: range,
                help: "keep one of them", related: first.range.map { [Finding.Related($0, "first here")] } ?? [])
        }
        // What is left of a list whose words are all wrong, which has been told of.
        return !versions.isEmpty
    }

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
