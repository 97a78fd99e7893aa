import Diagnostics

// The last phase: what protoc checks once everything is known.
extension Linker {
    static let maximumNumber: Int32 = 0x1FFF_FFFF

    mutating func check() {
        for index in files.indices { checkImports(index) }
        for index in pool.messages.indices {
            let message = pool.messages[index]
            let syntax = messageSyntax[index]
            pool.messages[index].isMessageSet = OptionBytes(message.options).bool(1) == true
            checkRanges(index, syntax)
            checkFieldNumbers(index, syntax)
            checkOneofs(message, syntax)
            if !message.isMapEntry { checkJSONNames(message, syntax) }
            for (position, field) in message.fields.enumerated() {
                checkField(field, syntax.fields[position], message)
                pool.messages[index].fields[position].defaultText = defaultText(field, syntax.fields[position])
            }
            checkMessageEdition(pool.messages[index], syntax)
        }
        for index in pool.extensions.indices {
            let field = pool.extensions[index]
            checkField(field, extensionSyntax[index], nil)
            checkExtension(field, extensionSyntax[index])
            pool.extensions[index].defaultText = defaultText(field, extensionSyntax[index])
        }
        for index in pool.enums.indices { checkEnum(pool.enums[index], enumSyntax[index]) }
        for index in pool.messages.indices { checkDeclarations(index) }
        checkUses()
        for index in files.indices where named.contains(index) { checkUnused(index) }
    }

    // MARK: Files

    private mutating func checkImports(_ index: Int) {
        // A file of the lite runtime has less than the others expect of it.
        func isLite(_ file: Int) -> Bool { OptionBytes(pool.files[file].options).int32(9) == 3 }
        guard !isLite(index) else { return checkLiteServices(index) }
        for link in files[index].imports {
            guard let target = link.file, pool.files.indices.contains(target), isLite(target) else { continue }
            report(
                ProtoRules.imports, "`\(files[target].path.text)` is for the lite runtime, and this file is not",
                link.span, index, help: "both or only this file must say `option optimize_for = LITE_RUNTIME;`")
        }
    }

    private mutating func checkLiteServices(_ index: Int) {
        let options = OptionBytes(pool.files[index].options)
        guard options.bool(16) == true || options.bool(17) == true else { return }
        for service in files[index].services {
            report(
                ProtoRules.option, "a file of the lite runtime has no generic services", service.name.span, index,
                help: "take `cc_generic_services` and `java_generic_services` out")
        }
    }

    private mutating func checkUnused(_ index: Int) {
        for link in files[index].imports where link.kind == .plain {
            guard let target = link.file, exported.indices.contains(target), !files[index].isEncoded else { continue }
            // What the broken part of a file uses is not known.
            guard !visible[index].contains(where: { files[$0].isBroken }),
                used[index].isDisjoint(with: exported[target])
            else { continue }
            report(
                ProtoRules.unusedImport, "nothing of `\(link.path.text)` is used", link.span, index,
                help: "take the import out")
        }
    }

    // MARK: Messages

    private mutating func checkOneofs(_ message: MessageDescriptor, _ syntax: MessageSyntax) {
        for (position, oneof) in message.oneofs.enumerated() where oneof.fields.isEmpty && !files[message.file].hasGaps
        {
            report(
                ProtoRules.oneof, "the oneof `\(oneof.name)` has no fields", syntax.oneofs[position].name.span,
                message.file)
        }
        guard files[message.file].isEncoded else { return }
        for (position, field) in message.fields.enumerated() {
            guard let oneof = field.oneof, !message.oneofs.indices.contains(oneof) else { continue }
            report(
                ProtoRules.descriptorSet, "`\(field.fullName)` is in a oneof that is not there",
                syntax.fields[position].name.span, message.file)
        }
    }

