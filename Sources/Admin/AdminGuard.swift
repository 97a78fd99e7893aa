import JSON
package import Manifests
import Pipeline

/// Who may ask.
package struct AdminAccess: Sendable {
    /// What must be shown; nil asks for nothing.
    package let token: Secret?
    /// Where it listens: by that name it may be called.
    package let address: ListenAddress
    /// Whether it speaks TLS: it may be called by any name then, since a browser goes on only by one of its certificate.
    package let isTLS: Bool

    package init(token: Secret?, address: ListenAddress, isTLS: Bool = false) {
        self.token = token
        self.address = address
        self.isTLS = isTLS
    }
}

/// Lets a request in by the name it came by, by where the page is from that sent it, and by its token.
///
/// A page in a browser on this machine can send requests to 127.0.0.1, and after rebinding a name of its own to that
/// address also read the answers. Its requests name the page's host in `Host`, and its origin in `Origin`.
final class AdminGuard: Middleware {
    let moments: Moments = [.admit, .decorate]
    private let access: AdminAccess?
    private let checksHost: Bool

    /// Bytes of a body; what is posted here is short.
    private static let bodyLimit = 64 * 1024
    /// How long an answer may take, which a reload may need (nanoseconds).
    private static let patience: Int64 = 60_000_000_000

    /// - Parameters:
    ///   - access: nil for what everybody may ask.
    ///   - checksHost: false for what `probes` may show to everybody: scrapers come by names of their own.
    init(_ access: AdminAccess?, checksHost: Bool = true) {
        self.access = access
        self.checksHost = checksHost
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        exchange.bodyLimit = Self.bodyLimit
        exchange.deadline = LoopClock.later(exchange.started, Self.patience)
        guard let access else { return .proceed }
        if checksHost, case .tcp(let own, _) = access.address {
            guard access.isTLS || isLocal(exchange.head.slice(exchange.head.hostName), own) else {
                return refuse(
                    &exchange, .permissionDenied,
                    "the name in `Host` may lead here by DNS rebinding; use an IP address or localhost")
            }
            guard isOwnOrigin(exchange.head) else {
                return refuse(
                    &exchange, .permissionDenied, "`Origin` is another than `Host`: pages of others may not ask")
            }
        }
        if let token = access.token, !shows(token, exchange.head) {
            return refuse(
                &exchange, .unauthenticated,
                "the admin pages want `Authorization: Bearer TOKEN`, with the token of `admin`")
        }
        return .proceed
    }

    func decorate(_ exchange: inout Exchange) {
        exchange.response.add("cache-control") { $0.append("no-store" as StaticString) }
        exchange.response.add("x-content-type-options") { $0.append("nosniff" as StaticString) }
        exchange.response.add("content-security-policy") {
            $0.append("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" as StaticString)
        }
        if exchange.response.status == 401 {
            exchange.response.add("www-authenticate") { $0.append("Bearer realm=\"radicled admin\"" as StaticString) }
        }
    }

    private func refuse(_ exchange: inout Exchange, _ code: Code, _ message: String) -> Verdict {
        exchange.fail(Failure(code, message))
        return .refuse
    }

    /// An IP literal, localhost, the name listened on, or nothing, as HTTP/1.0 has it: no browser asks so.
    private func isLocal(_ host: UnsafeBufferPointer<UInt8>, _ own: String) -> Bool {
        if host.isEmpty || host[0] == UInt8(ascii: "[") || equalsIgnoringCase(host, "localhost") { return true }
        // No name in DNS ends in a number (WHATWG URL, 3.5): such a host is an IPv4 address.
        if host.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }) { return true }
        return String(decoding: host, as: UTF8.self).lowercased().utf8.elementsEqual(own.lowercased().utf8)
    }

    private func isOwnOrigin(_ head: borrowing Head) -> Bool {
        guard let origin = head.first("origin") else { return true }
        let text = String(decoding: head.slice(origin), as: UTF8.self).lowercased()
        let host = String(decoding: head.slice(head.host), as: UTF8.self).lowercased()
        return text.utf8.elementsEqual("http://\(host)".utf8) || text.utf8.elementsEqual("https://\(host)".utf8)
    }

    /// `Bearer TOKEN` (RFC 6750 section 2.1).
    private func shows(_ token: Secret, _ head: borrowing Head) -> Bool {
        guard let field = head.first("authorization") else { return false }
        let value = head.slice(field)
        guard value.count > 7, equalsIgnoringCase(UnsafeBufferPointer(rebasing: value[..<7]), "bearer ") else {
            return false
        }
        let rest = value[7...].drop { $0 == 0x20 }
        return token.matches(UnsafeBufferPointer(rebasing: rest))
    }
}

extension Head {
    /// The value of the first field of a name, which is given in lower case.
    fileprivate func first(_ name: StaticString) -> ByteRange? {
        for index in 0..<fieldCount where equalsIgnoringCase(slice(fields[index].name), name) {
            return fields[index].value
        }
        return nil
    }
}
