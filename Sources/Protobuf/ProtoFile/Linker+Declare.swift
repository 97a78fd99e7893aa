import Diagnostics

// The first phase: everything gets its full name.
extension Linker {
    mutating func declare() {
        for index in files.indices {
            used.append([])
            exported.append([index])
            visible.append([index])
            for link in files[index].imports {
                guard let target = link.file, exported.indices.contains(target) else { continue }
                visible[index].formUnion(exported[target])
                if link.kind == .public { exported[index].formUnion(exported[target]) }
            }
            declareFile(index)
        }
    }

    private mutating func declareFile(_ index: Int) {
        let syntax = files[index]
        let package = syntax.package?.text ?? ""
        var file = FileDescriptor(
            path: syntax.path, package: package, edition: syntax.edition, features: ResolvedFeatures(syntax.edition))
        for link in syntax.imports {
            guard let target = link.file else { continue }
            if link.kind == .public { file.publicDependencies.append(file.dependencies.count) }
            if link.kind == .weak { file.weakDependencies.append(file.dependencies.count) }
            file.dependencies.append(target)
        }
        pool.append(file)
        if let name = syntax.package { declarePackage(name, index) }
        for message in syntax.messages {
            pool.files[index].messages.append(declare(message, in: package, parent: nil, index))
        }
        for enumeration in syntax.enums {
            pool.files[index].enums.append(declare(enumeration, in: package, parent: nil, index))
        }
        for field in syntax.extensions {
            pool.files[index].extensions.append(declareExtension(field, in: package, parent: nil, index))
        }
        for service in syntax.services { pool.files[index].services.append(declare(service, in: package, index)) }
    }

    private mutating func declarePackage(_ name: Name, _ file: Int) {
        var prefix = ""
        let parts = name.text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count > 100 {
            report(ProtoRules.limit, "the package has more than 100 parts", name.span, file)
            return
        }
        for part in parts {
            checkIdentifier(Name(text: String(part), span: name.span), file)
            prefix += prefix.isEmpty ? String(part) : "." + part
            packageFiles[prefix, default: []].insert(file)
            guard let other = pool.symbols[prefix] else {
                pool.symbols[prefix] = .package
                continue
            }
            if other != .package { tellTaken(prefix, other, name.span, file) }
        }
    }

    // MARK: Names

    private mutating func register(_ fullName: String, _ symbol: DescriptorPool.Symbol, _ name: Name, _ file: Int) {
        checkIdentifier(name, file)
        if let other = pool.symbols[fullName] {
            tellTaken(fullName, other, name.span, file, isValue: isValue(symbol))
        } else {
            pool.symbols[fullName] = symbol
        }
    }

    private func isValue(_ symbol: DescriptorPool.Symbol) -> Bool {
        if case .value = symbol { true } else { false }
    }

    private mutating func tellTaken(
        _ fullName: String, _ other: DescriptorPool.Symbol, _ span: Span, _ file: Int, isValue: Bool = false
    ) {
        var help: String?
        if isValue || self.isValue(other) {
            help =
                "the values of an enum are names beside the enum, not within it; give each the enum's name as a prefix"
        }
        if case .package = other { help = "a package has this name" }
        var related: [Finding.Related] = []
        if let place = place(of: other) { related.append(Finding.Related(place, "defined here first")) }
        report(
            ProtoRules.name, "`\(fullName)` is defined twice", span, file, label: "this name is taken", help: help,
            related: related)
    }

    /// Only a descriptor set can hold a name that is none.
    private mutating func checkIdentifier(_ name: Name, _ file: Int) {
        guard files[file].isEncoded else { return }
        let bytes = name.text.utf8
        if let first = bytes.first, first.startsIdentifier, bytes.allSatisfy(\.continuesIdentifier) { return }
        report(ProtoRules.descriptorSet, "`\(name.text)` is no name", name.span, file)
    }

