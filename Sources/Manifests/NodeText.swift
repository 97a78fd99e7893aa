import Diagnostics
package import JSON

extension Node {
    /// Reads one value as a manifest writes it behind its key; nil if it is no YAML.
    package static func parsed(_ text: String) -> Node? {
        var findings = Findings()
        let node = YAMLReader.read(Source(name: "example", bytes: Array("value: \(text)\n".utf8)), &findings)
        return findings.isEmpty ? node?["value"] : nil
    }

    /// The value as JSON has it.
    package var json: JSONValue {
        switch content {
        case .sequence(let items): .array(items.map(\.json))
        case .mapping(let entries): .object(entries.map { ($0.name, $0.value.json) })
        case .scalar(let scalar):
            switch scalar.value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(Int64(value))
            case .float(let value): .double(value)
            case .string: .string(scalar.text.string)
            }
        }
    }

    /// On one line, as people write it: `75s`, `[a, b]`, `{ a: 1 }`.
    package var shown: String {
        switch content {
        case .sequence(let items): "[" + items.map(\.shown).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{ " + entries.map { "\($0.name): \($0.value.shown)" }.joined(separator: ", ") + " }"
        case .scalar(let scalar): scalar.text.string
        }
    }
}
