package import Diagnostics
package import Manifests

/// Which origins `cors` lets in: one, those below a domain, `null`, or all (`Origin`, RFC 6454 section 7).
package struct OriginPattern: ManifestValue, Equatable {
    package enum Kind: Sendable, Equatable {
        case any
        case exactly([UInt8])
        /// What comes before the subdomain, `https://`, and behind it, `.example.com:8443`.
        case below([UInt8], [UInt8])
    }

    package let kind: Kind
    private let text: String

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "origin",
                doc: """
                    `https://app.example.com` as a browser writes it: lower case, no path, the port only where it is not the \
                    scheme's own. `https://*.example.com` is every subdomain, `*` every origin, `"null"` a page without one.
                    """, examples: ["https://app.example.com", "https://*.example.com", "http://localhost:3000"]),
            .string(pattern: "^(\\*|null|[a-z][a-z0-9+.-]*://(\\*\\.)?[^*/?#@\\s]+)$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> OriginPattern? {
        guard let scalar = node.scalar, scalar.value == .string else {
            let isNull = node.isNull && node.scalar?.text.bytes.isEmpty == false
            findings.wrongType(
                node, expected: "an origin such as `https://app.example.com`",
                help: isNull ? "write `\"null\"` in quotes for pages that have no origin" : nil,
                suggestion: isNull ? "\"null\"" : nil)
            return nil
        }
        let text = scalar.text.string
        do throws(Wrong) {
            return OriginPattern(kind: try kind(Array(text.utf8)), text: text)
        } catch {
            findings.report(
                EdgeRules.badCORS, "`\(scalar.shortText)` \(error.message)", at: node.range,
                label: "no browser sends this", help: error.suggestion.map { "write `\($0)`" } ?? error.help,
                suggestion: error.suggestion)
            return nil
        }
    }

    package func written() -> Node { Node(string: text) }

    /// - Parameter origin: as a browser sent it.
    func admits(_ origin: UnsafeBufferPointer<UInt8>) -> Bool {
        switch kind {
        case .any: return true
        case .exactly(let bytes): return origin.elementsEqual(bytes)
        case .below(let front, let back):
            guard origin.count > front.count + back.count, origin.starts(with: front),
                origin.suffix(back.count).elementsEqual(back)
            else { return false }
            // Labels only: a slash or an `@` would make another host of it.
            let labels = origin[front.count..<(origin.count - back.count)]
            return labels.first != UInt8(ascii: ".") && labels.allSatisfy(Self.isOfHost)
        }
    }

    // MARK: Reading

    private struct Wrong: Error {
        var message: String
        var help: String? = "write it as a browser does: `https://app.example.com`"
        var suggestion: String?
    }

    private static func kind(_ bytes: [UInt8]) throws(Wrong) -> Kind {
        if bytes == Array("*".utf8) { return .any }
        if bytes == Array("null".utf8) { return .exactly(bytes) }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            let meant = "https://" + String(decoding: bytes, as: UTF8.self)
            throw Wrong(
                message: "has no scheme", suggestion: (try? kind(Array(meant.utf8))) == nil ? nil : meant)
        }
        let scheme = bytes[..<colon]
        let rest = bytes[(colon + 3)...]
        guard let first = scheme.first, isLetter(first),
            scheme.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) })
        else { throw Wrong(message: "does not begin with a scheme") }
        if let end = rest.firstIndex(where: { "/?#".utf8.contains($0) }) {
            let what =
                rest[end] == UInt8(ascii: "/") ? "a path" : rest[end] == UInt8(ascii: "?") ? "a query" : "a fragment"
            throw Wrong(
                message: "has \(what): an origin ends at the host or the port", suggestion: meant(bytes[..<end]))
        }
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            throw Wrong(message: "names a user", suggestion: meant(bytes[..<(colon + 3)] + rest[(at + 1)...]))
        }
        let isBelow = rest.starts(with: "*.".utf8)
        let host = isBelow ? rest.dropFirst(1) : rest
        if host.contains(UInt8(ascii: "*")) {
            throw Wrong(
                message: "has a `*` that is not a whole subdomain",
                help: "`https://*.example.com` stands for every subdomain, `*` for every origin")
        }
        if host.contains(where: { $0 >= 0x80 }) {
            throw Wrong(
                message: "has letters that are not ASCII", help: "browsers send such names encoded: `xn--…`")
        }
        let (name, port) = split(host)
        let names = isBelow ? name.dropFirst() : name
        guard !names.isEmpty, isHost(names) else { throw Wrong(message: "names no host") }
        if let port, port.isEmpty || !port.allSatisfy(isDigit) || port.count > 5 || number(port) > 65535 {
            let isNumber = !port.isEmpty && port.allSatisfy(isDigit)
            throw Wrong(message: isNumber ? "has a port over 65535" : "has a port that is not a number")
        }
        if bytes.contains(where: { (0x41...0x5A).contains($0) }) {
            throw Wrong(message: "is not in lower case", suggestion: meant(bytes[...]))
        }
        if let port, isStandard(port, of: scheme) {
            let short = bytes[..<(bytes.count - port.count - 1)]
            throw Wrong(message: "names the default port of its scheme", suggestion: meant(short))
        }
        return isBelow ? .below(Array(bytes[...(colon + 2)]), Array(host)) : .exactly(bytes)
    }

    /// The text in lower case, if it is an origin then.
    private static func meant(_ bytes: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        return (try? kind(Array(text.utf8))) == nil ? nil : text
    }

    /// Host and port, at the colon behind the brackets of IPv6.
    private static func split(_ host: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
        let from = host.lastIndex(of: UInt8(ascii: "]")) ?? host.startIndex
        guard let colon = host[from...].firstIndex(of: UInt8(ascii: ":")) else { return (host, nil) }
        return (host[..<colon], host[(colon + 1)...])
    }

    private static func isHost(_ name: ArraySlice<UInt8>) -> Bool {
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
            return name.dropFirst().dropLast().allSatisfy { isDigit($0) || "abcdefABCDEF:.".utf8.contains($0) }
        }
        return name.allSatisfy(isOfHost)
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._".utf8.contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1 & 15) } }

    private static func isStandard(_ port: ArraySlice<UInt8>, of scheme: ArraySlice<UInt8>) -> Bool {
        let standard = ["http": 80, "https": 443][String(decoding: scheme, as: UTF8.self)]
        return standard == number(port)
    }
}

/// A method that a page may use, or `*`.
package struct CORSMethod: ManifestValue, Equatable {
    package let name: String

    package static var schema: Schema {
        .named(
            Schema.Kind("method", doc: "`GET`, `PUT`, …; `*` is every method.", examples: ["PUT"]),
            .string(pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> CORSMethod? {
        guard let scalar = node.scalar, scalar.value == .string, !scalar.text.bytes.isEmpty,
            scalar.text.bytes.allSatisfy(HeaderName.isToken)
        else {
            findings.wrongType(node, expected: "a method such as `PUT`")
            return nil
        }
        // Methods are told apart by case, and those that browsers mend are not all (Fetch standard, "Methods").
        let upper = scalar.text.string.uppercased()
        let isKnown = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(upper)
        if isKnown, !scalar.text.bytes.elementsEqual(upper.utf8) {
            findings.report(
                EdgeRules.badCORS, "`\(scalar.shortText)` is not `\(upper)`", at: node.range,
                label: "methods are case-sensitive", help: "write `\(upper)`", suggestion: upper)
            return nil
        }
        return CORSMethod(name: scalar.text.string)
    }

    package func written() -> Node { Node(string: name) }
}