    private func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : scope + "." + name }

    // MARK: Messages

    private mutating func declare(
        _ syntax: MessageSyntax, in scope: String, parent: Int?, _ file: Int
    ) -> Int {
        let fullName = join(scope, syntax.name.text)
        let features = pool.files[file].features
        let index = pool.messages.count
        messageSyntax.append(syntax)
        var message = MessageDescriptor(
            name: syntax.name.text, fullName: fullName, file: file, parent: parent, features: features,
            isMapEntry: syntax.isMapEntry, place: range(syntax.name.span, file))
        message.reservedNames = syntax.reservedNames.map(\.text)
        message.reservedRanges = syntax.reservedRanges.map { NumberRange(start: $0.start, end: $0.end) }
        message.extensionRanges = syntax.extensionRanges.map {
            ExtensionRange(numbers: NumberRange(start: $0.start, end: $0.end))
        }
        message.oneofs = syntax.oneofs.map {
            OneofDescriptor(name: $0.name.text, isSynthetic: $0.isSynthetic, features: features)
        }
        for (position, field) in syntax.fields.enumerated() {
            message.fields.append(descriptor(field, join(fullName, field.name.text), container: index, file))
            if message.fieldsByName[field.name.text] == nil { message.fieldsByName[field.name.text] = position }
            if let oneof = field.oneof, message.oneofs.indices.contains(oneof) {
                message.oneofs[oneof].fields.append(position)
            }
        }
        pool.messages.append(message)
        register(fullName, .message(index), syntax.name, file)
        for (position, field) in syntax.fields.enumerated() {
            register(join(fullName, field.name.text), .field(message: index, position), field.name, file)
        }
        for (position, oneof) in syntax.oneofs.enumerated() {
            register(join(fullName, oneof.name.text), .oneof(message: index, position), oneof.name, file)
        }
        for nested in syntax.messages {
            let child = declare(nested, in: fullName, parent: index, file)
            pool.messages[index].messages.append(child)
        }
        for nested in syntax.enums {
            let child = declare(nested, in: fullName, parent: index, file)
            pool.messages[index].enums.append(child)
        }
        for field in syntax.extensions {
            let child = declareExtension(field, in: fullName, parent: index, file)
            pool.messages[index].extensions.append(child)
        }
        return index
    }

    private func descriptor(_ syntax: FieldSyntax, _ fullName: String, container: Int, _ file: Int) -> FieldDescriptor {
        FieldDescriptor(
            name: syntax.name.text, fullName: fullName,
            jsonName: syntax.jsonName?.text ?? JSONNames.name(of: syntax.name.text),
            hasWrittenJSONName: syntax.jsonName != nil, number: syntax.number.value, label: syntax.label ?? .optional,
            type: syntax.type ?? .message, container: container, isExtension: syntax.extendee != nil,
            oneof: syntax.oneof, isProto3Optional: syntax.isProto3Optional, features: pool.files[file].features,
            isMap: syntax.isMap, place: range(syntax.name.span, file), file: file)
    }

    private mutating func declareExtension(
        _ syntax: FieldSyntax, in scope: String, parent: Int?, _ file: Int
    ) -> Int {
        let index = pool.extensions.count
        let fullName = join(scope, syntax.name.text)
        extensionSyntax.append(syntax)
        extensionScopes.append(scope)
        extensionParents.append(parent)
        pool.extensions.append(descriptor(syntax, fullName, container: -1, file))
        register(fullName, .extension(index), syntax.name, file)
        return index
    }

    // MARK: Enums and services

    private mutating func declare(_ syntax: EnumSyntax, in scope: String, parent: Int?, _ file: Int) -> Int {
        let index = pool.enums.count
        enumSyntax.append(syntax)
        var enumeration = EnumDescriptor(
            name: syntax.name.text, fullName: join(scope, syntax.name.text), file: file, parent: parent,
            features: pool.files[file].features, place: range(syntax.name.span, file))
        enumeration.reservedNames = syntax.reservedNames.map(\.text)
        enumeration.reservedRanges = syntax.reservedRanges.map { NumberRange(start: $0.start, end: $0.end) }
        for (position, value) in syntax.values.enumerated() {
            enumeration.values.append(EnumValueDescriptor(name: value.name.text, number: value.number.value))
            if enumeration.valuesByName[value.name.text] == nil { enumeration.valuesByName[value.name.text] = position }
            if enumeration.valuesByNumber[value.number.value] == nil {
                enumeration.valuesByNumber[value.number.value] = position
            }
        }
        pool.enums.append(enumeration)
        register(enumeration.fullName, .enum(index), syntax.name, file)
        for (position, value) in syntax.values.enumerated() {
            register(join(scope, value.name.text), .value(index, position), value.name, file)
        }
        return index
    }

    private mutating func declare(_ syntax: ServiceSyntax, in scope: String, _ file: Int) -> Int {
        let index = pool.services.count
        serviceSyntax.append(syntax)
        let fullName = join(scope, syntax.name.text)
        var service = ServiceDescriptor(
            name: syntax.name.text, fullName: fullName, file: file, place: range(syntax.name.span, file))
        service.methods = syntax.methods.map {
            MethodDescriptor(
                name: $0.name.text, fullName: join(fullName, $0.name.text), input: -1, output: -1,
                clientStreams: $0.clientStreams, serverStreams: $0.serverStreams, place: range($0.name.span, file))
        }
        pool.services.append(service)
        register(fullName, .service(index), syntax.name, file)
        for (position, method) in syntax.methods.enumerated() {
            register(join(fullName, method.name.text), .method(index, position), method.name, file)
        }
        return index
    }
}
