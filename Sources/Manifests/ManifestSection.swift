package import Diagnostics

/// A map with known keys. One definition gives decoding, defaults, the short form, the schema and the explanation.
package protocol ManifestSection: ManifestValue {
    /// What messages call it: `limits`, `a route`.
    static var key: String { get }
    static var doc: String { get }
    static var fields: [Field<Self>] { get }
    /// The field that a value which is not a map sets: `timeout: 2s`.
    static var short: String? { get }
    /// Sets of keys of which one must be there as a whole; its `lint` tells where none is.
    static var alternatives: [[String]] { get }
    /// What to say of a key that nobody knows, where the section knows better than to list its keys.
    static func help(forUnknown key: String) -> String?
    /// What to say of a value that a key cannot hold, where an example of the key's does not say it.
    static func help(for key: String, holding node: Node) -> String?
    /// The map that a value which is none stands for, as it would be written; nil if that is not known.
    static func meant(by node: Node) -> String?
    /// The defaults.
    init()
    /// What fields alone cannot say. Called once for each decoded map, also when some of its fields were wrong.
    func lint(_ node: Node, _ findings: inout Findings)
}

extension ManifestSection {
    package static var short: String? { nil }
    package static var alternatives: [[String]] { [] }
    package static func help(forUnknown key: String) -> String? { nil }
    package static func help(for key: String, holding node: Node) -> String? { nil }
    package static func meant(by node: Node) -> String? { nil }
    package static var takesNull: Bool { true }
    package func lint(_ node: Node, _ findings: inout Findings) {}

    private static var shortField: Field<Self>? {
        guard let short else { return nil }
        return fields.first { $0.name == short }
    }

    package static var schema: Schema {
        let standard = Self()
        return .object(
            Schema.Object(
                key: key, doc: doc,
                fields: fields.map {
                    Schema.Field(
                        name: $0.name, doc: $0.doc, required: $0.required, schema: $0.schema, example: $0.example,
                        standard: $0.required ? nil : $0.written(standard))
                },
                short: shortField?.schema, shortKey: short, alternatives: alternatives))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Self? { decodeFields(node, &findings) }

    /// What `decode` does where a section has nothing to add.
    package static func decodeFields(_ node: Node, _ findings: inout Findings) -> Self? {
        var section = Self()
        if let entries = node.entries {
            section.read(entries, &findings)
        } else if !node.isNull {
            guard let field = shortField else {
                let meant = meant(by: node)
                let keys = node.items == nil ? keysInWords : "leave out the `- `: " + keysInWords
                findings.wrongType(
                    node, expected: "a map with the keys of \(key)", help: meant.map { "write `\($0)`" } ?? keys,
                    suggestion: meant)
                return nil
            }
            field.decode(node, &section, &findings)
        }
        if node.entries != nil || node.isNull {
            for field in fields where field.required && node.entry(field.name) == nil {
                findings.report(
                    ManifestRules.missingKey, "\(key) needs `\(field.name)`", at: node.heading,
                    label: "`\(field.name)` is missing", help: field.example.map { "add `\(field.name): \($0)`" })
            }
        }
        section.lint(node, &findings)
        return section
    }

    private mutating func read(_ entries: [Node.Entry], _ findings: inout Findings) {
        for entry in entries where !entry.isExtension {
            guard let field = Self.fields.first(where: { entry.key.text.bytes.elementsEqual($0.name.utf8) }) else {
                Self.reportUnknown(entry, &findings)
                continue
            }
            let before = findings.count
            field.decode(entry.value, &self, &findings)
            let help =
                Self.help(for: field.name, holding: entry.value)
                ?? field.example.map { "as in `\(field.name): \($0)`" }
            if let help { findings.amendWrongTypes(since: before, of: entry.value, help: help) }
        }
    }

    package func written() -> Node {
        Node(map: Self.fields.compactMap { field in field.written(self).map { (field.name, $0) } })
    }

    private static var keysInWords: String {
        if let only = fields.first, fields.count == 1 { return "the only key of \(key) is `\(only.name)`" }
        return "the keys of \(key) are " + fields.map { "`\($0.name)`" }.joined(separator: ", ")
    }

    private static func reportUnknown(_ entry: Node.Entry, _ findings: inout Findings) {
        let name = entry.name
        let elsewhere = KeyPlaces.known.help(for: name, notUnder: key)
        // A word that is right somewhere else is no slip of the pen, unless just its end differs.
        let nearest = Suggest.nearest(name, among: fields.map(\.name))
            .flatMap { elsewhere == nil || $0.hasPrefix(name) || name.hasPrefix($0) ? $0 : nil }
        let help =
            nearest.map { "did you mean `\($0)`?" } ?? Self.help(forUnknown: name) ?? elsewhere ?? keysInWords
        findings.report(
            ManifestRules.unknownKey, "unknown key `\(entry.key.shortText)`", at: entry.key.range,
            label: "not a key of \(key)", help: help, suggestion: nearest)
    }
}

extension Node.Entry {
    /// Keys for editors and for the user's own anchors, ignored anywhere.
    package var isExtension: Bool {
        key.text.bytes.elementsEqual("$schema".utf8) || key.text.bytes.starts(with: "x-".utf8)
    }
}

extension Node {
    /// Where a finding about something that is missing points: the key that it is missing under, or the first of the
    /// whole manifest.
    package var heading: SourceRange { holder ?? entries?.first?.key.range ?? range }
}
