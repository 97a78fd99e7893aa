import Diagnostics

// The values of options and of the fields in them.
extension Linker {
    /// The field with its tag, or nil if the value does not fit.
    mutating func encode(
        _ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace, optionText: String
    ) -> [UInt8]? {
        if case .message(let message) = field.reference {
            guard case .message(let fields) = value.kind else {
                report(
                    ProtoRules.value, "option `\(optionText)` is a message", value.span, place.file,
                    help: "write `\(optionText) = { field: value }`, or `\(optionText).field = value`")
                return nil
            }
            guard let encoded = encode(fields, message, value.span, place) else { return nil }
            return OptionTree.wrap(field, encoded)
        }
        guard let payload = scalar(value, field, place, isText: false) else { return nil }
        var out = WireBytes()
        out.tag(field.number, field.type.wireType)
        out.raw(payload)
        return out.bytes
    }

    /// A value without its tag. The text format takes a few more spellings than a statement.
    mutating func scalar(
        _ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace, isText: Bool
    ) -> [UInt8]? {
        var out = WireBytes()
        switch field.type {
        case .int32, .sint32, .sfixed32:
            guard let number = signed(value, Int64(Int32.min)...Int64(Int32.max), field, place) else { return nil }
            append(number, field.type, &out)
        case .int64, .sint64, .sfixed64:
            guard let number = signed(value, Int64.min...Int64.max, field, place) else { return nil }
            append(number, field.type, &out)
        case .uint32, .fixed32:
            guard let number = unsigned(value, UInt64(UInt32.max), field, place) else { return nil }
            if field.type == .fixed32 { out.fixed(number, count: 4) } else { out.varint(number) }
        case .uint64, .fixed64:
            guard let number = unsigned(value, UInt64.max, field, place) else { return nil }
            if field.type == .fixed64 { out.fixed(number, count: 8) } else { out.varint(number) }
        case .double:
            guard let number = double(value, field, place, isText: isText) else { return nil }
            out.fixed(number.isNaN ? nan(number, 0x7FF8 << 48, 1 << 63) : number.bitPattern, count: 8)
        case .float:
            guard let number = double(value, field, place, isText: isText) else { return nil }
            out.fixed(number.isNaN ? nan(number, 0x7FC0_0000, 1 << 31) : UInt64(Float(number).bitPattern), count: 4)
        case .bool:
            guard let truth = bool(value, field, place, isText: isText) else { return nil }
            out.varint(truth ? 1 : 0)
        case .string, .bytes:
            guard case .string(let bytes) = value.kind else {
                return wrongKind(value, "a text in quotes", field, place)
            }
            if field.type == .string, field.features.utf8Validation == .verify, !isUTF8(bytes) {
                report(ProtoRules.value, "the text is not UTF-8", value.span, place.file)
                return nil
            }
            out.varint(UInt64(bytes.count))
            out.raw(bytes)
        case .enum:
            guard let number = enumNumber(value, field, place, isText: isText) else { return nil }
            out.varint(UInt64(bitPattern: Int64(number)))
        case .message, .group:
            return nil
        }
        return out.bytes
    }

    private func nan(_ number: Double, _ bits: UInt64, _ sign: UInt64) -> UInt64 {
        number.sign == .minus ? bits | sign : bits
    }

    func isUTF8(_ bytes: [UInt8]) -> Bool { UTF8Check.firstInvalid(bytes) == nil }

