import Diagnostics
package import Manifests

/// Looks whether one address is wanted by two listeners.
struct ListenerAddresses {
    private struct Taken {
        let address: ListenAddress
        let place: SourceRange?
        /// What messages call its owner.
        let owner: String
    }

    private var taken: [Taken] = []

    /// - Parameters:
    ///   - range: where the address is written; nil for a default.
    ///   - help: what can be done where another one has the address.
    mutating func add(
        _ address: Placed<ListenAddress>, of owner: String, help: String, _ findings: inout Findings
    ) {
        let other = taken.first { $0.address.overlaps(address.value) }
        taken.append(Taken(address: address.value, place: address.range, owner: owner))
        // Two defaults never meet.
        guard let other, let range = address.range ?? other.place else { return }
        let isTwice = other.owner == owner
        let whose = address.range == nil ? ", the default of `\(owner)`," : " of `\(owner)`"
        findings.report(
            CatalogRules.sameAddress,
            isTwice && other.address == address.value
                ? "`\(address.value)` is listened on twice"
                : "`\(address.value)`\(whose) is taken by `\(other.address)` of `\(other.owner)`",
            at: range, help: help,
            related: address.range == nil
                ? [] : other.place.map { [Finding.Related($0, "first here")] } ?? [])
    }
}

extension ListenAddress {
    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            host.utf8.elementsEqual("::1".utf8) || host.lowercased().utf8.elementsEqual("localhost".utf8)
                || host.utf8.starts(with: "127.".utf8)
                    && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        }
    }

    /// Whether the system would refuse the one while the other is listened on.
    func overlaps(_ other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.unix(let a), .unix(let b)): a.utf8.elementsEqual(b.utf8)
        // Port 0 is another one each time.
        case (.tcp(let a, let port), .tcp(let b, let other)):
            port != 0 && port == other && (a.utf8.elementsEqual(b.utf8) || Self.covers(a, b) || Self.covers(b, a))
        default: false
        }
    }

    /// Whether a host stands for another one: no host and `::` for all, `0.0.0.0` for all of IPv4.
    private static func covers(_ host: String, _ other: String) -> Bool {
        if host.isEmpty || host.utf8.elementsEqual("::".utf8) { return true }
        return host.utf8.elementsEqual("0.0.0.0".utf8) && !other.utf8.contains(UInt8(ascii: ":"))
    }
}
