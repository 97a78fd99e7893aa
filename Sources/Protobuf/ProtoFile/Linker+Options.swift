import Diagnostics

// The third phase: options become the bytes of their messages.
extension Linker {
    /// The message of an element's options, and where its extensions are looked up.
    struct OptionPlace {
        let target: OptionTarget
        let scope: String
        let file: Int
    }

    private struct Reading {
        var tree = OptionTree()
        /// The paths that have a value, by numbers.
        var set: Set<[Int32]> = []
    }

    /// Where the messages of options are known. With a pool of its own nothing else is needed: no file that does not import
    /// google/protobuf/descriptor.proto can extend them.
    var schema: DescriptorPool { builtIn ?? pool }

    /// - Parameter only: of the others the first name decides; nil takes all.
    mutating func interpretOptions(only: ((String) -> Bool)? = nil) {
        // Set at the end: a pool that is being read is not changed.
        var results: [(OptionTarget, [UInt8])] = []
        func add(_ linker: inout Linker, _ target: OptionTarget, _ options: OptionsSyntax, _ scope: String, _ file: Int)
        {
            if let encoded = options.encoded {
                results.append((target, encoded))
                return
            }
            let statements = options.statements.filter { statement in
                guard let only, let first = statement.parts.first else { return true }
                return !first.isExtension && only(first.name.text)
            }
            guard !statements.isEmpty || options.isWritten else { return }
            let place = OptionPlace(target: target, scope: scope, file: file)
            results.append((target, linker.interpret(statements, place)))
        }
        for index in files.indices { add(&self, .file(index), files[index].options, pool.files[index].package, index) }
        for (index, syntax) in messageSyntax.enumerated() {
            let (file, scope) = (pool.messages[index].file, pool.messages[index].fullName)
            let outer = parent(of: scope)
            add(&self, .message(index), syntax.options, outer, file)
            for (position, field) in syntax.fields.enumerated() {
                add(&self, .field(message: index, position), field.options, scope, file)
            }
            for (position, oneof) in syntax.oneofs.enumerated() {
                add(&self, .oneof(message: index, position), oneof.options, scope, file)
            }
            for (position, range) in syntax.extensionRanges.enumerated() {
                add(&self, .range(message: index, position), range.options, outer, file)
            }
        }
        for (index, syntax) in extensionSyntax.enumerated() {
            add(&self, .extension(index), syntax.options, extensionScopes[index], pool.extensions[index].file)
        }
        for (index, syntax) in enumSyntax.enumerated() {
            let (file, scope) = (pool.enums[index].file, parent(of: pool.enums[index].fullName))
            add(&self, .enum(index), syntax.options, scope, file)
            for (position, value) in syntax.values.enumerated() {
                add(&self, .value(enum: index, position), value.options, scope, file)
            }
        }
        for (index, syntax) in serviceSyntax.enumerated() {
            let (file, scope) = (pool.services[index].file, pool.services[index].fullName)
            add(&self, .service(index), syntax.options, parent(of: scope), file)
            for (position, method) in syntax.methods.enumerated() {
                add(&self, .method(service: index, position), method.options, scope, file)
            }
        }
        for (target, bytes) in results { store(bytes, target) }
        // What the parser made of `map<…>`.
        for (index, syntax) in messageSyntax.enumerated() where syntax.isMapEntry && syntax.options.encoded == nil {
            pool.messages[index].options = [7 << 3, 1]
        }
    }

    func parent(of fullName: String) -> String {
        guard let dot = fullName.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(fullName[..<dot])
    }

    private mutating func store(_ bytes: [UInt8], _ target: OptionTarget) {
        switch target {
        case .file(let index): pool.files[index].options = bytes
        case .message(let index): pool.messages[index].options = bytes
        case .field(let message, let index): pool.messages[message].fields[index].options = bytes
        case .oneof(let message, let index): pool.messages[message].oneofs[index].options = bytes
        case .range(let message, let index): pool.messages[message].extensionRanges[index].options = bytes
        case .extension(let index): pool.extensions[index].options = bytes
        case .enum(let index): pool.enums[index].options = bytes
        case .value(let index, let value): pool.enums[index].values[value].options = bytes
        case .service(let index): pool.services[index].options = bytes
        case .method(let service, let index): pool.services[service].methods[index].options = bytes
        }
    }

    // MARK: One element

    private mutating func interpret(_ statements: [OptionSyntax], _ place: OptionPlace) -> [UInt8] {
        guard case .message(let root) = schema.symbols[place.target.type] else { return [] }
        var reading = Reading()
        for statement in statements { interpret(statement, root, place, &reading) }
        return reading.tree.encoded
    }

