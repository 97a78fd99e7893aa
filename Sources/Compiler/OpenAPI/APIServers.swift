import Catalog
import JSON
import Manifests
import Pipeline

/// Where the listeners of a manifest are reached, as OpenAPI's `servers`.
struct APIServers {
    private let listeners: [Listen]

    init(_ listeners: [Listen]) { self.listeners = listeners }

    /// Those of some hosts; without hosts those of the addresses themselves. A Unix socket has no URL.
    func servers(on hosts: [RouteHost]) -> [JSONValue] {
        var servers: [JSONValue] = []
        for listener in listeners {
            guard case .tcp(let address, let port) = listener.address.value else { continue }
            let scheme = listener.tls == nil ? "http" : "https"
            let names = hosts.isEmpty ? [Self.name(address)] : hosts.map(Self.name)
            for name in names {
                let server = Self.server(scheme, name, port)
                if !servers.contains(server) { servers.append(server) }
            }
        }
        return servers
    }

    private struct Name {
        let text: String
        var variables: [(key: String, value: JSONValue)] = []
    }

    /// An address that stands for all of a machine's has this name on it.
    private static func name(_ address: String) -> Name {
        if ["", "0.0.0.0", "::"].contains(where: { address.utf8.elementsEqual($0.utf8) }) {
            return Name(text: "localhost")
        }
        guard address.utf8.contains(UInt8(ascii: ":")) else { return Name(text: address) }
        // RFC 6874 section 2.
        return Name(text: "[\(address.replacing("%", with: "%25"))]")
    }

    private static func name(_ host: RouteHost) -> Name {
        guard host.isSuffix else { return Name(text: host.description) }
        let variable = ValueSchema.object(
            ("default", .string("www")), ("description", .string("One or more labels.")))
        return Name(
            text: "{subdomain}." + String(decoding: host.bytes, as: UTF8.self), variables: [("subdomain", variable)])
    }

    private static func server(_ scheme: String, _ name: Name, _ port: Int) -> JSONValue {
        var variables = name.variables
        var url = "\(scheme)://\(name.text)"
        if port == 0 {
            let text = "A free port, which the line `listening` of the server's log tells."
            variables.append(("port", ValueSchema.object(("default", .string("0")), ("description", .string(text)))))
            url += ":{port}"
        } else if port != (scheme == "http" ? 80 : 443) {
            url += ":\(port)"
        }
        return .object(
            [("url", .string(url))] + (variables.isEmpty ? [] : [("variables", .object(variables))]))
    }
}
