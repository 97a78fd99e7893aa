package import CEL
public import JSON

/// What trusted proxies say of the client and of what it asked for.
@usableFromInline package struct Forwarded: Sendable {
    package enum Scheme: UInt8, Sendable {
        case http
        case https
    }

    /// Nil: the connection's.
    package var address: IPAddress?
    /// The same as text, in the exchange's arena.
    var text = ByteRange.none
    /// 0 where no proxy said it.
    var port = 0
    var scheme: Scheme?

    // Of the small struct, not of the exchange, which would be copied for the call.

    @usableFromInline func address(
        in arena: UnsafeBufferPointer<UInt8>, else own: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        text.isNone ? own : UnsafeBufferPointer(rebasing: arena[text.range])
    }

    @usableFromInline func port(else own: Int) -> Int { address != nil ? port : own }

    @usableFromInline var isThere: Bool { address != nil }

    @usableFromInline func scheme(else isTLS: Bool) -> StaticString {
        scheme.map { $0 == .https } ?? isTLS ? "https" : "http"
    }
}

// The lists are read from their end: each proxy adds whom it heard from, and only what a trusted one added is believed.
extension Exchange {
    /// More hops than any network has.
    private static let mostHops = 64

    /// Takes over what trusted proxies say, before a route is looked for.
    ///
    /// `X-Forwarded-For` counts before `Forwarded`: nearly all proxies write the former and hand on the latter as it comes,
    /// so that a client's own would be believed (docs/decisions/0031).
    @inline(never) mutating func readForwarded(_ proxies: ProxyTrust) {
        guard proxies.trusts(connection) else { return }
        isFromProxy = true
        if head.value(of: .forwardedFor) != nil || head.value(of: .forwarded) == nil {
            readLegacy(proxies)
        } else {
            readStandard(proxies)
        }
        guard let address = forwarded.address else { return }
        let start = arena.count
        address.write(into: &arena)
        forwarded.text = ByteRange(start: start, end: arena.count)
    }

    /// `X-Forwarded-For`, and the like for scheme and host.
    private mutating func readLegacy(_ proxies: ProxyTrust) {
        var list = ListFromEnd(.forwardedFor)
        /// Which element from the end names the client.
        var place = 0
        var hops = 0
        while hops < Self.mostHops, let element = list.next(head), let node = ForwardedNode(head.slice(element)) {
            place = hops
            hops &+= 1
            forwarded.address = node.address
            forwarded.port = node.port
            if !proxies.networks.contains(node.address) { break }
        }
        // The other lists have an element for each hop too, or one for all.
        if let scheme = element(place, of: .forwardedProto) { forwarded.scheme = Self.scheme(head.slice(scheme)) }
        if let host = element(place, of: .forwardedHost) { take(host: host) }
    }

    /// `Forwarded` (RFC 7239).
    private mutating func readStandard(_ proxies: ProxyTrust) {
        var list = ListFromEnd(.forwarded)
        var hops = 0
        while hops < Self.mostHops, let range = list.next(head), let element = ForwardedElement(range, head) {
            hops &+= 1
            // Scheme and host are what that proxy was asked, so they belong to its own client.
            if let scheme = element.scheme.flatMap({ Self.scheme(head.slice($0)) }) { forwarded.scheme = scheme }
            if let host = element.host { take(host: host) }
            guard let node = element.node.flatMap({ ForwardedNode(head.slice($0)) }) else { break }
            forwarded.address = node.address
            forwarded.port = node.port
            if !proxies.networks.contains(node.address) { break }
        }
    }

    /// The element at a place from the end, or the first one.
    private func element(_ place: Int, of field: KnownField) -> ByteRange? {
        guard head.value(of: field) != nil else { return nil }
        var list = ListFromEnd(field)
        var found: ByteRange?
        for _ in 0...place {
            guard let next = list.next(head) else { break }
            found = next
        }
        return found
    }

    private static func scheme(_ text: UnsafeBufferPointer<UInt8>) -> Forwarded.Scheme? {
        if equalsIgnoringCase(text, "https") || equalsIgnoringCase(text, "wss") { return .https }
        return equalsIgnoringCase(text, "http") || equalsIgnoringCase(text, "ws") ? .http : nil
    }

    private mutating func take(host: ByteRange) {
        if ForwardedHost.isPlain(head.slice(host)) { head.host = host }
    }
}

extension Exchange {
    /// The client's address without its port, as text; empty on a Unix socket whose peer says none.
    @inlinable package var clientAddress: UnsafeBufferPointer<UInt8> {
        isFromProxy
            ? forwarded.address(in: arena.bytes, else: connection.pointee.clientAddress)
            : connection.pointee.clientAddress
    }

    /// 0 where a proxy did not say it.
    @inlinable package var clientPort: Int {
        isFromProxy ? forwarded.port(else: connection.pointee.clientPort) : connection.pointee.clientPort
    }

    package var client: IPAddress? {
        isFromProxy ? forwarded.address ?? connection.pointee.address : connection.pointee.address
    }

    /// Whether the client is not the one whose connection this is.
    @inlinable package var isForwarded: Bool { isFromProxy && forwarded.isThere || connection.pointee.isProxied }

    /// What the client asked by, `http` or `https`.
    @inlinable package var scheme: StaticString {
        isFromProxy ? forwarded.scheme(else: connection.pointee.isTLS) : connection.pointee.isTLS ? "https" : "http"
    }

    /// Calls `body` with the address and the port of who has the connection: the client, or the proxy that names it.
    package func withPeer(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) {
        if let proxy = connection.pointee.proxy {
            proxy.address.withUnsafeBufferPointer { body($0, proxy.port) }
        } else {
            body(connection.pointee.clientAddress, connection.pointee.clientPort)
        }
    }
}
