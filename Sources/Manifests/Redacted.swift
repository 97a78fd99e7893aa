import Diagnostics

extension Node {
    /// The value as it may be shown: `***` in place of each secret that is written out. One that comes from outside is
    /// shown as it was written, `${file:…}`.
    package func withoutSecrets(_ schema: Schema) -> Node {
        switch schema {
        case .named(let kind, let inner):
            guard kind.name == Secret.kind else { return withoutSecrets(inner) }
            guard let scalar, scalar.isAsWritten else { return self }
            let stars = PlacedText(Array("***".utf8), whole: range, runs: [])
            return Node(.scalar(Scalar(stars, style: .plain, value: .string)), at: range)
        case .within(_, _, let inner): return withoutSecrets(inner)
        case .array(let item):
            guard let items else { return self }
            return Node(.sequence(items.map { $0.withoutSecrets(item) }), at: range)
        case .map(let value):
            return mapped { _ in value }
        case .object(let object):
            if entries == nil { return object.short.map { withoutSecrets($0) } ?? self }
            return mapped { name in object.fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.schema }
        case .anyOf(let choices): return choices.reduce(self) { $0.withoutSecrets($1) }
        case .any, .null, .boolean, .integer, .number, .text, .string, .choice, .integers, .off: return self
        }
    }

    private func mapped(_ schema: (String) -> Schema?) -> Node {
        guard let entries else { return self }
        let shown = entries.map { entry in
            Entry(entry.key, schema(entry.name).map { entry.value.withoutSecrets($0) } ?? entry.value)
        }
        return Node(.mapping(shown), at: range)
    }
}
