package import Diagnostics

/// Something that a key of a manifest can hold.
package protocol ManifestValue: Sendable {
    /// What an editor may complete and check.
    static var schema: Schema { get }
    /// Whether nothing at all (`key:`, `null`) is a value of this kind: a section's defaults, a JSON null.
    static var takesNull: Bool { get }
    /// Reports what is wrong and never throws, so that one run finds all mistakes; nil if there is no value to use.
    static func decode(_ node: Node, _ findings: inout Findings) -> Self?
    /// The value as it would be written; decodes back equal.
    func written() -> Node
}

extension ManifestValue {
    package static var takesNull: Bool { false }
}

extension Findings {
    /// Says what was found where something else should be: `expected a duration such as `250ms`, found a list`.
    package mutating func wrongType(_ node: Node, expected: String, help: String? = nil, suggestion: String? = nil) {
        report(
            ManifestRules.wrongType, "expected \(expected), found \(node.inWords)", at: node.range,
            label: "expected \(expected)", help: help, suggestion: suggestion)
    }
}
