package import CEL
package import Diagnostics

/// A bare expression: `when: body.quantity > 100`. Parsed here, with places; names and types are checked where it is
/// known what it can see.
extension Expression: ManifestValue {
    package static var schema: Schema {
        .named(
            Schema.Kind(
                "expression", doc: "A bare CEL expression, without `{{ }}`: `int(query.n) > 100`.",
                examples: ["int(query.n) > 100"]), .text)
    }

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