    private mutating func interpret(
        _ option: OptionSyntax, _ root: Int, _ place: OptionPlace, _ reading: inout Reading
    ) {
        if isReserved(option, place) { return }
        var message = root
        var path: [FieldDescriptor] = []
        for (index, part) in option.parts.enumerated() {
            guard let field = optionField(part, message, option, place) else { return }
            path.append(field)
            uses.append(OptionUse(field: field, target: place.target, span: part.name.span, file: place.file))
            guard index + 1 < option.parts.count else { break }
            guard case .message(let inner) = field.reference else {
                report(
                    ProtoRules.option, "`\(part.name.text)` is of type \(typeText(field)), and has no fields",
                    option.parts[index + 1].name.span, place.file)
                return
            }
            if field.isRepeated {
                report(
                    ProtoRules.option,
                    "`\(part.name.text)` is a list of messages, whose fields cannot be set one by one",
                    part.name.span, place.file,
                    help: "write `option \(part.isExtension ? "(…)" : "…") = { … }` for each")
                return
            }
            message = inner
        }
        guard let field = path.last else { return }
        let numbers = path.map { $0.isExtension ? -$0.number : $0.number }
        if !field.isRepeated, reading.set.contains(numbers) {
            report(
                ProtoRules.option, "option `\(option.text)` is set already", option.span, place.file,
                help: "an option that is not repeated has one value")
            return
        }
        guard let encoded = encode(option.value, field, place, optionText: option.text) else { return }
        for count in 1...max(1, numbers.count) { reading.set.insert(Array(numbers.prefix(count))) }
        if case .message(let fields) = option.value.kind { mark(fields, field, numbers, place, &reading.set) }
        reading.tree.set(path[...], encoded)
    }

    private func typeText(_ field: FieldDescriptor) -> String {
        switch field.reference {
        case .message(let index): "`\(schema.messages[index].fullName)`"
        case .enum(let index): "`\(schema.enums[index].fullName)`"
        case .none: "\(field.type.word)"
        }
    }

    /// What an aggregate sets cannot be set again by a statement of its own.
    private mutating func mark(
        _ fields: [AggregateField], _ field: FieldDescriptor, _ path: [Int32], _ place: OptionPlace,
        _ set: inout Set<[Int32]>
    ) {
        guard case .message(let index) = field.reference else { return }
        for entry in fields {
            guard case .field = entry.key, let inner = schema.messages[index].field(named: entry.name.text) else {
                continue
            }
            set.insert(path + [inner.number])
            if case .message(let more) = entry.value.kind, !inner.isRepeated {
                mark(more, inner, path + [inner.number], place, &set)
            }
        }
    }

    private mutating func isReserved(_ option: OptionSyntax, _ place: OptionPlace) -> Bool {
        guard let first = option.parts.first, !first.isExtension else { return false }
        if first.name.text == "uninterpreted_option" {
            report(ProtoRules.option, "`uninterpreted_option` is for the compiler alone", first.name.span, place.file)
            return true
        }
        if first.name.text == "map_entry", case .message = place.target {
            report(
                ProtoRules.map, "`map_entry` is set by the compiler", first.name.span, place.file,
                help: "write a field `map<…>`")
            return true
        }
        if first.name.text == "features", files[place.file].edition < .edition2023 {
            report(
                ProtoRules.feature, "\(files[place.file].edition.text) has no features", first.name.span, place.file,
                help: "features came with `edition = \"2023\";`")
            return true
        }
        return false
    }

    // MARK: Names of options

    private mutating func optionField(
        _ part: OptionSyntax.Part, _ message: Int, _ option: OptionSyntax, _ place: OptionPlace
    ) -> FieldDescriptor? {
        let name = part.name
        let schema = schema
        guard part.isExtension else {
            if let field = schema.messages[message].field(named: name.text) { return field }
            tellUnknown(name, message, option, place)
            return nil
        }
        guard
            let symbol = resolve(name, scope: place.scope, file: place.file, wanted: .any, what: "option")
        else { return nil }
        if case .extension(let index) = symbol {
            let field = pool.extensions[index]
            if field.file == place.file, schema.messages[message].fullName == "google.protobuf.FeatureSet" {
                report(
                    ProtoRules.feature, "a feature cannot be used in the file that defines it", name.span, place.file)
                return nil
            }
            if field.container >= 0, builtIn == nil, field.container == message { return field }
            // Its own mistake is told where it is made.
            if field.container < 0 { return nil }
        }
        report(
            ProtoRules.option, "`\(name.text)` is no extension of `\(schema.messages[message].fullName)`", name.span,
            place.file, help: "in parentheses stands what an `extend \(schema.messages[message].fullName)` adds")
        return nil
    }

    private mutating func tellUnknown(_ name: Name, _ message: Int, _ option: OptionSyntax, _ place: OptionPlace) {
        let schema = schema
        let owner = schema.messages[message]
        let isTop = option.parts.first?.name.span == name.span
        let near = nearest(name.text, among: owner.fields.map(\.name).filter { $0 != "uninterpreted_option" })
        var help = near.map { "did you mean `\($0)`?" }
        if help == nil, isTop, lookUp(name.text, scope: place.scope, file: place.file).map(isExtension) == true {
            help = "an option that a file defines stands in parentheses: `(\(name.text))`"
        }
        report(
            ProtoRules.option,
            isTop
                ? "a \(place.target.word) has no option `\(name.text)`"
                : "`\(owner.fullName)` has no field `\(name.text)`",
            name.span, place.file, help: help, suggestion: near)
    }

    private func isExtension(_ symbol: DescriptorPool.Symbol) -> Bool {
        if case .extension = symbol { true } else { false }
    }
}
