import Diagnostics

// Enums, and names that would be the same in JSON.
extension Linker {
    mutating func checkEnum(_ enumeration: EnumDescriptor, _ syntax: EnumSyntax) {
        let file = enumeration.file
        guard let first = enumeration.values.first else {
            if files[file].hasGaps { return }
            report(ProtoRules.enums, "the enum has no values", syntax.name.span, file, help: "add one that is zero")
            return
        }
        if !enumeration.isClosed, first.number != 0, !files[file].hasGaps {
            report(
                ProtoRules.enums, "the first value of an open enum is zero", syntax.values[0].number.span, file,
                help: "put a value such as `\(syntax.name.text.uppercased())_UNSPECIFIED = 0;` first")
        }
        checkAliases(enumeration, syntax)
        checkEnumRanges(enumeration, syntax)
        checkReservedNames(syntax.reservedNames, file)
        checkValueNames(enumeration, syntax)
    }

    private mutating func checkAliases(_ enumeration: EnumDescriptor, _ syntax: EnumSyntax) {
        let allows = OptionBytes(enumeration.options).bool(2)
        var used = false
        for (position, value) in enumeration.values.enumerated() {
            guard let first = enumeration.valuesByNumber[value.number], first != position else { continue }
            used = true
            guard allows != true else { continue }
            report(
                ProtoRules.enums, "`\(value.name)` has the number of `\(enumeration.values[first].name)`",
                syntax.values[position].number.span, enumeration.file,
                help: "give it another, or write `option allow_alias = true;` into the enum",
                related: [Finding.Related(range(syntax.values[first].number.span, enumeration.file), "used here first")]
            )
        }
        if allows == false {
            report(
                ProtoRules.enums, "`allow_alias = false` has no effect", syntax.name.span, enumeration.file,
                help: "take it out: an enum has no aliases by itself")
        }
        if allows == true, !used {
            report(
                ProtoRules.enums, "`\(enumeration.fullName)` allows aliases, and has none", syntax.name.span,
                enumeration.file, help: "take `allow_alias` out")
        }
    }

    private mutating func checkEnumRanges(_ enumeration: EnumDescriptor, _ syntax: EnumSyntax) {
        for range in syntax.reservedRanges where range.end <= Int64(range.start) {
            report(ProtoRules.number, "the range ends before it starts", range.span, enumeration.file)
        }
        let ranges = NumberRanges(enumeration.reservedRanges)
        for (later, earlier) in ranges.overlaps {
            report(
                ProtoRules.number, "the range overlaps with another", syntax.reservedRanges[later].span,
                enumeration.file,
                related: [
                    Finding.Related(range(syntax.reservedRanges[earlier].span, enumeration.file), "the other")
                ])
        }
        let names = Dictionary(syntax.reservedNames.map { ($0.text, $0.span) }, uniquingKeysWith: { first, _ in first })
        for value in syntax.values {
            if let index = ranges.holding(value.number.value) {
                report(
                    ProtoRules.number, "number \(value.number.value) is reserved", value.number.span, enumeration.file,
                    related: [
                        Finding.Related(range(syntax.reservedRanges[index].span, enumeration.file), "reserved here")
                    ])
            }
            if let span = names[value.name.text] {
                report(
                    ProtoRules.name, "the name `\(value.name.text)` is reserved", value.name.span, enumeration.file,
                    related: [Finding.Related(range(span, enumeration.file), "reserved here")])
            }
        }
    }

    private mutating func checkValueNames(_ enumeration: EnumDescriptor, _ syntax: EnumSyntax) {
        guard OptionBytes(enumeration.options).bool(6) != true else { return }
        var seen: [String: Int] = [:]
        for (position, value) in enumeration.values.enumerated() {
            let plain = JSONNames.plainValue(value.name, enum: enumeration.name)
            guard let first = seen[plain] else {
                seen[plain] = position
                continue
            }
            let other = enumeration.values[first]
            guard other.name != value.name, other.number != value.number else { continue }
            report(
                ProtoRules.enums,
                "`\(value.name)` and `\(other.name)` are the same without the enum's name and the case of letters",
                syntax.values[position].name.span, enumeration.file,
                related: [Finding.Related(range(syntax.values[first].name.span, enumeration.file), "the other")])
        }
    }

    // MARK: JSON

    mutating func checkJSONNames(_ message: MessageDescriptor, _ syntax: MessageSyntax) {
        for (position, field) in message.fields.enumerated() where field.hasWrittenJSONName {
            let bytes = field.jsonName.utf8
            let span = syntax.fields[position].jsonName?.span ?? syntax.fields[position].name.span
            if bytes.contains(0) {
                report(ProtoRules.jsonName, "the name in JSON has a NUL in it", span, message.file)
            }
            if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
                report(
                    ProtoRules.jsonName, "names in brackets are those of extensions", span, message.file)
            }
        }
        guard OptionBytes(message.options).bool(11) != true else { return }
        checkJSONNames(message, syntax, custom: false)
        checkJSONNames(message, syntax, custom: true)
    }

    /// Once by the names that come by themselves, once by those that are written where there are any.
    private mutating func checkJSONNames(_ message: MessageDescriptor, _ syntax: MessageSyntax, custom: Bool) {
        var seen: [String: (index: Int, isCustom: Bool)] = [:]
        for (position, field) in message.fields.enumerated() {
            let plain = JSONNames.name(of: field.name)
            let isCustom = custom && field.hasWrittenJSONName && field.jsonName != plain
            let name = custom && field.hasWrittenJSONName ? field.jsonName : plain
            guard let first = seen[name] else {
                seen[name] = (position, isCustom)
                continue
            }
            // One name for both is told where it is.
            if field.name == message.fields[first.index].name { continue }
            // Told in the first round.
            if custom, !isCustom, !first.isCustom { continue }
            let involvesPlain = !isCustom || !first.isCustom
            let isWarning = message.features.jsonFormat == .legacyBestEffort && involvesPlain
            report(
                isWarning ? ProtoRules.jsonNameWarning : ProtoRules.jsonName,
                "`\(field.name)` and `\(message.fields[first.index].name)` are both `\(name)` in JSON",
                syntax.fields[position].name.span, message.file,
                related: [
                    Finding.Related(range(syntax.fields[first.index].name.span, message.file), "the other")
                ])
        }
    }
}
