import Diagnostics

// What features may say of what (protobuf's docs/design/editions), and what options may be used for.
extension Linker {
    mutating func checkFeatures(_ field: FieldDescriptor, _ syntax: FieldSyntax, _ message: MessageDescriptor?) {
        if field.type == .group, files[field.file].isEncoded {
            report(ProtoRules.edition, "editions have no groups", syntax.typeSpan, field.file)
        }
        if field.features.fieldPresence == .implicit, syntax.defaultValue != nil, !field.isExtension, !field.isRepeated
        {
            report(
                ProtoRules.feature, "a field without presence has no default", syntax.name.span, field.file,
                help: "write `features.field_presence = EXPLICIT` beside it")
        }
        // What a map says lies on its entry too, and is checked at the map.
        guard let own = OptionBytes(field.options).messages(21).last, message?.isMapEntry != true else { return }
        let options = OptionBytes(own)
        let span = span(of: "features", syntax)
        if let presence = options.int32(1) { checkPresence(presence, field, span, syntax) }
        if let encoding = options.int32(3) {
            if !field.isRepeated {
                report(ProtoRules.feature, "only repeated fields have a repeated encoding", span, field.file)
            } else if encoding == 1, !field.type.isPackable {
                report(
                    ProtoRules.feature, "only lists of numbers, booleans and enums can be packed", span, field.file)
            }
        }
        if options.int32(4) != nil, field.type != .string, !hasStrings(field) {
            report(ProtoRules.feature, "only strings have UTF-8 to validate", span, field.file)
        }
        if options.int32(5) != nil, !field.type.isMessage || field.isMap {
            report(ProtoRules.feature, "only messages have a message encoding", span, field.file)
        }
    }

    private mutating func checkPresence(
        _ presence: Int32, _ field: FieldDescriptor, _ span: Span, _ syntax: FieldSyntax
    ) {
        var message: String?
        if field.oneof != nil {
            message = "the fields of a oneof always have presence"
        } else if field.isRepeated {
            message = "a repeated field has no presence"
        } else if field.isExtension, presence != 3 {
            message = "an extension always has presence"
        } else if field.isExtension {
            message = "an extension cannot be required"
        } else if field.type.isMessage, presence == 2 {
            message = "a message always has presence"
        }
        if let message { report(ProtoRules.feature, message, span, field.file) }
    }

    private func hasStrings(_ field: FieldDescriptor) -> Bool {
        guard field.isMap, case .message(let entry) = field.reference else { return false }
        return pool.messages[entry].fields.contains { $0.type == .string }
    }

    // MARK: Options

    /// What the options of options say: `targets` and `feature_support`.
    mutating func checkUses() {
        for use in uses {
            guard let options = options(of: use.field) else { continue }
            let targets = options.varints(19)
            if !targets.isEmpty, !targets.contains(use.target.number) {
                let words = targets.compactMap {
                    OptionTarget.words.indices.contains(Int(clamping: $0)) ? OptionTarget.words[Int(clamping: $0)] : nil
                }
                report(
                    ProtoRules.option, "`\(use.field.name)` cannot be set on \(use.target.article) \(use.target.word)",
                    use.span,
                    use.file, help: "it is for: " + words.joined(separator: ", "))
            }
            guard let support = options.messages(22).last else { continue }
            checkSupport(OptionBytes(support), use)
        }
        uses = []
        checkFileFeatures()
    }

    private func options(of field: FieldDescriptor) -> OptionBytes? {
        let schema = schema
        if field.isExtension {
            return schema.extensionField(of: field.container, numbered: field.number)?.options.map { OptionBytes($0) }
        }
        guard schema.messages.indices.contains(field.container) else { return nil }
        return schema.messages[field.container].field(numbered: field.number)?.options.map { OptionBytes($0) }
    }

    private mutating func checkSupport(_ support: OptionBytes, _ use: OptionUse) {
        let edition = files[use.file].edition
        if let introduced = support.int32(1), edition.rawValue < introduced {
            report(
                ProtoRules.edition,
                "`\(use.field.name)` came with \(Edition.text(of: introduced)), and this file is \(edition.text)",
                use.span, use.file)
        } else if let removed = support.int32(4), edition.rawValue >= removed {
            report(
                ProtoRules.edition, "\(Edition.text(of: removed)) took `\(use.field.name)` out", use.span, use.file,
                help: support.text(5))
        } else if let deprecated = support.int32(2), edition.rawValue >= deprecated {
            report(
                ProtoRules.deprecatedOption, "`\(use.field.name)` is deprecated since \(Edition.text(of: deprecated))",
                use.span,
                use.file, help: support.text(3))
        }
    }

    private mutating func checkFileFeatures() {
        for index in files.indices where files[index].edition >= .edition2023 {
            guard let own = OptionBytes(pool.files[index].options).messages(50).last, OptionBytes(own).int32(1) == 3
            else {
                continue
            }
            let statement = files[index].options.statements.first { $0.parts.first?.name.text == "features" }
            report(
                ProtoRules.feature, "not every field of a file can be required", statement?.span ?? .nowhere, index,
                help: "say LEGACY_REQUIRED at the fields that are")
        }
    }
}

extension OptionTarget {
    var article: String {
        switch self {
        case .extension, .oneof, .enum, .value, .range: word.utf8.first == UInt8(ascii: "f") ? "a" : "an"
        default: "a"
        }
    }
}
