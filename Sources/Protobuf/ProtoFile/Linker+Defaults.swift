import Diagnostics

// Default values (language guide of proto2, "Default Values").
extension Linker {
    /// As descriptors have it, or nil with a report.
    mutating func defaultText(_ field: FieldDescriptor, _ syntax: FieldSyntax) -> [UInt8]? {
        let file = field.file
        if let text = syntax.defaultText { return encodedDefault(text, field, syntax) }
        guard let value = syntax.defaultValue else { return nil }
        if field.isRepeated {
            report(ProtoRules.defaultValue, "a repeated field has no default", value.span, file)
            return nil
        }
        if field.type.isMessage {
            if field.reference != .none {
                report(ProtoRules.defaultValue, "a message has no default", value.span, file)
            }
            return nil
        }
        if field.type == .enum { return enumDefault(value, field) }
        let place = OptionPlace(target: .file(file), scope: "", file: file)
        guard scalar(value, field, place, isText: false) != nil else { return nil }
        return Array(text(value, field.type))
    }

    private mutating func enumDefault(_ value: ValueSyntax, _ field: FieldDescriptor) -> [UInt8]? {
        guard case .enum(let index) = field.reference else { return nil }
        guard case .identifier(let word) = value.kind else {
            report(
                ProtoRules.defaultValue, "the default of an enum is the name of one of its values", value.span,
                field.file)
            return nil
        }
        if pool.enums[index].value(named: word) != nil { return Array(word.utf8) }
        let near = nearest(word, among: pool.enums[index].values.map(\.name))
        report(
            ProtoRules.defaultValue, "`\(pool.enums[index].fullName)` has no value `\(word)`", value.span, field.file,
            help: near.map { "did you mean `\($0)`?" }, suggestion: near)
        return nil
    }

    private func text(_ value: ValueSyntax, _ type: FieldType) -> [UInt8] {
        switch value.kind {
        case .identifier(let word): return Array(word.utf8)
        case .integer(let isNegative, let magnitude):
            if type == .double || type == .float { return floating(Double(magnitude), isNegative, type) }
            return Array(((isNegative && magnitude > 0 ? "-" : "") + String(magnitude)).utf8)
        case .float(let number):
            if number.isNaN { return Array("nan".utf8) }
            return floating(number.magnitude, number.sign == .minus, type)
        case .string(let bytes): return type == .bytes ? DefaultBytes.escaped(bytes) : bytes
        case .message, .list: return []
        }
    }

    private func floating(_ magnitude: Double, _ isNegative: Bool, _ type: FieldType) -> [UInt8] {
        let number = isNegative ? -magnitude : magnitude
        return Array((type == .float ? DecimalText.text(Float(number)) : DecimalText.text(number)).utf8)
    }

    // MARK: Descriptor sets

    private mutating func encodedDefault(_ text: [UInt8], _ field: FieldDescriptor, _ syntax: FieldSyntax) -> [UInt8]? {
        let string = String(decoding: text, as: UTF8.self)
        let isGood: Bool =
            switch field.type {
            case .int32, .sint32, .sfixed32: Int32(string) != nil
            case .int64, .sint64, .sfixed64: Int64(string) != nil
            case .uint32, .fixed32: UInt32(string) != nil
            case .uint64, .fixed64: UInt64(string) != nil
            case .double, .float: Double(string) != nil
            case .bool: string == "true" || string == "false"
            case .string: field.features.utf8Validation != .verify || isUTF8(text)
            case .bytes: true
            case .enum: hasValue(string, field)
            case .message, .group: false
            }
        if isGood, !field.isRepeated { return text }
        report(
            ProtoRules.descriptorSet, "the default of `\(field.fullName)` is none of its type", syntax.name.span,
            field.file)
        return nil
    }

    private func hasValue(_ name: String, _ field: FieldDescriptor) -> Bool {
        guard case .enum(let index) = field.reference else { return false }
        return pool.enums[index].value(named: name) != nil
    }
}

/// The default of a bytes field within a descriptor: text with C's escapes.
enum DefaultBytes {
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x0A: out += Array(#"\n"#.utf8)
            case 0x0D: out += Array(#"\r"#.utf8)
            case 0x09: out += Array(#"\t"#.utf8)
            case 0x22: out += Array(#"\""#.utf8)
            case 0x27: out += Array(#"\'"#.utf8)
            case 0x5C: out += Array(#"\\"#.utf8)
            case 0x20..<0x7F: out.append(byte)
            default: out += [0x5C, 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
            }
        }
        return out
    }
}