    private mutating func checkFieldNumbers(_ index: Int, _ syntax: MessageSyntax) {
        let message = pool.messages[index]
        let reserved = NumberRanges(message.reservedRanges)
        let extensions = NumberRanges(message.extensionRanges.map(\.numbers))
        let names = Dictionary(syntax.reservedNames.map { ($0.text, $0.span) }, uniquingKeysWith: { first, _ in first })
        for field in syntax.fields {
            let number = field.number.value
            if let range = reserved.holding(number), !isFull {
                report(
                    ProtoRules.number, "number \(number) is reserved", field.number.span, message.file,
                    help: freeNumber(index).map { "the next free number is \($0)" },
                    related: [
                        Finding.Related(self.range(syntax.reservedRanges[range].span, message.file), "reserved here")
                    ])
            }
            if let span = names[field.name.text] {
                report(
                    ProtoRules.name, "the name `\(field.name.text)` is reserved", field.name.span, message.file,
                    related: [Finding.Related(self.range(span, message.file), "reserved here")])
            }
            if let range = extensions.holding(number) {
                report(
                    ProtoRules.number, "number \(number) of field `\(field.name.text)` is kept for extensions",
                    syntax.extensionRanges[range].span, message.file,
                    related: [Finding.Related(self.range(field.number.span, message.file), "used here")])
            }
        }
    }

    private mutating func checkRanges(_ index: Int, _ syntax: MessageSyntax) {
        let file = pool.messages[index].file
        if pool.messages[index].isMessageSet {
            // Numbers of message sets go as far as 32 bits do.
            for (position, range) in syntax.extensionRanges.enumerated() where range.reachesMaximum {
                let options = pool.messages[index].extensionRanges[position].options
                pool.messages[index].extensionRanges[position] = ExtensionRange(
                    numbers: NumberRange(start: range.start, end: 0x7FFF_FFFF), options: options)
            }
        }
        let message = pool.messages[index]
        for range in syntax.reservedRanges + syntax.extensionRanges {
            if range.start <= 0 {
                report(ProtoRules.number, "the numbers of fields start with 1", range.span, file)
            } else if range.end <= Int64(range.start) {
                report(ProtoRules.number, "the range ends before it starts", range.span, file)
            }
        }
        for range in syntax.extensionRanges where range.end > 0x2000_0000 && !message.isMessageSet {
            report(ProtoRules.number, "the largest number of a field is \(Linker.maximumNumber)", range.span, file)
        }
        let all = message.reservedRanges + message.extensionRanges.map(\.numbers)
        let spans = syntax.reservedRanges.map(\.span) + syntax.extensionRanges.map(\.span)
        for (later, earlier) in NumberRanges(all).overlaps {
            report(
                ProtoRules.number, "the range overlaps with another", spans[later], file,
                related: [Finding.Related(self.range(spans[earlier], file), "the other")])
        }
        checkReservedNames(syntax.reservedNames, file)
    }

    mutating func checkReservedNames(_ names: [Name], _ file: Int) {
        var seen: [String: Span] = [:]
        for name in names {
            if let first = seen[name.text] {
                report(
                    ProtoRules.name, "`\(name.text)` is reserved twice", name.span, file,
                    related: [Finding.Related(range(first, file), "reserved here first")])
            }
            seen[name.text] = name.span
            let bytes = name.text.utf8
            if bytes.first?.startsIdentifier != true || !bytes.allSatisfy(\.continuesIdentifier) {
                report(ProtoRules.reservedName, "`\(name.text)` is no name that anything could have", name.span, file)
            }
        }
    }

    private mutating func checkMessageEdition(_ message: MessageDescriptor, _ syntax: MessageSyntax) {
        if message.isMessageSet, let field = syntax.fields.first {
            report(
                ProtoRules.extensions, "a message set has extensions only, and no fields", field.name.span, message.file
            )
        }
        guard files[message.file].edition == .proto3 else { return }
        if let range = syntax.extensionRanges.first {
            report(
                ProtoRules.edition, "proto3 has no extension ranges", range.span, message.file,
                help: "use `google.protobuf.Any`, or proto2 or an edition")
        }
        if message.isMessageSet {
            report(ProtoRules.edition, "proto3 has no message sets", syntax.name.span, message.file)
        }
    }
}
