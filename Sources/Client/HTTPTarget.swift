/// Where a request goes, as `http://host:port/path` says it.
package struct HTTPTarget: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// Begins with `/`; with the query, where there may be one.
    package let path: String

    package init(host: String, port: Int, path: String) {
        self.host = host
        self.port = port
        self.path = path
    }

    /// Why a text is no target, in a few words that go on from "it".
    package struct Unusable: Error, Equatable {
        package let reason: String
        /// What to do about it, where the reason does not say it.
        package var help: String?
    }

    /// Reads a URL (RFC 3986) of scheme `http`.
    package init(url: String, defaultPort: Int, allowsQuery: Bool = false) throws(Unusable) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Unusable(reason: "has characters that no URL has")
        }
        guard let scheme = url.split(separator: ":", maxSplits: 1).first, url.dropFirst(scheme.count).hasPrefix("://")
        else { throw Unusable(reason: "does not begin with `http://`") }
        guard scheme.lowercased() == "http" else {
            throw Unusable(reason: "begins with `\(scheme)://`, but only `http://` is spoken")
        }
        let rest = url.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count)
        guard !authority.contains("@") else { throw Unusable(reason: "has a user in it") }
        guard allowsQuery || !path.contains("?"), !path.contains("#") else {
            throw Unusable(reason: path.contains("?") && !allowsQuery ? "has a query" : "has a fragment")
        }
        let (host, port) = try Self.split(authority, defaultPort)
        self.init(host: host, port: port, path: path.hasPrefix("/") ? String(path) : "/\(path)")
    }

    private static func split(_ authority: Substring, _ defaultPort: Int) throws(Unusable) -> (String, Int) {
        var host = authority
        var port = Substring()
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw Unusable(reason: "has a `[` that is not closed")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard port.isEmpty || port.hasPrefix(":") else { throw Unusable(reason: "has no port after the `]`") }
            port = port.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Unusable(reason: "names no host") }
        if port.isEmpty { return (String(host), defaultPort) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Unusable(reason: "has a port that is not a number")
        }
        guard let number = Int(port), (1...65535).contains(number) else {
            let fault = Int(port) == 0 ? "small" : "large"
            throw Unusable(
                reason: "has the port \(port.prefix(12)), which is too \(fault)", help: "ports go from 1 to 65535")
        }
        return (String(host), number)
    }
}

extension HTTPTarget: CustomStringConvertible {
    package var description: String { "http://\(authority)\(path)" }

    /// The value of `Host`.
    package var authority: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
