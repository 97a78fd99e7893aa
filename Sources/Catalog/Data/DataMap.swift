package import CEL
package import Diagnostics
package import Manifests
import Pipeline

/// `data`: what expressions read as `data.NAME`.
package struct DataMap: ManifestValue {
    private enum Content: Sendable {
        case file(DataFile)
        case inline(Value)
        case secrets(Value)
    }

    private struct Entry: Sendable {
        let name: String
        let content: Content
        /// What was written, with the paths resolved and without what secrets stand for.
        let written: Node
    }

    private var entries: [Entry] = []

    package init() {}

    package static let doc = """
        What expressions read as `data.NAME`: the path of a JSON, YAML or CSV file, or a map or a list. Under `secrets` are \
        texts that nothing shows: `data.secrets.NAME`.
        """
    package static var takesNull: Bool { true }
    package static var schema: Schema { .map(.anyOf([FilePath.schema, .map(.any), .array(.any)])) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> DataMap? {
        if node.isNull { return DataMap() }
        guard let entries = node.entries else {
            findings.wrongType(node, expected: "a map of names", help: "write `name:` and the path of a file after it")
            return nil
        }
        var map = DataMap()
        for entry in entries where !entry.isExtension {
            if let read = Self.entry(entry.name, entry.value, &findings) { map.entries.append(read) }
        }
        return map
    }

    private static func entry(_ name: String, _ node: Node, _ findings: inout Findings) -> Entry? {
        if name.utf8.elementsEqual("secrets".utf8) { return secrets(node, &findings) }
        guard let scalar = node.scalar else {
            return Entry(name: name, content: .inline(Value(data: node)), written: node)
        }
        if scalar.text.insertions.isEmpty, scalar.value != .string {
            // The schema cannot tell a path from a number: a file's name may be one.
            findings.report(
                DataRules.unreadable, "expected the path of a file, a map or a list, found \(node.inWords)",
                at: node.range, help: "a single value stands in a map: `{ a: 1 }`")
            return nil
        }
        guard let file = DataFile.decode(node, &findings) else { return nil }
        return Entry(name: name, content: .file(file), written: Node(string: file.shown))
    }

    private static func secrets(_ node: Node, _ findings: inout Findings) -> Entry? {
        guard let entries = node.entries else {
            findings.report(
                DataRules.unreadable, "expected a map of names, found \(node.inWords)", at: node.range,
                help: "write `secrets: { NAME: \"${file:/run/secrets/NAME}\" }`")
            return nil
        }
        var values: [(key: Value, value: Value)] = []
        var written: [(String, Node)] = []
        for entry in entries where !entry.isExtension {
            guard let text = String.decode(entry.value, &findings), let scalar = entry.value.scalar else { continue }
            if scalar.isAsWritten {
                findings.report(
                    DataRules.plainSecret, "the secret `\(entry.key.shortText)` is written in the manifest",
                    at: entry.value.range, help: "take it from outside: `${file:PATH}` or `${NAME}`")
            }
            values.append((key: .string(entry.name), value: .string(text)))
            let shown = scalar.isAsWritten ? "[redacted]" : String(decoding: scalar.asWritten, as: UTF8.self)
            written.append((entry.name, Node(string: shown)))
        }
        return Entry(name: "secrets", content: .secrets(.map(MapValue(values))), written: Node(map: written))
    }

    package func written() -> Node { Node(map: entries.map { ($0.name, $0.written) }) }

    /// What expressions can read. Files are read now.
    package func fields(in surroundings: Surroundings, _ findings: inout Findings) -> [Root.Field] {
        entries.map { entry in
            switch entry.content {
            case .inline(let value): .data(entry.name, value)
            case .secrets(let value): .data(entry.name, value, isSecret: true)
            case .file(let file):
                // What reads a broken file is checked as far as that goes.
                file.read(in: surroundings, &findings).map { .data(entry.name, $0) } ?? .unknownData(entry.name)
            }
        }
    }
}
