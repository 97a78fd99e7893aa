import Diagnostics

/// What `explain` says of a section and of its keys, from the one definition.
package enum Explain {
    /// The section: what it is for, its short form, its keys.
    package static func section<Section: ManifestSection>(_ section: Section.Type) -> String {
        var text = "\(section.key)\n  \(section.doc)\n"
        if let short = section.short { text += "  Short form: a value that is not a map sets `\(short)`.\n" }
        let defaults = section.init()
        for field in section.fields { text += "\n" + describe(field, defaults) }
        return text
    }

    /// One key of a section, nil if it has no such key.
    package static func field<Section: ManifestSection>(_ name: String, of section: Section.Type) -> String? {
        let wanted = section.fields.first { $0.name.utf8.elementsEqual(name.utf8) }
        return wanted.map { describe($0, section.init()) }
    }

    private static func describe<Section: ManifestSection>(_ field: Field<Section>, _ defaults: Section) -> String {
        var text = "  \(field.name)\(field.required ? " (required)" : "")\n    \(field.doc)\n"
        if let example = field.example { text += "    Example: `\(field.name): \(example)`\n" }
        if !field.required, let scalar = field.written(defaults)?.scalar, !scalar.text.bytes.isEmpty {
            text += "    Default: \(scalar.text.string)\n"
        }
        return text
    }
}