    private func append(_ number: Int64, _ type: FieldType, _ out: inout WireBytes) {
        switch type {
        case .sint32, .sint64: out.varint(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
        case .sfixed32: out.fixed(UInt64(bitPattern: number), count: 4)
        case .sfixed64: out.fixed(UInt64(bitPattern: number), count: 8)
        default: out.varint(UInt64(bitPattern: number))
        }
    }

    private mutating func wrongKind<T>(
        _ value: ValueSyntax, _ what: String, _ field: FieldDescriptor, _ place: OptionPlace, help: String? = nil,
        suggestion: String? = nil
    ) -> T? {
        report(
            ProtoRules.value, "`\(field.name)` is \(field.type.article) \(field.type.word), and takes \(what)",
            value.span,
            place.file, help: help, suggestion: suggestion)
        return nil
    }

    private mutating func signed(
        _ value: ValueSyntax, _ range: ClosedRange<Int64>, _ field: FieldDescriptor, _ place: OptionPlace
    ) -> Int64? {
        guard case .integer(let isNegative, let magnitude) = value.kind else {
            return wrongKind(value, "a whole number", field, place)
        }
        let number =
            isNegative
            ? (magnitude == 1 << 63 ? Int64.min : Int64(exactly: magnitude).map { -$0 }) : Int64(exactly: magnitude)
        guard let number, range.contains(number) else {
            return wrongKind(value, "a number from \(range.lowerBound) to \(range.upperBound)", field, place)
        }
        return number
    }

    private mutating func unsigned(
        _ value: ValueSyntax, _ max: UInt64, _ field: FieldDescriptor, _ place: OptionPlace
    ) -> UInt64? {
        guard case .integer(let isNegative, let magnitude) = value.kind else {
            return wrongKind(value, "a whole number", field, place)
        }
        guard !isNegative || magnitude == 0, magnitude <= max else {
            return wrongKind(value, "a number from 0 to \(max)", field, place)
        }
        return magnitude
    }

    private mutating func double(
        _ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace, isText: Bool
    ) -> Double? {
        switch value.kind {
        case .integer(let isNegative, let magnitude):
            if isText, isOtherBase(value.span, place) { return wrongKind(value, "a decimal number", field, place) }
            // A statement's minus is lost with its zero.
            return isNegative && (isText || magnitude > 0) ? -Double(magnitude) : Double(magnitude)
        case .float(let number): return number
        case .identifier(let word):
            let word = isText ? word.lowercased() : word
            if word == "inf" || isText && word == "infinity" { return .infinity }
            if word == "nan" { return .nan }
        default: break
        }
        return wrongKind(value, "a number, `inf` or `nan`", field, place)
    }

    /// The text format has floating-point numbers in decimal only.
    private func isOtherBase(_ span: Span, _ place: OptionPlace) -> Bool {
        let bytes = files[place.file].source.bytes
        guard span.start >= 0, span.end <= bytes.count, span.start < span.end else { return false }
        guard let zero = bytes[span.start..<span.end].firstIndex(where: \.continuesIdentifier) else { return false }
        return bytes[zero] == UInt8(ascii: "0") && zero + 1 < span.end
    }

    private mutating func bool(
        _ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace, isText: Bool
    ) -> Bool? {
        switch value.kind {
        case .identifier("true"): return true
        case .identifier("false"): return false
        case .identifier("True") where isText, .identifier("t") where isText: return true
        case .identifier("False") where isText, .identifier("f") where isText: return false
        case .integer(false, let number) where isText && number <= 1: return number == 1
        default: return wrongKind(value, "`true` or `false`", field, place)
        }
    }

    private mutating func enumNumber(
        _ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace, isText: Bool
    ) -> Int32? {
        guard case .enum(let index) = field.reference else { return nil }
        let enumeration = schema.enums[index]
        switch value.kind {
        case .identifier(let word):
            if let found = enumeration.value(named: word) {
                if found.number == 0, schema.messages[field.container].fullName == "google.protobuf.FeatureSet" {
                    report(
                        ProtoRules.feature, "`\(word)` says nothing of `\(field.name)`", value.span, place.file,
                        help: "take the option out, or write another value")
                }
                return found.number
            }
            let near = nearest(word, among: enumeration.values.map(\.name))
            report(
                ProtoRules.value, "`\(enumeration.fullName)` has no value `\(word)`", value.span, place.file,
                help: near.map { "did you mean `\($0)`?" } ?? listed(enumeration), suggestion: near)
            return nil
        case .integer(let isNegative, let magnitude) where isText:
            let number = isNegative ? -Int64(clamping: magnitude) : Int64(clamping: magnitude)
            if let number = Int32(exactly: number),
                !enumeration.isClosed || enumeration.value(numbered: number) != nil
            {
                return number
            }
            return wrongKind(value, "the name of a value of `\(enumeration.fullName)`", field, place)
        default:
            return wrongKind(
                value, "the name of a value of `\(enumeration.fullName)`", field, place, help: listed(enumeration))
        }
    }

    private func listed(_ enumeration: EnumDescriptor) -> String? {
        guard !enumeration.values.isEmpty, enumeration.values.count <= 8 else { return nil }
        return "its values are " + enumeration.values.map { "`\($0.name)`" }.joined(separator: ", ")
    }
}

extension FieldType {
    var article: String { self == .int32 || self == .int64 || self == .enum ? "an" : "a" }
}
