import Diagnostics

// Names and fields: what an expression reads.
extension Checker {
    private static let typeNames: [String: ValueType] = [
        "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
        "list": .list(.dyn), "map": .map(.dyn, .dyn), "null_type": .null, "type": .type(nil), "dyn": .dyn,
        "optional_type": .optional(.dyn), "google.protobuf.Timestamp": .timestamp,
        "google.protobuf.Duration": .duration, "net.IP": .ip, "net.CIDR": .cidr,
    ]

    /// The root that a name means, unless a variable of a macro hides it.
    func root(_ syntax: Syntax) -> Root? {
        guard case .name(let name) = syntax.kind, slot(name) == nil, let root = environment.root(name) else {
            return nil
        }
        if case .none = root.fields { return nil }
        return root
    }

    func slot(_ name: String) -> Int? { variables.lastIndex { sameBytes($0.name, name) } }

    mutating func visit(name: String, _ range: Range<Int>, _ findings: inout Findings) -> Typed {
        if let slot = slot(name) { return Typed(.variable(slot: slot), variables[slot].type, range) }
        if let root = environment.root(name) { return whole(root, range, &findings) }
        if let type = Self.typeNames[name] { return Typed(.constant(.type(type)), .type(type), range) }
        if let declared = declared(name, range, &findings) { return declared }
        unknown(name, range, &findings)
        return failure(range)
    }

    private mutating func unknown(_ name: String, _ range: Range<Int>, _ findings: inout Findings) {
        if let reason = environment.elsewhere[name] {
            report(
                ExpressionRules.unknownName, "'\(name)' is not available here: \(reason)", range, &findings,
                help: available(environment.roots.map(\.name)))
            return
        }
        if FunctionTable.isGlobal(name) {
            report(
                ExpressionRules.unknownName, "'\(name)' is a function, not a value", range, &findings,
                help: "call it: \(name)(\(FunctionTable.takesNothing(name) ? "" : "…"))")
            return
        }
        let names = variables.map(\.name) + environment.roots.map(\.name)
        let suggestion = Suggest.nearest(name, among: names)
        report(
            ExpressionRules.unknownName, "unknown name '\(name)'", range, &findings,
            help: help(suggestion, available(names)), suggestion: suggestion)
    }

    private func available(_ names: [String]) -> String {
        names.isEmpty ? "nothing is available here" : "available: " + names.sorted().joined(separator: ", ")
    }

    func help(_ suggestion: String?, _ available: String) -> String {
        suggestion.map { "did you mean '\($0)'? \(available)" } ?? available
    }

    mutating func note(_ root: Root, field: String? = nil, client: Bool, secret: Bool = false) {
        if secret { usage.readsSecret = true }
        usage.reads.insert(root.name)
        if let field { usage.reads.insert("\(root.name).\(field)") }
        if client { usage.readsClient = true }
    }

    private mutating func whole(_ root: Root, _ range: Range<Int>, _ findings: inout Findings) -> Typed {
        note(root, client: root.sentByClient)
        guard let reader = root.whole else {
            let example: String
            switch root.fields {
            case .closed(let fields): example = fields.first.map { "\(root.name).\($0.name)" } ?? "nothing of it"
            case .open: example = root.lowerCaseNames ? "\(root.name)[\"name\"]" : "\(root.name).name"
            case .none: example = root.name
            }
            report(
                ExpressionRules.typeMismatch, "'\(root.name)' is not a value as a whole", range, &findings,
                help: "read a \(root.noun) of it, as in \(example)")
            return failure(range)
        }
        return Typed(
            .read(reader, missing: EvaluationError("'\(root.name)' is not there", isFixed: true)), root.type, range)
    }

    // MARK: Fields

    mutating func visit(
        select operand: Syntax, _ field: Syntax.Name, optional: Bool, _ syntax: Syntax, _ findings: inout Findings
    ) -> Typed {
        if let name = syntax.qualifiedName, isAbsolute(syntax.range) || !startsWithKnownName(syntax) {
            if let type = Self.typeNames[name] { return Typed(.constant(.type(type)), .type(type), syntax.range) }
            if let declared = declared(name, syntax.range, &findings) { return declared }
        }
        if let root = root(operand) {
            return self.field(of: root, field, optional: optional, syntax.range, &findings)
        }
        let object = visit(operand, &findings)
        guard let type = fieldType(object.type, field, optional: optional, &findings) else {
            return failure(syntax.range)
        }
        let chained = object.type.isOptional
        return Typed(
            .select(object, field.text, optional: optional || chained),
            optional || chained ? type.asOptional : type, syntax.range)
    }

    private func startsWithKnownName(_ syntax: Syntax) -> Bool {
        switch syntax.kind {
        case .select(let operand, _, _): startsWithKnownName(operand)
        case .name(let name): slot(name) != nil || environment.root(name) != nil
        default: false
        }
    }

    mutating func fieldType(
        _ type: ValueType, _ field: Syntax.Name, optional: Bool, _ findings: inout Findings
    ) -> ValueType? {
        switch type {
        case .dyn: return .dyn
        case .optional(let wrapped): return fieldType(wrapped, field, optional: optional, &findings)
        case .record(let record):
            if let type = record.type(of: field.text) { return type }
            // Who writes `.?` knows that it may be missing.
            if optional { return .dyn }
            unknown(field, of: record, &findings)
            return nil
        case .message(let name):
            guard let message = environment.messages.type(named: name) else { return .dyn }
            if let at = message.place(of: field.text) { return message.fields[at].reads }
            unknown(field, of: message, &findings)
            return nil
        case .map(let key, let value):
            if key.accepts(.string) { return value }
            mismatch(
                "the keys of this map are \(key), not string", field.range, &findings,
                help: "look it up by a \(key): map[…]")
            return nil
        default:
            let method = FunctionTable.isMethod(field.text)
            mismatch(
                "\(article(type)) has no fields", field.range, &findings,
                help: method ? "call it: \(field.text)(…)" : nil)
            return nil
        }
    }

