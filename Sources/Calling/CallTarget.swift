import Client
import Diagnostics

/// Whom a call goes to: a server that runs, or what a manifest would serve.
package enum CallTarget: Equatable, Sendable {
    case server(CallPeer)
    /// The path of the manifest; `-` is standard input.
    case manifest(String)

    /// Reads a URL, `HOST:PORT`, `:PORT`, `unix:PATH`, or the path of a manifest.
    ///
    /// - Parameter isTLS: whether TLS is asked for where the text does not say it.
    package init(_ text: String, isTLS: Bool = false) throws(CallMistake) {
        let lowered = text.lowercased()
        if text == "-" || lowered.hasSuffix(".yaml") || lowered.hasSuffix(".yml") {
            self = .manifest(text)
        } else if lowered.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            let file = path.hasPrefix("//") ? path.dropFirst(2) : path
            guard !file.isEmpty else { throw CallMistake("`unix:` names no socket") }
            self = .server(CallPeer(address: .unix(String(file)), isTLS: isTLS))
        } else {
            self = .server(try Self.peer(text, lowered, isTLS))
        }
    }

    private static func peer(_ text: String, _ lowered: String, _ isTLS: Bool) throws(CallMistake) -> CallPeer {
        let isSecure = lowered.hasPrefix("https://")
        var url = text
        if isSecure {
            url = "http://" + text.dropFirst("https://".count)
        } else if !text.contains("://") {
            guard text.utf8.contains(UInt8(ascii: ":")) else {
                throw CallMistake(
                    "`\(HumanRenderer.safe(text))` is neither an address nor a manifest",
                    help: "write HOST:PORT, a URL, unix:PATH, or the path of a manifest that ends in .yaml")
            }
            url = text.hasPrefix(":") ? "http://localhost" + text : "http://" + text
        }
        do throws(HTTPTarget.Unusable) {
            let target = try HTTPTarget(url: url, defaultPort: isSecure || isTLS ? 443 : 80)
            let prefix = target.path.hasSuffix("/") ? String(target.path.dropLast()) : target.path
            // Nobody speaks anything else there.
            let isUsual = target.port == 443 && !text.contains("://")
            return CallPeer(
                address: .tcp(host: target.host, port: target.port), isTLS: isSecure || isTLS || isUsual,
                prefix: prefix)
        } catch {
            throw CallMistake(
                "`\(HumanRenderer.safe(text))` \(error.reason)",
                help: error.help ?? "write HOST:PORT, http://…, https://… or unix:PATH")
        }
    }
}

/// A server, as far as a URL tells of it.
package struct CallPeer: Equatable, Sendable {
    package enum Address: Equatable, Sendable {
        case tcp(host: String, port: Int)
        case unix(String)
    }

    package let address: Address
    package let isTLS: Bool
    /// Of every path; empty, or begins with `/` and does not end with one.
    package var prefix = ""

    /// The value of `Host` and `:authority`.
    var authority: String {
        switch address {
        case .tcp(let host, let port):
            if port == (isTLS ? 443 : 80) { return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }
            return HTTPTarget(host: host, port: port, path: "/").authority
        case .unix: return "localhost"
        }
    }

    /// As a person would write it.
    var text: String {
        switch address {
        case .tcp(let host, let port): HTTPTarget(host: host, port: port, path: "/").authority
        case .unix(let path): "unix:\(path)"
        }
    }
}
