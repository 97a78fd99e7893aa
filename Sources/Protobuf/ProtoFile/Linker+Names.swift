import Diagnostics

// Looking names up, as protoc does: innermost scope first, and the first part of a dotted name decides (language guide,
// "Packages and Name Resolution").
extension Linker {
    enum Wanted {
        case type
        case message
        case any
    }

    /// What a search met.
    private struct Search {
        var symbol: DescriptorPool.Symbol?
        /// A scope has the first part of the name, but not the rest.
        var ending: String?
        /// It is there, in a file that is not imported.
        var hidden: (file: Int, name: String)?
    }

    /// Reports what is not found.
    mutating func resolve(
        _ name: Name, scope: String, file: Int, wanted: Wanted, what: String
    ) -> DescriptorPool.Symbol? {
        let search = search(name.text, scope: scope, file: file, wanted: wanted)
        if let symbol = search.symbol {
            if let other = self.file(of: symbol), other != file { used[file].insert(other) }
            return symbol
        }
        tellMissing(name, search, scope: scope, file: file, wanted: wanted, what: what)
        return nil
    }

    /// Without a report.
    mutating func lookUp(_ name: String, scope: String, file: Int) -> DescriptorPool.Symbol? {
        let symbol = search(name, scope: scope, file: file, wanted: .any).symbol
        if let symbol, let other = self.file(of: symbol), other != file { used[file].insert(other) }
        return symbol
    }

    private func search(_ name: String, scope: String, file: Int, wanted: Wanted) -> Search {
        var result = Search()
        if name.utf8.first == UInt8(ascii: ".") {
            result.symbol = visibleSymbol(String(name.dropFirst()), file, &result)
            return result
        }
        let first = name.prefix { $0 != "." }
        let isDotted = first.utf8.count < name.utf8.count
        var scope = Substring(scope)
        while true {
            let prefix = scope.isEmpty ? "" : scope + "."
            if let symbol = visibleSymbol(prefix + first, file, &result) {
                if !isDotted {
                    if wanted != .type || isType(symbol) {
                        result.symbol = symbol
                        return result
                    }
                } else if holdsNames(symbol) {
                    result.symbol = visibleSymbol(prefix + name, file, &result)
                    if result.symbol == nil { result.ending = prefix + name }
                    return result
                }
            }
            if scope.isEmpty { return result }
            if let dot = scope.utf8.lastIndex(of: UInt8(ascii: ".")) { scope = scope[..<dot] } else { scope = "" }
        }
    }

    private func visibleSymbol(_ name: String, _ file: Int, _ search: inout Search) -> DescriptorPool.Symbol? {
        guard let symbol = pool.symbols[name] else { return nil }
        guard let home = self.file(of: symbol) else {
            return packageFiles[name].map { !$0.isDisjoint(with: visible[file]) } == true ? symbol : nil
        }
        if visible[file].contains(home) { return symbol }
        if search.hidden == nil { search.hidden = (home, name) }
        return nil
    }

    private func isType(_ symbol: DescriptorPool.Symbol) -> Bool {
        switch symbol {
        case .message, .enum: true
        default: false
        }
    }

    private func holdsNames(_ symbol: DescriptorPool.Symbol) -> Bool {
        switch symbol {
        case .message, .enum, .package, .service: true
        default: false
        }
    }

    // MARK: What is not found

    private mutating func tellMissing(
        _ name: Name, _ search: Search, scope: String, file: Int, wanted: Wanted, what: String
    ) {
        guard !isFull else { return }
        if let hidden = search.hidden, search.ending == nil {
            report(
                ProtoRules.type, "`\(hidden.name)` is in a file that is not imported", name.span, file,
                help: "add `import \"\(files[hidden.file].path.text)\";`")
            return
        }
        // It may have been in what could not be read.
        if visible[file].contains(where: { files[$0].isBroken }) { return }
        if let ending = search.ending {
            report(
                ProtoRules.type, "there is no \(what) `\(name.text)`", name.span, file,
                help:
                    "the innermost scope with its first part decides, and that has no `\(ending)`; a dot before the name "
                    + "starts the search from the root")
            return
        }
        if wanted == .type, let other = self.search(name.text, scope: scope, file: file, wanted: .any).symbol {
            report(ProtoRules.type, "`\(name.text)` is \(noun(other)), and no type", name.span, file)
            return
        }
        let near = suggestion(name.text, scope: scope, file: file, wanted: wanted)
        report(
            ProtoRules.type, "there is no \(what) `\(name.text)`", name.span, file,
            help: near.map { "did you mean `\($0)`?" }, suggestion: near)
    }

    private func noun(_ symbol: DescriptorPool.Symbol) -> String {
        switch symbol {
        case .package: "a package"
        case .message: "a message"
        case .enum: "an enum"
        case .value: "a value of an enum"
        case .field: "a field"
        case .oneof: "a oneof"
        case .extension: "an extension"
        case .service: "a service"
        case .method: "a method"
        }
    }

    private mutating func suggestion(_ name: String, scope: String, file: Int, wanted: Wanted) -> String? {
        guard spendPatience() else { return nil }
        let word = name.utf8.split(separator: UInt8(ascii: ".")).last.map { String($0) ?? "" } ?? ""
        var byWord: [String: String] = [:]
        if wanted == .type, !name.utf8.contains(UInt8(ascii: ".")) {
            for scalar in FieldType.scalarWords { byWord[scalar] = scalar }
        }
        func add(_ simple: String, _ fullName: String) {
            let parent = fullName.utf8.count > simple.utf8.count ? String(fullName.dropLast(simple.count + 1)) : ""
            let isNear = parent.isEmpty || scope == parent || scope.hasPrefix(parent + ".")
            if byWord[simple] == nil || isNear { byWord[simple] = isNear ? simple : fullName }
        }
        for message in pool.messages where visible[file].contains(message.file) && !message.isMapEntry {
            add(message.name, message.fullName)
        }
        if wanted == .type {
            for enumeration in pool.enums where visible[file].contains(enumeration.file) {
                add(enumeration.name, enumeration.fullName)
            }
        }
        // The same word elsewhere is nearer than any other.
        if let same = byWord[word] { return same }
        return Suggest.nearest(word, among: byWord.keys.sorted()).flatMap { byWord[$0] }
    }
}
