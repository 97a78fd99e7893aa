import Diagnostics

// Macros: what their variables hold, and what comes out.
extension Checker {
    mutating func visit(
        _ macro: Syntax.Comprehension, _ range: Range<Int>, _ findings: inout Findings
    ) -> Typed {
        let over = visit(macro.over, &findings)
        let (first, second) = variableTypes(macro, over.type, &findings)
        let slot = variables.count
        variables.append((macro.variable.text, first))
        if let name = macro.second { variables.append((name.text, second)) }
        defer { variables.removeLast(macro.second == nil ? 1 : 2) }
        let condition = macro.condition.map { syntax in
            bool(syntax, of: macro.name.text, &findings)
        }
        let body: Typed
        switch macro.macro {
        case .all, .exists, .existsOne, .filter: body = bool(macro.body, of: macro.name.text, &findings)
        default: body = visit(macro.body, &findings)
        }
        let type = resultType(macro, over.type, first, body.type, &findings)
        return Typed(
            .loop(
                macro.macro, over: over, slot: slot, pairs: macro.second != nil, condition: condition, body: body),
            type, range)
    }

    /// What the variables hold; the second one only where there is one.
    private mutating func variableTypes(
        _ macro: Syntax.Comprehension, _ over: ValueType, _ findings: inout Findings
    ) -> (ValueType, ValueType) {
        let pairs = macro.second != nil
        let wanted: String
        switch macro.macro {
        case .bind: return (over, .dyn)
        case .optMap, .optFlatMap:
            if let wrapped = over.wrapped { return (wrapped, .dyn) }
            wanted = "an optional"
        case .sortBy:
            if let element = over.element { return (element, .dyn) }
            wanted = "a list"
        default:
            switch over {
            case .list(let element): return pairs ? (.int, element) : (element, .dyn)
            case .map(let key, let value): return (key, value)
            case .record(let record): return (.string, record.element)
            case .dyn: return (.dyn, .dyn)
            default: wanted = "a list or a map"
            }
        }
        mismatch("'\(macro.name.text)' wants \(wanted), found \(over)", macro.name.range, &findings)
        return (.dyn, .dyn)
    }

    private mutating func resultType(
        _ macro: Syntax.Comprehension, _ over: ValueType, _ first: ValueType, _ body: ValueType,
        _ findings: inout Findings
    ) -> ValueType {
        switch macro.macro {
        case .all, .exists, .existsOne: return .bool
        case .filter: return .list(first)
        case .map, .transformList: return .list(body)
        case .optMap: return .optional(body)
        case .transformMap: return .map(first, body)
        case .bind: return body
        case .optFlatMap:
            if !body.isOptional, !body.isDynamic {
                mismatch(
                    "'optFlatMap' wants an optional as its result, found \(body)", macro.body.range, &findings,
                    help: "optMap wraps the result itself")
            }
            return body.isDynamic ? .optional(.dyn) : body
        case .transformMapEntry:
            if body.entryTypes != nil { return body }
            if !body.isDynamic {
                mismatch(
                    "'transformMapEntry' wants a map as its result, found \(body)", macro.body.range, &findings,
                    help: "write the entry in braces: {key: value}; transformMap keeps the keys as they are")
            }
            return .map(.dyn, .dyn)
        case .sortBy:
            if !Ordering.canSort(body) {
                mismatch(
                    "'sortBy' wants a key that has an order, found \(body)", macro.body.range, &findings)
            }
            return over.isList ? over : .list(.dyn)
        }
    }

    private mutating func bool(_ syntax: Syntax, of name: String, _ findings: inout Findings) -> Typed {
        let typed = visit(syntax, &findings)
        if !ValueType.bool.accepts(typed.type) {
            mismatch("the condition of '\(name)' must be bool, found \(typed.type)", syntax.range, &findings)
        }
        return typed
    }
}
