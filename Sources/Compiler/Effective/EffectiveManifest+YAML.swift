import Diagnostics
package import JSON

extension EffectiveManifest {
    /// As a manifest, with a comment behind each value that says where it comes from.
    package func yaml(into out: inout ByteWriter) {
        if case .map(let members) = value, !members.isEmpty {
            Self.write(members, level: 0, into: &out)
        } else {
            out.append("{}\n" as StaticString)
        }
    }

    private static func write(_ members: [(key: String, value: Value)], level: Int, into out: inout ByteWriter) {
        for (key, value) in members {
            out.append(String(repeating: "  ", count: level) + YAMLWord.of(key) + ":")
            write(value, level: level, into: &out)
        }
    }

    /// What stands behind a key.
    private static func write(_ value: Value, level: Int, into out: inout ByteWriter) {
        switch value {
        case .scalar(let scalar, let origin): out.append(" " + text(scalar) + comment(origin) + "\n")
        case .map(let members):
            if members.isEmpty { return out.append(" {}\n" as StaticString) }
            out.append("\n" as StaticString)
            write(members, level: level + 1, into: &out)
        case .list(let items, let origin):
            let words = items.map { item -> String? in
                if case .scalar(let scalar, _) = item { text(scalar) } else { nil }
            }
            if words.allSatisfy({ $0 != nil }) {
                out.append(" [" + words.compactMap { $0 }.joined(separator: ", ") + "]" + comment(origin) + "\n")
                return
            }
            out.append("\n" as StaticString)
            for item in items {
                out.append(String(repeating: "  ", count: level + 1) + "-")
                write(item, level: level + 1, into: &out)
            }
        }
    }

    private static func comment(_ origin: Origin) -> String {
        switch origin {
        case .standard: "  # default"
        case .file(let range): "  # " + place(range)
        case .environment(let range): "  # environment, " + place(range)
        case .override: "  # override by --set"
        }
    }

    private static func place(_ range: SourceRange) -> String {
        HumanRenderer.safe(range.source.name) + ":\(range.from.line)"
    }

    private static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return YAMLWord.of(text) }
        var out = ByteWriter(capacity: 64)
        value.write(to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
