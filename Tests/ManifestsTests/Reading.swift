import Diagnostics
import Manifests

/// Reads a text and gives what was found beside the tree.
struct Reading {
    let source: Source
    let node: Node?
    let findings: [Finding]

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    init(_ bytes: [UInt8]) {
        source = Source(name: "m.yaml", bytes: bytes)
        var findings = Findings()
        node = YAMLReader.read(source, &findings)
        self.findings = findings.ordered()
    }

    var rules: [String] { findings.map(\.rule.id) }
}

/// A tree as one line, with the kind of each scalar visible.
func render(_ node: Node?) -> String {
    guard let node else { return "none" }
    switch node.content {
    case .sequence(let items): return "[" + items.map(render).joined(separator: ", ") + "]"
    case .mapping(let entries):
        return "{" + entries.map { "\($0.name): \(render($0.value))" }.joined(separator: ", ") + "}"
    case .scalar(let scalar):
        switch scalar.value {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .int(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .string:
            return scalar.text.string.debugDescription.split(separator: "\\'", omittingEmptySubsequences: false).joined(
                separator: "'")
        }
    }
}

func slice(_ range: SourceRange) -> String {
    String(decoding: range.source.bytes[range.start..<range.end], as: UTF8.self)
}
