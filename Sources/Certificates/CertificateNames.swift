import NIOSSL

/// The hosts that a certificate is for: the names and addresses of its subject alternative names (RFC 6125). The common
/// name does not count: no client of today looks at it.
package struct CertificateNames: Sendable {
    /// In lower case; `*.example.com` for a wildcard.
    package let hosts: [[UInt8]]
    /// How many IP addresses it is for.
    let addresses: Int

    init(_ certificate: NIOSSLCertificate) {
        var hosts: [[UInt8]] = []
        var addresses = 0
        for name in certificate._subjectAlternativeNames() {
            if name.nameType == .dnsName { hosts.append(name.contents.withUnsafeBufferPointer(Self.lowercased)) }
            if name.nameType == .ipAddress { addresses += 1 }
        }
        self.hosts = hosts
        self.addresses = addresses
    }

    /// For tests.
    init(hosts: [String]) {
        self.hosts = hosts.map { Array($0.utf8) }
        addresses = 0
    }

    package var isEmpty: Bool { hosts.isEmpty && addresses == 0 }

    /// How well a name that a client asks for is met: exactly, by a wildcard, or not at all.
    enum Match: Comparable {
        case absent
        case wildcard
        case exact
    }

    func match(_ host: String) -> Match {
        var asked = host.utf8.withContiguousStorageIfAvailable(Self.lowercased) ?? Array(host.lowercased().utf8)
        if asked.last == UInt8(ascii: ".") { asked.removeLast() }
        var best = Match.absent
        for host in hosts {
            if host == asked { return .exact }
            if Self.wildcard(host, covers: asked) { best = .wildcard }
        }
        return best
    }

    /// A star stands for one whole label, the first (RFC 6125 section 6.4.3).
    private static func wildcard(_ pattern: [UInt8], covers asked: [UInt8]) -> Bool {
        guard pattern.starts(with: Array("*.".utf8)), let dot = asked.firstIndex(of: UInt8(ascii: ".")), dot > 0 else {
            return false
        }
        return asked[dot...].elementsEqual(pattern.dropFirst())
    }

    private static func lowercased(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
