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

    /// On one line, as people write it: `75s`, `[a, b]`, `{ a: 1 }`; a `${…}` as the file has it.
    package var shown: String {
        switch content {
        case .sequence(let items): "[" + items.map(\.shown).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{ " + entries.map { "\($0.name): \($0.value.shown)" }.joined(separator: ", ") + " }"
        case .scalar(let scalar): scalar.onOneLine
        }
    }
}

extension Scalar {
    fileprivate var onOneLine: String {
        let text = String(decoding: asWritten, as: UTF8.self)
        guard text.utf8.contains(0x0A) || text.utf8.isEmpty else { return text }
        var out = ByteWriter(capacity: 64)
        out.append(jsonString: text)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
