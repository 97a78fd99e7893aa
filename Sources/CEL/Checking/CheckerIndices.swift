import Diagnostics

// Indices of lists, maps and roots.
extension Checker {
    mutating func visit(
        index operand: Syntax, _ index: Syntax, optional: Bool, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        if let root = root(operand), !root.isMessage {
            if let name = literalName(index) {
                return field(of: root, name, optional: optional, range, &findings)
            }
            let key = visit(index, &findings)
            note(root, client: root.sentByClient)
            guard ValueType.string.accepts(key.type) else {
                mismatch(
                    "a \(root.noun) is looked up by its name, a string, found \(key.type)", index.range, &findings)
                return failure(range)
            }
            let type = root.elementType
            return Typed(.readNamed(root, key, optional: optional), optional ? type.asOptional : type, range)
        }
        let object = visit(operand, &findings)
        if case .record = object.type, let name = literalName(index) {
            guard let type = fieldType(object.type, name, optional: optional, &findings) else { return failure(range) }
            return Typed(
                .index(object, visit(index, &findings), optional: optional), optional ? type.asOptional : type, range)
        }
        let key = visit(index, &findings)
        guard let type = elementType(object, key, &findings) else { return failure(range) }
        let result = optional || object.type.isOptional
        return Typed(.index(object, key, optional: result), result ? type.asOptional : type, range)
    }

    private mutating func elementType(
        _ object: Typed, _ key: Typed, _ findings: inout Findings
    ) -> ValueType? {
        var type = object.type
        if case .optional(let wrapped) = type { type = wrapped }
        switch type {
        case .dyn: return .dyn
        case .message:
            mismatch(
                "\(article(type)) has no index", object.range, &findings,
                help: "a field of a message is written behind a dot: a.b")
        case .list(let element):
            if key.type.isNumber || key.type.isDynamic { return element }
            mismatch("the index of a list is an int, found \(key.type)", key.range, &findings)
        case .map, .record:
            guard let (keys, value) = type.entryTypes else { return nil }
            if keys.accepts(key.type) || keys.isNumber && key.type.isNumber { return value }
            mismatch("the keys of this map are \(keys), found \(key.type)", key.range, &findings)
        case .string:
            mismatch(
                "a string has no index", object.range, &findings,
                help: "charAt(i) gives one character, substring(a, b) a part")
        default:
            mismatch("\(article(type)) has no index", object.range, &findings)
        }
        return nil
    }

    /// A string literal as a name; its place is inside of the quotes where that is one for one.
    func literalName(_ syntax: Syntax) -> Syntax.Name? {
        guard case .literal(.string(let name)) = syntax.kind else { return nil }
        let inner = syntax.range.lowerBound + 1..<max(syntax.range.lowerBound + 1, syntax.range.upperBound - 1)
        let plain = inner.upperBound <= text.bytes.count && text.bytes[inner].elementsEqual(name.utf8)
        return Syntax.Name(text: name, range: plain ? inner : syntax.range, form: plain ? .literal : .escaped)
    }
}
