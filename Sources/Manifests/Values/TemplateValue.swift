package import CEL
package import Diagnostics

/// A string that may hold `{{ CEL }}`. Parsed here; the names in its holes are checked where it is used.
extension Template: ManifestValue {
    package static var schema: Schema { .anyOf([.string(), .number, .boolean]) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Template? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "text")
            return nil
        }
        return parse(scalar.text, &findings)
    }

    package func written() -> Node { Node(string: text.string) }
}
