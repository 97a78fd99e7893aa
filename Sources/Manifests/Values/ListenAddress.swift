package import Diagnostics

/// Where to listen: `HOST:PORT`, `[::1]:PORT`, `:PORT` or `unix:PATH`.
package enum ListenAddress: ManifestValue, Hashable {
    /// An empty host is every address; port 0 takes a free one. An IPv6 host is without its brackets.
    case tcp(host: String, port: Int)
    /// The path, a relative one resolved against the file that says it.
    case unix(path: String)

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "address",
                doc: """
                    `HOST:PORT`, `[::1]:PORT` for IPv6, `:PORT` for every address of the machine, or `unix:PATH`. The port \
                    is always written; 0 takes a free one.
                    """, examples: ["127.0.0.1:8080", "[::1]:8080", ":8080", "unix:/run/radicled.sock"]),
            .string(pattern: "^(unix:[\\s\\S]+|(\\[\(address)(%\(zone)*)?\\]|\(host)*):\(port))$"))
    }

    // In brackets at least one colon, and what may follow behind `%`.
    private static let address = "[0-9a-fA-F.]*:[0-9a-fA-F:.]*"
    private static let zone = "[^\\x00-\\x20\\x7F-\\uFFFF%\\]]"
    private static let host = "[^\\x00-\\x20\\x7F/\\\\\\[\\]{}()<>,;@#?*\"'`|^&=+$!~%:]"
    private static let port =
        "(0[0-9]{0,4}|[1-5][0-9]{0,4}|[6-9][0-9]{0,3}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

    package static func decode(_ node: Node, _ findings: inout Findings) -> ListenAddress? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "an address such as `127.0.0.1:8080`")
            return nil
        }
        switch parse(scalar.text.bytes, resolve: { node.range.source.resolve($0) }) {
        case .success(let address): return address
        case .failure(let wrong):
            let range = wrong.part.map { scalar.text.range($0) } ?? node.range
            findings.report(
                ManifestRules.badAddress, wrong.message, at: range, label: wrong.label,
                help: wrong.help ?? wrong.suggestion.map { "write `\($0)`" }, suggestion: wrong.suggestion)
            return nil
        }
    }

    /// Reads what `decode` takes, for text from elsewhere.
    package init?(_ text: String) {
        guard case .success(let address) = Self.parse(Array(text.utf8), resolve: { $0 }) else { return nil }
        self = address
    }

    private struct Wrong: Error {
        var message: String
        var label = "expected an address such as `127.0.0.1:8080`"
        /// The part of the text that is wrong; the suggestion is for this part.
        var part: Range<Int>?
        var help: String?
        var suggestion: String?
    }

    private static func parse(_ text: [UInt8], resolve: (String) -> String) -> Result<ListenAddress, Wrong> {
        let shown = String(decoding: text, as: UTF8.self)
        if text.starts(with: "unix:".utf8) {
            let path = String(decoding: text.dropFirst(5), as: UTF8.self)
            if path.isEmpty {
                return .failure(Wrong(message: "`unix:` needs a path", help: "write `unix:/run/name.sock`"))
            }
            // sockaddr_un holds 108 bytes with the closing zero (unix(7)).
            let resolved = resolve(path)
            if resolved.utf8.count > 107 {
                return .failure(Wrong(message: "the path of a Unix socket has at most 107 bytes", label: "too long"))
            }
            return .success(.unix(path: resolved))
        }
        if let scheme = text.indices.first(where: { text[$0...].starts(with: "://".utf8) }) {
            let rest = String(decoding: text[(scheme + 3)...].prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
            return .failure(
                Wrong(
                    message: "an address cannot have a scheme", part: 0..<text.count,
                    suggestion: ListenAddress(rest) == nil ? nil : rest))
        }
        return tcp(text, shown)
    }

    private static func tcp(_ text: [UInt8], _ shown: String) -> Result<ListenAddress, Wrong> {
        var host: ArraySlice<UInt8>
        var portStart: Int
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else {
                return .failure(
                    Wrong(message: "`\(shown)` has no `]`", help: "IPv6 addresses are written `[::1]:8080`"))
            }
            host = text[1..<close]
            // A zone may follow behind `%` (RFC 4007 section 11).
            let zone = host.drop { $0 != UInt8(ascii: "%") }.dropFirst()
            let valid =
                host.prefix { $0 != UInt8(ascii: "%") }.allSatisfy { "0123456789abcdefABCDEF:.".utf8.contains($0) }
                && host.contains(UInt8(ascii: ":"))
                && zone.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%") }
            if !valid {
                return .failure(Wrong(message: "brackets hold an IPv6 address", part: 0..<(close + 1)))
            }
            portStart = close + 1
            guard portStart < text.count else { return .failure(noPort(shown)) }
            guard text[portStart] == UInt8(ascii: ":") else {
                return .failure(
                    Wrong(
                        message: "behind the `]` comes `:` and the port", label: "not a port",
                        part: portStart..<text.count,
                        help: "write `\(String(decoding: text[...close], as: UTF8.self)):8080`"))
            }
            portStart += 1
        } else {
            guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else {
                if let port = Int(shown), port <= 65535, port >= 0 {
                    return .failure(
                        Wrong(
                            message: "`\(shown)` is a port without an address",
                            help: "write `:\(shown)` for every address, or `127.0.0.1:\(shown)`",
                            suggestion: ":\(shown)"))
                }
                return .failure(noPort(shown))
            }
            host = text[..<colon]
            portStart = colon + 1
            if host.contains(UInt8(ascii: ":")) {
                let isAddress = text.allSatisfy { "0123456789abcdefABCDEF:.%".utf8.contains($0) }
                return .failure(
                    Wrong(
                        message: "an IPv6 address needs brackets",
                        help: isAddress
                            ? "write `[\(String(decoding: host, as: UTF8.self))]:\(String(decoding: text[portStart...], as: UTF8.self))`, or `[\(shown)]:8080`"
                            : "write `[::1]:8080`"))
            }
            let valid =
                host.elementsEqual("*".utf8)
                ? false
                : host.allSatisfy {
                    $0 >= 0x80 || $0 > 0x20 && !"/\\[]{}()<>,;@#?*\"'`|^&=+$!~%".utf8.contains($0) && $0 != 0x7F
                }
            if !valid {
                let suggestion = host.elementsEqual("*".utf8) ? "" : nil
                return .failure(
                    Wrong(
                        message: "`\(String(decoding: host, as: UTF8.self))` is not a host", part: 0..<colon,
                        help: suggestion.map { _ in
                            "write `\(String(decoding: text[colon...], as: UTF8.self))` for every address"
                        }, suggestion: suggestion))
            }
        }
        let digits = text[portStart...]
        let place = portStart..<text.count
        if digits.isEmpty { return .failure(noPort(shown)) }
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return .failure(
                Wrong(
                    message: "`\(String(decoding: digits, as: UTF8.self))` is not a port",
                    label: "not a number", part: place, help: "write a number from 0 to 65535"))
        }
        guard digits.count <= 5, let port = Int(String(decoding: digits, as: UTF8.self)), port <= 65535 else {
            return .failure(
                Wrong(
                    message: "the port \(String(decoding: digits.prefix(12), as: UTF8.self)) is too large",
                    label: "at most 65535", part: place, help: "ports go from 0 to 65535"))
        }
        return .success(.tcp(host: String(decoding: host, as: UTF8.self), port: port))
    }

    private static func noPort(_ text: String) -> Wrong {
        let host = text.utf8.last == UInt8(ascii: ":") ? String(text.dropLast()) : text
        // What follows must be an address then.
        let mended = "\(host):8080"
        return Wrong(
            message: "`\(text)` has no port",
            help: ListenAddress(mended) == nil
                ? "addresses are written `127.0.0.1:8080` or `:8080`" : "write `\(mended)`")
    }

    package func written() -> Node { Node(string: description) }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): "unix:" + path
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
