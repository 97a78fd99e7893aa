package import CEL
package import Diagnostics

/// A string that may hold `{{ expression }}`. Parsed here, with places; names and types are checked where it is known
/// what they can see.
extension Template: ManifestValue {
    package static var schema: Schema {
        .named(
            Schema.Kind(
                "templated text", doc: "Text that may hold CEL expressions in `{{ }}`: `Hello {{ path.name }}`.",
                examples: ["Hello {{ path.name }}"]), .text)
    }

    /// A number or `true` is taken as it is spelled.
    package static func decode(_ node: Node, _ findings: inout Findings) -> Template? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "text")
            return nil
        }
        return parse(scalar.text, &findings)
    }

    package func written() -> Node { Node(string: text.string) }
}
