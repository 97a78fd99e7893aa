package import Diagnostics

/// One of a few words: `enum Format: String, Choice { case json, text }`.
package protocol Choice: ManifestValue, CaseIterable, RawRepresentable<String>, Equatable {}

extension Choice {
    package static var schema: Schema { .choice(allCases.map(\.rawValue)) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Self? {
        let words = allCases.map(\.rawValue)
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: listed(words))
            return nil
        }
        if let found = allCases.first(where: { scalar.text.bytes.elementsEqual($0.rawValue.utf8) }) { return found }
        let nearest = Suggest.nearest(scalar.text.string, among: words)
        findings.report(
            ManifestRules.unknownChoice, "`\(scalar.shortText)` is not one of the choices", at: node.range,
            label: nearest == nil ? nil : "expected \(listed(words))",
            help: nearest.map { "did you mean `\($0)`?" } ?? "write \(listed(words))", suggestion: nearest)
        return nil
    }

    package func written() -> Node { Node(string: rawValue) }

    private static func listed(_ words: [String]) -> String {
        let quoted = words.map { "`\($0)`" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}
