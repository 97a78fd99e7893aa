package import CEL

/// Whose word about the client counts: `trusted_proxies`.
package final class ProxyTrust: Sendable {
    package let networks: AddressSet
    /// Peers on Unix sockets have no address.
    private let trustsUnix: Bool

    package init(_ networks: [CIDR], trustsUnix: Bool) {
        self.networks = AddressSet(networks)
        self.trustsUnix = trustsUnix
    }

    func trusts(_ connection: UnsafePointer<ConnectionFacts>) -> Bool {
        if let address = connection.pointee.address { return networks.contains(address) }
        return trustsUnix && connection.pointee.clientAddress.isEmpty
    }

    /// Whether a peer may say by the PROXY protocol who its client is.
    package func trusts(peer: IPAddress?) -> Bool { peer.map(networks.contains) ?? trustsUnix }
}
