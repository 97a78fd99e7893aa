package import Diagnostics
import JSON
package import Manifests

/// Bytes that a manifest writes as base64.
package struct Base64Text: ManifestValue {
    private let text: String
    package let bytes: [UInt8]

    package static var schema: Schema { String.schema }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Base64Text? {
        guard let string = String.decode(node, &findings), let text = node.scalar?.text else { return nil }
        switch Base64.decode(text.bytes) {
        case .success(let bytes): return Base64Text(text: string, bytes: bytes)
        case .failure(let wrong):
            let at = min(wrong.offset, max(0, text.bytes.count - 1))
            findings.report(
                CatalogRules.badBase64, "this is not base64", at: text.range(at..<min(at + 1, text.bytes.count)),
                label: wrong.offset < text.bytes.count ? "this character does not belong" : "the end is missing",
                help: "bytes are written as `aGVsbG8=`")
            return nil
        }
    }

    package func written() -> Node { Node(string: text) }
}
