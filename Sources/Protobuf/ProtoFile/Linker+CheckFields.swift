import Diagnostics

// What holds for fields and extensions alike.
extension Linker {
    mutating func checkField(_ field: FieldDescriptor, _ syntax: FieldSyntax, _ message: MessageDescriptor?) {
        checkNumber(field, syntax)
        checkFieldOptions(field, syntax)
        if field.isMap { checkMapKey(field, syntax) }
        switch files[field.file].edition {
        case .proto2: break
        case .proto3: checkProto3(field, syntax)
        case .edition2023: checkFeatures(field, syntax, message)
        }
        checkEnumOfImplicitField(field, syntax)
    }

    private mutating func checkNumber(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        let (number, span) = (field.number, syntax.number.span)
        if number <= 0 {
            report(ProtoRules.number, "the numbers of fields start with 1", span, field.file)
        } else if 19000...19999 ~= number {
            report(ProtoRules.number, "the numbers 19000 to 19999 are for protobuf itself", span, field.file)
        } else if number > Linker.maximumNumber, !extendsMessageSet(field) {
            report(ProtoRules.number, "the largest number of a field is \(Linker.maximumNumber)", span, field.file)
        }
    }

    private func extendsMessageSet(_ field: FieldDescriptor) -> Bool {
        field.isExtension && field.container >= 0 && pool.messages[field.container].isMessageSet
    }

    /// Where an option is written, else the field's name.
    func span(of option: String, _ syntax: FieldSyntax) -> Span {
        for statement in syntax.options.statements {
            if let first = statement.parts.first, !first.isExtension, first.name.text == option {
                return first.name.span
            }
        }
        return syntax.name.span
    }

    private mutating func checkFieldOptions(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        guard field.options != nil else { return }
        let options = OptionBytes(field.options)
        if let packed = options.bool(2) {
            if files[field.file].edition >= .edition2023 {
                report(
                    ProtoRules.edition, "editions have no option `packed`", span(of: "packed", syntax), field.file,
                    help: "write `features.repeated_field_encoding = \(packed ? "PACKED" : "EXPANDED")`")
            } else if packed, !field.isRepeated || !field.type.isPackable {
                report(
                    ProtoRules.option, "only lists of numbers, booleans and enums can be packed",
                    span(of: "packed", syntax),
                    field.file)
            }
        }
        if options.bool(5) == true || options.bool(15) == true, field.type != .message {
            let name = options.bool(5) == true ? "lazy" : "unverified_lazy"
            report(ProtoRules.option, "only messages can be lazy", span(of: name, syntax), field.file)
        }
        if let type = options.int32(6), type != 0 {
            switch field.type {
            case .int64, .uint64, .sint64, .fixed64, .sfixed64: break
            default:
                report(
                    ProtoRules.option, "`jstype` is for integers of 64 bits", span(of: "jstype", syntax), field.file)
            }
        }
    }

    private mutating func checkMapKey(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        guard case .message(let entry) = field.reference, let key = pool.messages[entry].field(numbered: 1),
            let written = messageSyntax[entry].fields.first
        else { return }
        switch key.type {
        case .double, .float, .bytes, .group:
            tellKey(key.type == .bytes ? "bytes" : "a \(key.type.word)", written, field.file)
        case .message, .enum:
            if key.reference != .none { tellKey(key.type == .enum ? "an enum" : "a message", written, field.file) }
        default: break
        }
        if let value = pool.messages[entry].field(numbered: 2), case .enum(let index) = value.reference,
            let first = pool.enums[index].values.first, first.number != 0
        {
            report(
                ProtoRules.map, "the first value of an enum in a map is zero", syntax.typeSpan, field.file,
                help: "`\(pool.enums[index].fullName)` starts with \(first.number)")
        }
    }

    private mutating func tellKey(_ what: String, _ key: FieldSyntax, _ file: Int) {
        report(
            ProtoRules.map, "\(what) cannot be the key of a map", key.typeSpan, file,
            help: "keys are integers, bool or string")
    }

    // MARK: proto3

    private static let extendable: Set<String> = [
        "google.protobuf.FileOptions", "google.protobuf.MessageOptions", "google.protobuf.FieldOptions",
        "google.protobuf.OneofOptions", "google.protobuf.EnumOptions", "google.protobuf.EnumValueOptions",
        "google.protobuf.ServiceOptions", "google.protobuf.MethodOptions", "google.protobuf.ExtensionRangeOptions",
        "google.protobuf.StreamOptions",
    ]

    private mutating func checkProto3(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        if field.label == .required {
            report(
                ProtoRules.edition, "proto3 has no required fields", syntax.labelSpan, field.file,
                help: "take the label out")
        }
        if field.type == .group, files[field.file].isEncoded {
            report(ProtoRules.edition, "proto3 has no groups", syntax.typeSpan, field.file)
        }
        if syntax.defaultValue != nil || syntax.defaultText != nil {
            report(
                ProtoRules.edition, "proto3 has no defaults", syntax.defaultValue?.span ?? syntax.name.span, field.file,
                help: "the default of a field is zero, false or empty")
        }
        if field.isExtension, field.container >= 0,
            !Linker.extendable.contains(pool.messages[field.container].fullName),
            let extendee = syntax.extendee
        {
            report(
                ProtoRules.edition, "proto3 can extend only the options of google/protobuf/descriptor.proto",
                extendee.span,
                field.file)
        }
    }

    private mutating func checkEnumOfImplicitField(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        guard case .enum(let index) = field.reference, pool.enums[index].isClosed else { return }
        let isImplicit = field.features.fieldPresence == .implicit
        guard isImplicit, !field.isExtension, field.oneof == nil || files[field.file].edition == .proto3 else { return }
        guard !field.isRepeated || files[field.file].edition == .proto3 else { return }
        report(
            ProtoRules.feature,
            "`\(pool.enums[index].fullName)` is a closed enum, which a field without presence cannot have",
            syntax.typeName?.span ?? syntax.typeSpan, field.file,
            help: "enums of proto2 are closed: they have no value for what is not known")
    }

    // MARK: Extensions

    mutating func rangesOfExtensions(_ message: Int) -> NumberRanges {
        if let ranges = extensionRanges[message] { return ranges }
        let ranges = NumberRanges(pool.messages[message].extensionRanges.map(\.numbers))
        extensionRanges[message] = ranges
        return ranges
    }

    mutating func checkExtension(_ field: FieldDescriptor, _ syntax: FieldSyntax) {
        if field.label == .required {
            report(ProtoRules.extensions, "an extension cannot be required", syntax.labelSpan, field.file)
        }
        if let name = syntax.jsonName, name.text != JSONNames.name(of: field.name) || !files[field.file].isEncoded {
            report(
                ProtoRules.jsonName, "an extension has no name of its own in JSON", name.span, field.file,
                help: "it is written `[\(field.fullName)]`")
        }
        guard field.container >= 0 else { return }
        let message = pool.messages[field.container]
        if rangesOfExtensions(field.container).holding(field.number) == nil {
            let ranges = message.extensionRanges.prefix(4).map { "\($0.numbers.start) to \($0.numbers.end - 1)" }
            report(
                ProtoRules.extensions, "`\(message.fullName)` keeps no number \(field.number) for extensions",
                syntax.number.span, field.file,
                help: ranges.isEmpty
                    ? "it has no `extensions`, and cannot be extended"
                    : "its extensions are " + ranges.joined(separator: ", "))
        }
        if message.isMessageSet, field.isRepeated || field.type != .message {
            report(
                ProtoRules.extensions, "the extensions of a message set are optional messages", syntax.typeSpan,
                field.file)
        }
    }
}
