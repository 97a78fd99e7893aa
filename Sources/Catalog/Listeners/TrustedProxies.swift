import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// One of `trusted_proxies`: a network, or the word `unix` for peers on Unix sockets.
package enum TrustedProxy: ManifestValue, Equatable {
    case network(Network)
    case unix

    package static let doc = """
        The proxies whose word about the client counts: their networks, and `unix` for those that come over a Unix socket. \
        From them `X-Forwarded-For` (else `Forwarded`), `X-Forwarded-Proto` and `X-Forwarded-Host` are believed, read \
        from the end up to the first address that is no trusted proxy's; anybody else's are not looked at.
        """

    package static var schema: Schema { .anyOf([Network.schema, .choice(["unix"])]) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> TrustedProxy? {
        if node.scalar?.text.bytes.elementsEqual("unix".utf8) == true { return .unix }
        if node.scalar?.text.string.lowercased() == "unix" || node.scalar?.text.string.hasPrefix("unix:") == true {
            findings.report(
                NetworkRules.badNetwork, "`\(node.scalar?.shortText ?? "")` is not a network", at: node.range,
                label: "expected a network, or `unix`", help: "write `unix` for peers on Unix sockets",
                suggestion: "unix")
            return nil
        }
        guard let network = Network.decode(node, &findings) else { return nil }
        if network.cidr.length == 0 {
            findings.report(
                EdgeRules.trustsAll, "`\(network.cidr.text)` is everybody", at: node.range,
                label: "any client can say that it is another", help: "name the networks of the proxies")
        }
        return .network(network)
    }

    package func written() -> Node {
        switch self {
        case .network(let network): network.written()
        case .unix: Node(string: "unix")
        }
    }
}

extension ManifestRoot {
    /// Nil where nobody is trusted.
    package var proxies: ProxyTrust? {
        if trustedProxies.values.isEmpty { return nil }
        return ProxyTrust(
            trustedProxies.values.compactMap { if case .network(let network) = $0 { network.cidr } else { nil } },
            trustsUnix: trustedProxies.values.contains(.unix))
    }
}
