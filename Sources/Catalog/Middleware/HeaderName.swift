package import Diagnostics
package import Manifests
import Pipeline

/// The name of a header field, in lower case.
package struct HeaderName: ManifestValue, Hashable {
    package let name: String

    package init(_ name: String) { self.name = name.lowercased() }

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "header name", doc: "Letters, digits and `-`; case does not matter.", examples: ["x-request-id"]),
            .string(pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> HeaderName? {
        guard let scalar = node.scalar, scalar.value == .string else {
            findings.wrongType(node, expected: "the name of a header")
            return nil
        }
        return check(scalar.text, &findings) ? HeaderName(scalar.text.string) : nil
    }

    package func written() -> Node { Node(string: name) }

    /// A token (RFC 9110 section 5.1).
    package static func check(_ text: PlacedText, _ findings: inout Findings) -> Bool {
        if text.bytes.isEmpty {
            findings.report(
                CatalogRules.badHeaderName, "a header needs a name", at: text.whole,
                help: "write its name, or leave it out")
            return false
        }
        if let at = text.bytes.firstIndex(where: { !isToken($0) }) {
            // A character that is not ASCII has several bytes.
            let end = text.bytes[(at + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? text.bytes.count
            findings.report(
                CatalogRules.badHeaderName, "`\(text.string)` cannot be the name of a header",
                at: text.range(at..<end), label: "this character is not allowed",
                help: "header names are letters, digits and `-`")
            return false
        }
        return true
    }

    static func isToken(_ byte: UInt8) -> Bool { FieldToken.contains(byte) }

    /// Fields that the server writes itself: a second one would contradict it.
    package static let reserved: Set<String> = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "date", "te", "trailer",
    ]

    /// Refuses a name that the server writes itself.
    package static func checkOwn(_ text: PlacedText, _ findings: inout Findings) -> Bool {
        guard check(text, &findings) else { return false }
        let name = text.string.lowercased()
        if reserved.contains(name) {
            findings.report(
                CatalogRules.reservedHeader, "the server writes `\(name)` itself", at: text.whole,
                help: "leave it out")
            return false
        }
        return true
    }
}
