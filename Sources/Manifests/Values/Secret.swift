package import Diagnostics

/// A text that is for the server alone: whatever shows a manifest shows `***` in its place.
package struct Secret: ManifestValue {
    private let bytes: [UInt8]
    /// Where the manifest itself holds it, in plain text; nil if it comes from outside.
    package let plainPlace: SourceRange?

    /// The name of its kind, by which whoever shows values knows it.
    package static let kind = "secret"

    package static var schema: Schema {
        .named(
            Schema.Kind(
                kind, doc: "A text that is never shown; best from outside, as `${file:/run/secrets/token}`.",
                examples: ["${file:/run/secrets/token}"]), .text)
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Secret? {
        guard let scalar = node.scalar, scalar.value != .null, !scalar.text.bytes.isEmpty else {
            findings.wrongType(node, expected: "a text that is kept secret")
            return nil
        }
        return Secret(bytes: scalar.text.bytes, plainPlace: scalar.isAsWritten ? node.range : nil)
    }

    package func written() -> Node { Node(string: String(decoding: bytes, as: UTF8.self)) }

    /// What it says, for the one place that needs it.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether a text is this one. How long it takes does not tell where they differ.
    package func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var difference: UInt8 = text.count == bytes.count ? 0 : 1
        for index in 0..<text.count { difference |= text[index] ^ bytes[index % bytes.count] }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible {
    package var description: String { "***" }
}
