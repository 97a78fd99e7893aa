import Diagnostics

// The second phase: what fields, extensions and methods refer to.
extension Linker {
    mutating func resolveTypes() {
        for message in pool.messages.indices {
            let scope = pool.messages[message].fullName
            let file = pool.messages[message].file
            for index in pool.messages[message].fields.indices {
                let syntax = messageSyntax[message].fields[index]
                var field = pool.messages[message].fields[index]
                resolve(&field, syntax, scope: scope, file: file)
                pool.messages[message].fields[index] = field
                registerNumber(message, index, syntax, file)
            }
        }
        for index in pool.extensions.indices {
            let syntax = extensionSyntax[index]
            var field = pool.extensions[index]
            resolve(&field, syntax, scope: extensionScopes[index], file: field.file)
            resolveExtendee(&field, syntax, index)
            pool.extensions[index] = field
        }
        for service in pool.services.indices {
            let file = pool.services[service].file
            let scope = pool.services[service].fullName
            for index in pool.services[service].methods.indices {
                let syntax = serviceSyntax[service].methods[index]
                if let input = resolveMessage(syntax.input, scope: scope, file: file) {
                    pool.services[service].methods[index].input = input
                }
                if let output = resolveMessage(syntax.output, scope: scope, file: file) {
                    pool.services[service].methods[index].output = output
                }
            }
        }
    }

    private mutating func resolve(_ field: inout FieldDescriptor, _ syntax: FieldSyntax, scope: String, file: Int) {
        guard let name = syntax.typeName else {
            if syntax.type?.isMessage == true || syntax.type == .enum {
                report(ProtoRules.descriptorSet, "`\(field.fullName)` does not name its type", syntax.typeSpan, file)
            }
            return
        }
        guard let symbol = resolve(name, scope: scope, file: file, wanted: .type, what: "type") else { return }
        switch symbol {
        case .message(let index):
            field.reference = .message(index)
            if syntax.type != .group { field.type = .message }
            if syntax.type == .enum { tellWrongType(name, "a message, and no enum", file) }
            if files[file].isEncoded { field.isMap = field.isRepeated && messageSyntax[index].isMapEntry }
            if pool.messages[index].isMapEntry, !field.isMap {
                report(
                    ProtoRules.map, "`\(pool.messages[index].fullName)` is the entry of a map, and no type of its own",
                    name.span, file, help: "write `map<…>`")
            }
        case .enum(let index):
            field.reference = .enum(index)
            field.type = .enum
            if syntax.type == .message || syntax.type == .group { tellWrongType(name, "an enum, and no message", file) }
        default:
            tellWrongType(name, "no type", file)
        }
    }

    private mutating func tellWrongType(_ name: Name, _ what: String, _ file: Int) {
        report(ProtoRules.type, "`\(name.text)` is \(what)", name.span, file)
    }

    private mutating func resolveMessage(_ name: Name, scope: String, file: Int) -> Int? {
        let symbol = resolve(name, scope: scope, file: file, wanted: .message, what: "message")
        if case .message(let index) = symbol { return index }
        if symbol != nil { tellWrongType(name, "no message", file) }
        return nil
    }

    // MARK: Numbers

    private mutating func registerNumber(_ message: Int, _ index: Int, _ syntax: FieldSyntax, _ file: Int) {
        let number = syntax.number.value
        guard let first = pool.messages[message].fieldsByNumber[number] else {
            pool.messages[message].fieldsByNumber[number] = index
            return
        }
        guard !isFull else { return }
        let other = messageSyntax[message].fields[first]
        report(
            ProtoRules.number,
            "number \(number) of `\(pool.messages[message].fullName)` is used by field `\(other.name.text)` already",
            syntax.number.span, file, help: freeNumber(message).map { "the next free number is \($0)" },
            related: [Finding.Related(range(other.number.span, file), "used here first")])
    }

    /// The lowest number behind all that are used or reserved.
    func freeNumber(_ message: Int) -> Int64? {
        let syntax = messageSyntax[message]
        var free: Int64 = 1
        for field in syntax.fields { free = max(free, Int64(field.number.value) + 1) }
        for range in syntax.reservedRanges where range.end < 0x2000_0000 { free = max(free, range.end) }
        for range in syntax.extensionRanges where range.end < 0x2000_0000 { free = max(free, range.end) }
        if 19000...19999 ~= free { free = 20000 }
        return free < 0x2000_0000 ? free : nil
    }

    private mutating func resolveExtendee(_ field: inout FieldDescriptor, _ syntax: FieldSyntax, _ index: Int) {
        guard let name = syntax.extendee,
            let message = resolveMessage(name, scope: extensionScopes[index], file: field.file)
        else { return }
        field.container = message
        let number = field.number
        if let other = pool.extensionsByMessage[message]?[number] {
            let first = pool.extensions[other]
            report(
                ProtoRules.number,
                "number \(number) of `\(pool.messages[message].fullName)` is used by extension `\(first.fullName)` already",
                syntax.number.span, field.file, related: [Finding.Related(first.place, "used here first")])
        } else {
            pool.extensionsByMessage[message, default: [:]][number] = index
        }
    }
}
