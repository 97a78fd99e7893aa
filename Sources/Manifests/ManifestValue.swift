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
            label: help == nil ? "expected \(expected)" : nil, help: help, suggestion: suggestion)
    }

    /// Says what a value, or an item of it, could be, where a value of the wrong type was found since there were `count`
    /// and nothing is said of it.
    package mutating func amendWrongTypes(since count: Int, of node: Node, help: String) {
        amend(since: count) { finding in
            guard finding.rule.id == ManifestRules.wrongType.id, finding.help == nil else { return }
            guard finding.range == node.range || node.items?.contains(where: { $0.range == finding.range }) == true
            else { return }
            finding.help = help
            finding.label = nil
        }
    }
}
