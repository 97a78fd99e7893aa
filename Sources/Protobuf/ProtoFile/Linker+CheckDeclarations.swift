import Diagnostics

// Extension ranges that say which extensions may be in them (language guide, "Extension Declarations").
extension Linker {
    private struct Declaration {
        let number: Int32
        let fullName: String?
        let type: String?
        let isReserved: Bool
        let isRepeated: Bool

        init(_ encoded: [UInt8]) {
            let bytes = OptionBytes(encoded)
            number = bytes.int32(1) ?? 0
            fullName = bytes.text(2)
            type = bytes.text(3)
            isReserved = bytes.bool(5) ?? false
            isRepeated = bytes.bool(6) ?? false
        }
    }

    mutating func checkDeclarations(_ index: Int) {
        let message = pool.messages[index]
        var names: Set<String> = []
        guard message.extensionRanges.contains(where: { $0.options != nil }) else { return }
        // Anybody may define options of their own, whatever descriptor.proto declares.
        if files[message.file].path == BuiltInProtoFiles.descriptorPath { return }
        let ranges = rangesOfExtensions(index)
        let extensions = Dictionary(
            grouping: pool.extensionsByMessage[index] ?? [:], by: { ranges.holding($0.key) ?? -1 })
        for (position, range) in message.extensionRanges.enumerated() {
            guard let options = range.options else { continue }
            let span = messageSyntax[index].extensionRanges[position].span
            let bytes = OptionBytes(options)
            let declarations = bytes.messages(2).map(Declaration.init)
            let verification = bytes.int32(3)
            if declarations.isEmpty, verification != 0 { continue }
            if !declarations.isEmpty, verification == 1 {
                report(
                    ProtoRules.extensions, "a range whose extensions are declared cannot be UNVERIFIED", span,
                    message.file)
            }
            var byNumber: [Int32: Declaration] = [:]
            for declaration in declarations {
                check(declaration, range, &byNumber, &names, span, message)
            }
            checkExtensions(of: index, (extensions[position] ?? []).map { ($0.key, $0.value) }, byNumber)
        }
    }

    private mutating func check(
        _ declaration: Declaration, _ range: ExtensionRange, _ byNumber: inout [Int32: Declaration],
        _ names: inout Set<String>, _ span: Span, _ message: MessageDescriptor
    ) {
        let number = declaration.number
        if !range.numbers.contains(number) {
            report(ProtoRules.extensions, "the declared number \(number) is not in the range", span, message.file)
        }
        if byNumber.updateValue(declaration, forKey: number) != nil {
            report(ProtoRules.extensions, "number \(number) is declared twice", span, message.file)
        }
        if let name = declaration.fullName {
            if !names.insert(name).inserted {
                report(ProtoRules.extensions, "the extension `\(name)` is declared twice", span, message.file)
            }
            if name.utf8.first != UInt8(ascii: ".") {
                report(
                    ProtoRules.extensions, "the declared name `\(name)` is not a full one", span, message.file,
                    help: "it starts with a dot")
            }
        }
        let isWhole = declaration.fullName != nil && declaration.type != nil
        let isEmpty = declaration.fullName == nil && declaration.type == nil
        if !isWhole, !(isEmpty && declaration.isReserved) {
            report(
                ProtoRules.extensions, "the declaration of number \(number) needs `full_name` and `type`", span,
                message.file)
        }
    }

    private mutating func checkExtensions(
        of message: Int, _ extensions: [(number: Int32, index: Int)], _ declared: [Int32: Declaration]
    ) {
        let owner = pool.messages[message].fullName
        for (number, index) in extensions.sorted(by: { $0.number < $1.number }) {
            let field = pool.extensions[index]
            let syntax = extensionSyntax[index]
            guard let declaration = declared[number] else {
                report(
                    ProtoRules.extensions, "`\(owner)` declares no extension with number \(number)", syntax.name.span,
                    field.file, help: "add a `declaration` for it to the range in `\(owner)`")
                continue
            }
            if declaration.isReserved {
                report(
                    ProtoRules.extensions, "`\(owner)` declares number \(number) as reserved", syntax.name.span,
                    field.file)
                continue
            }
            if let name = declaration.fullName, name != "." + field.fullName {
                report(
                    ProtoRules.extensions, "`\(owner)` declares number \(number) for `\(name)`", syntax.name.span,
                    field.file)
            }
            if let type = declaration.type, type != declaredType(field) {
                report(
                    ProtoRules.extensions, "`\(owner)` declares number \(number) with type `\(type)`", syntax.typeSpan,
                    field.file)
            }
            if declaration.isRepeated != field.isRepeated {
                report(
                    ProtoRules.extensions,
                    "`\(owner)` declares number \(number) as \(declaration.isRepeated ? "repeated" : "not repeated")",
                    syntax.name.span, field.file)
            }
        }
    }

    private func declaredType(_ field: FieldDescriptor) -> String {
        switch field.reference {
        case .none: field.type.word
        case .message(let index): "." + pool.messages[index].fullName
        case .enum(let index): "." + pool.enums[index].fullName
        }
    }
}
