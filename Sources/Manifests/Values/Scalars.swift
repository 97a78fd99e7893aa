package import Diagnostics

extension String: ManifestValue {
    package static var schema: Schema { .text }

    /// Any scalar that is written; a number or `true` is taken as it is spelled.
    package static func decode(_ node: Node, _ findings: inout Findings) -> String? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "text")
            return nil
        }
        return scalar.text.string
    }

    package func written() -> Node { Node(string: self) }
}

extension Bool: ManifestValue {
    package static var schema: Schema { .boolean }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Bool? {
        if case .bool(let value)? = node.scalar?.value { return value }
        // What YAML 1.1 read as booleans are strings in 1.2.
        let words: [String: String] = ["yes": "true", "on": "true", "no": "false", "off": "false"]
        let meant = node.scalar.flatMap { words[$0.text.string.lowercased()] ?? $0.quoted(asIn: ["true", "false"]) }
        findings.wrongType(
            node, expected: "`true` or `false`", help: meant.map { "write `\($0)`" }, suggestion: meant)
        return nil
    }

    package func written() -> Node { Node(plain: self ? "true" : "false") }
}

extension Int: ManifestValue {
    package static var schema: Schema { .integer(minimum: nil, maximum: nil) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Int? {
        if case .int(let value)? = node.scalar?.value { return value }
        var meant: String?
        var help: String?
        if let scalar = node.scalar, scalar.style != .plain, case .int = CoreSchema.resolve(scalar.text.bytes) {
            meant = scalar.isAsWritten ? scalar.text.string : nil
            // In braces it would need the quotes.
            help = meant.map { "write it without quotes: `\($0)`" } ?? "write it without quotes, on a line of its own"
        }
        findings.wrongType(node, expected: "a whole number", help: help, suggestion: meant)
        return nil
    }

    package func written() -> Node { Node(plain: String(self)) }
}

extension Double: ManifestValue {
    package static var schema: Schema { .number }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Double? {
        switch node.scalar?.value {
        case .int(let value): return Double(value)
        case .float(let value) where value.isFinite: return value
        default:
            findings.wrongType(node, expected: "a number")
            return nil
        }
    }

    package func written() -> Node { Node(plain: description) }
}

extension Node: ManifestValue {
    package static var schema: Schema { .any }
    package static var takesNull: Bool { true }

    /// Any tree, taken as it is.
    package static func decode(_ node: Node, _ findings: inout Findings) -> Self? {
        node as? Self
    }

    package func written() -> Node { self }
}

extension Scalar {
    /// The text, if it is one of the words but in quotes, where only the plain word counts.
    fileprivate func quoted(asIn words: [String]) -> String? {
        style == .plain ? nil : words.first { text.bytes.elementsEqual($0.utf8) }
    }
}
