import Diagnostics

// Operators: which types they take and what they give.
extension Checker {
    mutating func visit(
        _ symbol: UnaryOperator, _ operand: Syntax, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        let typed = visit(operand, &findings)
        switch (symbol, typed.type) {
        case (.not, .bool), (.not, .dyn): return Typed(.unary(symbol, typed), .bool, range)
        case (.negate, .int), (.negate, .double), (.negate, .dyn), (.negate, .duration):
            return Typed(.unary(symbol, typed), typed.type, range)
        default:
            let wanted = symbol == .not ? "bool" : "int or double"
            mismatch("'\(symbol.rawValue)' wants \(wanted), found \(typed.type)", operand.range, &findings)
            return failure(range)
        }
    }

    mutating func visit(
        _ symbol: BinaryOperator, _ place: Range<Int>, _ left: Syntax, _ right: Syntax, _ range: Range<Int>,
        _ findings: inout Findings
    ) -> Typed {
        if symbol == .contains, let root = root(right), root.whole == nil {
            return visit(key: left, in: root, range, &findings)
        }
        if symbol == .subtract, let field = dashedField(left, right) {
            let name = String(decoding: text.bytes[field..<right.range.upperBound], as: UTF8.self)
            report(
                ExpressionRules.unknownName, "'\(name)' is a subtraction here, not a name",
                field..<right.range.upperBound, &findings, help: "put the name in back quotes: `\(name)`",
                suggestion: "`\(name)`")
            return failure(range)
        }
        let first = visit(left, &findings)
        let second = visit(right, &findings)
        guard let type = resultType(symbol, first.type, second.type) else {
            let help = enumHelp([(left, first), (right, second)]) ?? Self.help(symbol, first.type, second.type)
            mismatch(
                "'\(symbol.rawValue)' does not take \(first.type) and \(second.type)", place, &findings, help: help)
            return failure(range)
        }
        return Typed(.binary(symbol, first, second), type, range)
    }

    /// Where the field starts in `headers.x-tenant`, if that is meant: names of any kind are read there, nothing is
    /// called `tenant`, and no blank stands around the dash.
    private func dashedField(_ left: Syntax, _ right: Syntax) -> Int? {
        guard case .name(let word) = right.kind, slot(word) == nil, environment.root(word) == nil,
            left.range.upperBound + 1 == right.range.lowerBound
        else { return nil }
        switch left.kind {
        case .select(let operand, let field, _):
            if let root = root(operand), case .open = root.fields { return field.range.lowerBound }
            return nil
        case .binary(.subtract, _, let first, let second): return dashedField(first, second)
        default: return nil
        }
    }

    /// `"x-a" in headers`, where the names are not a value: whether that one is there.
    private mutating func visit(
        key: Syntax, in root: Root, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        if let name = literalName(key) {
            return visit(presence: Syntax(.name(root.name), range), name, range, &findings)
        }
        let typed = visit(key, &findings)
        usage.reads.insert(root.name)
        if root.sentByClient { usage.readsClient = true }
        guard ValueType.string.accepts(typed.type) else {
            mismatch("a \(root.noun) has a string as its name, found \(typed.type)", key.range, &findings)
            return failure(range)
        }
        return Typed(.presenceNamed(root, typed), .bool, range)
    }

    private func resultType(_ symbol: BinaryOperator, _ left: ValueType, _ right: ValueType) -> ValueType? {
        switch symbol {
        case .add, .subtract, .multiply, .divide, .remainder: Self.arithmetic(symbol, left, right)
        case .equal, .unequal: Self.areComparable(left, right) ? .bool : nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual: Self.areOrdered(left, right) ? .bool : nil
        case .contains: Self.contains(left, right) ? .bool : nil
        }
    }

    private static func arithmetic(
        _ symbol: BinaryOperator, _ left: ValueType, _ right: ValueType
    ) -> ValueType? {
        if left.isDynamic || right.isDynamic {
            // The one known side rules out what it never takes.
            let known = left.isDynamic ? right : left
            switch known {
            case .dyn, .int, .uint, .double: return .dyn
            case .string, .bytes, .list: return symbol == .add ? (known.isList ? .list(.dyn) : known) : nil
            case .timestamp, .duration: return symbol == .add || symbol == .subtract ? .dyn : nil
            default: return nil
            }
        }
        switch (symbol, left, right) {
        case (.remainder, .double, _): return nil
        case (_, .int, .int), (_, .uint, .uint), (_, .double, .double): return left
        case (.add, .string, .string), (.add, .bytes, .bytes): return left
        case (.add, .list(let a), .list(let b)): return .list(a.joined(b) ?? .dyn)
        case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration):
            return .timestamp
        case (.add, .duration, .duration), (.subtract, .duration, .duration), (.subtract, .timestamp, .timestamp):
            return .duration
        default: return nil
        }
    }

    private static func areComparable(_ left: ValueType, _ right: ValueType) -> Bool {
        left.joined(right) != nil || left.isNumber && right.isNumber
    }

    private static func areOrdered(_ left: ValueType, _ right: ValueType) -> Bool {
        func ordered(_ type: ValueType) -> Bool {
            switch type {
            case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .dyn: true
            default: false
            }
        }
        guard ordered(left), ordered(right) else { return false }
        return left == right || left.isDynamic || right.isDynamic || left.isNumber && right.isNumber
    }

    private static func contains(_ element: ValueType, _ collection: ValueType) -> Bool {
        switch collection {
        case .dyn: true
        case .list(let held), .map(let held, _): areComparable(element, held)
        case .record: areComparable(element, .string)
        default: false
        }
    }

    private static func help(_ symbol: BinaryOperator, _ left: ValueType, _ right: ValueType) -> String? {
        let sides = [left, right]
        if let wrapped = sides.first(where: \.isOptional) {
            return "one side is \(wrapped), which may be empty; say what counts then: .orValue(…)"
        }
        if sides.contains(.null), symbol == .equal || symbol == .unequal {
            let other = left == .null ? right : left
            return "\(other) is never null; to see whether a field is there, write has(a.b)"
        }
        if symbol == .contains {
            return right == .string
                ? "write text.contains(part)" : "the right side is a list or a map, found \(right)"
        }
        if sides.contains(.string), let number = sides.first(where: \.isNumber) {
            let reading = "\(number)(…) reads a number from text"
            return symbol == .add ? "string(…) makes text of the \(number), \(reading)" : reading
        }
        if left.isNumber, right.isNumber {
            return symbol == .remainder && left == right
                ? "'%' takes int or uint" : "both sides must be of one type: \(left)(…) or \(right)(…) converts"
        }
        return nil
    }
}

extension ValueType {
    var isList: Bool {
        if case .list = self { return true }
        return false
    }
}