    private mutating func unknown(_ field: Syntax.Name, of record: RecordType, _ findings: inout Findings) {
        let suggestion = record.names.count <= 1000 ? Suggest.nearest(field.text, among: record.names) : nil
        let shown = record.names.prefix(12).joined(separator: ", ")
        let more = record.names.count - 12
        let available =
            record.names.isEmpty ? "it has no fields" : "available: " + shown + (more > 0 ? " and \(more) more" : "")
        report(
            ExpressionRules.unknownName, "unknown field '\(field.text)'", field.range, &findings,
            help: help(suggestion, available), suggestion: suggestion.flatMap(field.replacement))
    }

    func article(_ type: ValueType) -> String {
        switch type {
        case .int: "an \(type)"
        case .null: "null"
        case .bytes: "a value of bytes"
        default: "a \(type)"
        }
    }

    mutating func field(
        of root: Root, _ field: Syntax.Name, optional: Bool, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        let name = field.text
        let missing = EvaluationError("no \(root.noun) '\(name)'", isFixed: true)
        switch root.fields {
        case .closed(let fields):
            guard let found = fields.first(where: { sameBytes($0.name, name) }) else {
                note(root, client: false)
                if optional, !root.isMessage { return Typed(.constant(.none), .optional(.dyn), range) }
                unknown(field, of: root, fields.map(\.name), &findings)
                return failure(range)
            }
            note(root, field: found.name, client: found.sentByClient, secret: found.isSecret)
            return optional
                ? Typed(.readOptional(found.reader), found.type.asOptional, range)
                : Typed(.read(found.reader, missing: missing), found.type, range)
        case .none: return failure(range)
        case .open(let any, let make):
            note(root, client: root.sentByClient)
            guard checkCase(field, of: root, &findings) else { return failure(range) }
            let reader = make(name)
            let type = reader.ownType ?? any
            return optional
                ? Typed(.readOptional(reader), type.asOptional, range)
                : Typed(.read(reader, missing: missing), type, range)
        }
    }

    private mutating func unknown(
        _ field: Syntax.Name, of root: Root, _ names: [String], _ findings: inout Findings
    ) {
        if let reason = environment.elsewhere["\(root.name).\(field.text)"] {
            report(
                ExpressionRules.unknownName, "the \(root.noun) '\(field.text)' is not available here: \(reason)",
                field.range, &findings,
                help: names.isEmpty
                    ? "no \(root.noun) is available here; write what it stands for" : available(names))
            return
        }
        if case .message(let name) = root.type, let type = environment.messages.type(named: name) {
            return unknown(field, of: type, &findings)
        }
        let suggestion = Suggest.nearest(field.text, among: names)
        let available = names.isEmpty ? "there is none here" : "available: " + names.sorted().joined(separator: ", ")
        report(
            ExpressionRules.unknownName, "unknown \(root.noun) '\(field.text)'", field.range, &findings,
            help: help(suggestion, available), suggestion: suggestion.flatMap(field.replacement))
    }

    private mutating func checkCase(
        _ field: Syntax.Name, of root: Root, _ findings: inout Findings
    ) -> Bool {
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard root.lowerCaseNames, field.text.utf8.contains(where: upper.contains) else { return true }
        let lower = field.text.lowercased()
        report(
            ExpressionRules.headerCase, "the \(root.noun) '\(field.text)' is never found: names are lower case here",
            field.range, &findings, help: "write '\(lower)'", suggestion: field.replacement(lower))
        return false
    }

    mutating func visit(
        presence operand: Syntax, _ field: Syntax.Name, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        if let root = root(operand) {
            let read = self.field(of: root, field, optional: false, range, &findings)
            guard case .read(let reader, _) = read.kind else { return failure(range) }
            return Typed(.presence(reader), .bool, range)
        }
        let object = visit(operand, &findings)
        guard fieldType(object.type, field, optional: true, &findings) != nil else { return failure(range) }
        return Typed(.presenceIn(object, field.text), .bool, range)
    }
}

extension ValueType {
    var isOptional: Bool {
        if case .optional = self { return true }
        return false
    }

    /// Wrapped once, however often it is asked for: `a.?b.?c` is one optional.
    var asOptional: ValueType { isOptional ? self : .optional(self) }
}

extension Root {
    var isMessage: Bool {
        if case .message = type { return true }
        return false
    }

    /// What a field holds whose name is known only at run time.
    var elementType: ValueType {
        switch fields {
        case .none: .dyn
        case .open(let type, _): type
        case .closed(let fields):
            open(fields).dropFirst().reduce(open(fields).first?.type ?? .dyn) { $0.joined($1.type) ?? .dyn }
        }
    }

    /// The reader of a field by name, made at run time.
    func reader(_ name: String) -> (any Reader)? {
        switch fields {
        case .none: nil
        case .open(_, let make): make(name)
        case .closed(let fields): open(fields).first { sameBytes($0.name, name) }?.reader
        }
    }

    /// Those that a name which is worked out at run time can reach: never a secret, since a client may choose the name.
    private func open(_ fields: [Field]) -> [Field] { fields.filter { !$0.isSecret } }
}
