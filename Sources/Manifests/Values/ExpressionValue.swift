package import CEL
package import Diagnostics

/// A bare expression: `when: body.quantity > 100`. Parsed here, with places; names and types are checked where it is
/// known what it can see.
extension Expression: ManifestValue {
    package static var schema: Schema { .anyOf([.string(), .number, .boolean]) }

    /// A number or `true` is an expression too.
    package static func decode(_ node: Node, _ findings: inout Findings) -> Expression? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "an expression")
            return nil
        }
        return parse(scalar.text, &findings)
    }

    package func written() -> Node { Node(string: text.string) }
}
