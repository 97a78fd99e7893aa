import Diagnostics
import Manifests
import Testing

extension Node {
    /// On one line, as YAML's flow form; strings in quotes. Two nodes that say the same are the same text.
    var flow: String {
        switch content {
        case .sequence(let items): return "[" + items.map(\.flow).joined(separator: ", ") + "]"
        case .mapping(let entries):
            return "{" + entries.map { "\($0.name): \($0.value.flow)" }.joined(separator: ", ") + "}"
        case .scalar(let scalar):
            return scalar.value == .string ? "\"\(scalar.text.string)\"" : scalar.text.string
        }
    }

    /// Reads YAML that has no mistakes. Files are looked for in Tests/Golden/files.
    static func reading(_ text: String, _ location: Testing.SourceLocation = #_sourceLocation) throws -> Node {
        // A file with nothing in it is no manifest; a value may be nothing.
        if text == "null" { return .null }
        var findings = Findings()
        let source = Source(name: "a.yaml", bytes: Array(text.utf8), directory: GoldenFolder("files").path)
        let node = YAMLReader.read(source, &findings)
        let messages = findings.ordered().map(\.message)
        #expect(messages.isEmpty, "\(text)", sourceLocation: location)
        return try #require(node, sourceLocation: location)
    }
}

/// A value read from a node, and what was wrong with it.
struct Decoded<Value: ManifestValue> {
    let value: Value?
    let findings: [Finding]

    init(_ node: Node, as value: Value.Type = Value.self) {
        var findings = Findings()
        self.value = Value.decode(node, &findings)
        self.findings = findings.ordered()
    }

    var messages: [String] { findings.map(\.message) }
}
