package import CEL
package import Diagnostics

/// A bare CEL expression, as in `when: path.id == "7"`. Parsed here; its names are checked where it is used.
extension Expression: ManifestValue {
    package static var schema: Schema { .string(pattern: nil, examples: ["request.method == 'GET'"]) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Expression? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "an expression")
            return nil
        }
        return parse(scalar.text, &findings)
    }

    package func written() -> Node { Node(string: text.string) }
}
