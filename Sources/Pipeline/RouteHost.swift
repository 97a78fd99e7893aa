package import Diagnostics

/// The host that a route or a service answers to: a name, an address, or `*.example.com`.
package struct RouteHost: Sendable, Hashable {
    /// In lower case; behind the `*.` if it is a suffix. An IPv6 address keeps its brackets.
    package let bytes: [UInt8]
    /// Whether it stands for every name of one or more labels before `bytes`, which is then less specific than a name.
    package let isSuffix: Bool

    init(bytes: [UInt8], isSuffix: Bool) {
        self.bytes = bytes
        self.isSuffix = isSuffix
    }

    /// RFC 1035 section 2.3.4, as text without the final dot.
    static let maxLength = 253

    /// Reads a service's `host`.
    package static func parse(_ text: PlacedText, _ findings: inout Findings) -> RouteHost? {
        parse(text, RouteRules.badHost, &findings)
    }

    static func parse(_ text: PlacedText, _ rule: Rule, _ findings: inout Findings) -> RouteHost? {
        func refuse(_ message: String, _ range: Range<Int>, help: String, suggestion: String? = nil) -> RouteHost? {
            findings.report(rule, message, at: text.range(range), help: help, suggestion: suggestion)
            return nil
        }
        let bytes = text.bytes
        // In a pattern a path follows.
        let isAlone = rule.id == RouteRules.badHost.id
        guard !bytes.isEmpty else {
            findings.report(
                rule, "the host is empty", at: text.whole, help: "leave `host` out to answer to every host")
            return nil
        }
        guard bytes.count <= maxLength else {
            return refuse(
                "the host is longer than 253 bytes", 0..<bytes.count, help: "no name in DNS is as long as this")
        }
        if bytes.first == UInt8(ascii: "[") { return address(text, rule, &findings) }
        let isSuffix = bytes.starts(with: "*.".utf8)
        var labelStart = isSuffix ? 2 : 0
        for index in labelStart...bytes.count {
            let byte = index < bytes.count ? bytes[index] : UInt8(ascii: ".")
            switch byte {
            case UInt8(ascii: "."):
                guard index > labelStart else {
                    return refuse(
                        "the host has an empty label", min(index, bytes.count - 1)..<min(index + 1, bytes.count),
                        help: "write it as example.com, without a dot at either end")
                }
                labelStart = index + 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                break
            case UInt8(ascii: ":") where bytes[index...].starts(with: "://".utf8):
                return refuse(
                    "a host cannot have a scheme", 0..<(index + 3), help: "leave it out: write the name alone",
                    suggestion: "")
            case UInt8(ascii: "/"):
                return refuse(
                    "a host cannot have a path", index..<bytes.count,
                    help: "a path that all routes share goes under `prefix`")
            case UInt8(ascii: ":"):
                return refuse(
                    "a host here cannot have a port", index..<bytes.count,
                    help: "leave the port out: which ports are served is said under `listen`", suggestion: "")
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                return refuse(
                    "a wildcard cannot stand in the host", index..<bytes.count,
                    help: isAlone
                        ? "a host takes no `{}`; for any subdomain write `'*.example.com'`"
                        : "start the path with `/`; for any subdomain write `*.example.com`")
            case UInt8(ascii: "*"):
                return refuse(
                    "`*` can stand only at the start of a host", index..<(index + 1),
                    help:
                        "write `\(isAlone ? "'*.example.com'" : "*.example.com")`, or leave the host out to answer to every host"
                )
            case 0x80...:
                return refuse(
                    "the host has a byte that is not ASCII", index..<scalarEnd(bytes, index),
                    help: "write an international name as clients send it, in its xn-- form")
            default:
                return refuse(
                    "the host has a character that no host name has", index..<(index + 1),
                    help: "a host is made of letters, digits, `-` and `.`"
                        + (isAlone ? "" : "; the path starts with `/`"))
            }
        }
        return RouteHost(bytes: (isSuffix ? bytes[2...] : bytes[...]).map(lowercased), isSuffix: isSuffix)
    }

    private static func address(_ text: PlacedText, _ rule: Rule, _ findings: inout Findings) -> RouteHost? {
        let bytes = text.bytes
        let inner = bytes.dropFirst().prefix { isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        let close = 1 + inner.count
        if inner.contains(UInt8(ascii: ":")), close + 1 == bytes.count, bytes[close] == UInt8(ascii: "]") {
            return RouteHost(bytes: bytes.map(lowercased), isSuffix: false)
        }
        findings.report(
            rule, "this is not an IPv6 address in brackets", at: text.range(0..<bytes.count),
            help: "write it as [::1], without a port")
        return nil
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { PathEscapes.value(byte) != nil }

    /// The end of the UTF-8 scalar that byte `index` belongs to.
    static func scalarEnd(_ bytes: [UInt8], _ index: Int) -> Int {
        var end = index + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return end
    }

    /// Writes the value of a `Host` field, which is not empty, in lower case without its port and without the root's dot;
    /// 0 if no pattern could be so long.
    static func name(of host: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> Int {
        let isAddress = host[0] == UInt8(ascii: "[")
        var count = 0
        while count < host.count, isAddress || host[count] != UInt8(ascii: ":") {
            guard count < maxLength else { return 0 }
            out[count] = lowercased(host[count])
            count &+= 1
            if isAddress, host[count &- 1] == UInt8(ascii: "]") { break }
        }
        // `example.com.` is the same name (RFC 1034 section 3.1), and must not reach another host's routes.
        return count > 1 && out[count &- 1] == UInt8(ascii: ".") ? count &- 1 : count
    }

    /// The same as an array; empty where no pattern could match it.
    package static func name(of host: [UInt8]) -> [UInt8] {
        guard !host.isEmpty else { return [] }
        return Array(unsafeUninitializedCapacity: maxLength) { out, count in
            guard let start = out.baseAddress else { return }
            count = host.withUnsafeBufferPointer { name(of: $0, into: start) }
        }
    }

    /// How the hosts that `self` takes lie to those that `other` takes.
    func compare(_ other: RouteHost) -> RoutePattern.Relation {
        switch (isSuffix, other.isSuffix) {
        case (false, false): bytes == other.bytes ? .equivalent : .disjoint
        case (false, true): isBelow(other) ? .moreSpecific : .disjoint
        case (true, false): other.isBelow(self) ? .moreGeneral : .disjoint
        case (true, true):
            bytes == other.bytes
                ? .equivalent : isBelow(other) ? .moreSpecific : other.isBelow(self) ? .moreGeneral : .disjoint
        }
    }

    /// Whether the name has at least one label before all of `other`.
    private func isBelow(_ other: RouteHost) -> Bool {
        let labels = bytes.count - other.bytes.count
        return labels >= 2 && bytes[labels - 1] == UInt8(ascii: ".") && bytes[labels...].elementsEqual(other.bytes)
    }
}

extension RouteHost: CustomStringConvertible {
    package var description: String { (isSuffix ? "*." : "") + String(decoding: bytes, as: UTF8.self) }
}
