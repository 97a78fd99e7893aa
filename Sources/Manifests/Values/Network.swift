package import CEL
package import Diagnostics

/// Addresses that begin with the same bits, as CIDR writes them: `10.0.0.0/8` (RFC 4632 section 3.1, RFC 4291 section
/// 2.3). An address alone is a network of one.
package struct Network: ManifestValue, Equatable {
    package let cidr: CIDR
    private let text: String

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "network",
                doc: """
                    An address and how many of its first bits count: `10.0.0.0/8`, `2001:db8::/32`; an address without \
                    them is that one alone. `::ffff:192.0.2.0/120` is `192.0.2.0/24`.
                    """, examples: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]),
            .string(pattern: "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Network? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a network such as `10.0.0.0/8`")
            return nil
        }
        let text = scalar.text.string
        guard let cidr = Self.read(text) else {
            report(text, scalar.shortText, at: node.range, &findings)
            return nil
        }
        if cidr != cidr.masked {
            let meant = cidr.masked.text
            findings.report(
                NetworkRules.hostBits, "`\(scalar.shortText)` has bits set after the first \(cidr.length)",
                at: node.range, label: "taken for `\(meant)`",
                help: "write `\(meant)`, or `\(cidr.address.text)` for this address alone", suggestion: meant)
        }
        return Network(cidr: cidr.masked, text: text)
    }

    package func written() -> Node { Node(string: text) }

    private static func read(_ text: String) -> CIDR? {
        if let cidr = CIDR(text) { return cidr }
        if text.utf8.contains(UInt8(ascii: "/")) { return mapped(text) }
        return address(text).map { CIDR($0, $0.bits) }
    }

    private static func address(_ text: String) -> IPAddress? {
        var text = text
        return text.withUTF8 { IPAddress($0) }
    }

    /// `::ffff:192.0.2.0/120`, which counts its bits in version 6.
    private static func mapped(_ text: String) -> CIDR? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].contains(":"), let address = address(String(parts[0])), address.isVersion4,
            let length = Int(parts[1]), (96...128).contains(length), parts[1] == String(length)[...]
        else { return nil }
        return CIDR(address, length - 96)
    }

    private static func report(_ text: String, _ shown: String, at range: SourceRange, _ findings: inout Findings) {
        var message = text.isEmpty ? "an empty text is not a network" : "`\(shown)` is not a network"
        var help = "write an address and the number of its first bits that count, as `10.0.0.0/8`"
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let address = address(parts[0]) {
            message = "`/\(parts[1])` is not a length of an IPv\(address.isVersion4 ? 4 : 6) network"
            let example = address.isVersion4 ? "10.0.0.0/8" : "2001:db8::/32"
            help = "the length goes from 0 to \(address.bits), as in `\(example)`"
        } else if let first = parts.first, first.contains("*") {
            help = "a network is written by its length: `10.1.*.*` is `10.1.0.0/16`"
        } else if text.contains("-") {
            help = "a range is written as the networks that it consists of, as `10.0.0.0/8`"
        } else if text.contains(where: \.isLetter), !text.contains(":") {
            help = "names are not looked up; write addresses, as `10.0.0.0/8`"
        }
        let numbers = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        if numbers.count == 4, numbers.allSatisfy({ UInt32($0) != nil }), numbers.contains(where: { UInt8($0) == nil })
        {
            help = "each part of an IPv4 address goes from 0 to 255"
        }
        findings.report(
            NetworkRules.badNetwork, message, at: range, label: "expected a network such as `10.0.0.0/8`", help: help)
    }
}
