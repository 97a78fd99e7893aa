/// The macros that run over the elements of a list or the keys of a map.
final class Loop: Evaluator {
    private let macro: Macro
    private let over: any Evaluator
    private let condition: (any Evaluator)?
    private let body: any Evaluator
    private let slot: Int
    /// What one round costs: the nodes of its body.
    private let cost: Int

    init(
        _ macro: Macro, over: any Evaluator, slot: Int, condition: (any Evaluator)?, body: any Evaluator, cost: Int
    ) {
        self.macro = macro
        self.over = over
        self.slot = slot
        self.condition = condition
        self.body = body
        self.cost = cost
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let elements: [Value]
        switch over.evaluate(&frame) {
        case .list(let list): elements = list
        case .map(let map): elements = map.keys
        case let other: return other.asFailure("'\(macro.rawValue)' wants a list or a map")
        }
        guard frame.variables.count == slot else { return .failure("a variable is not set") }
        frame.variables.append(.null)
        defer { frame.variables.removeLast() }
        switch macro {
        case .all: return all(elements, until: false, &frame)
        case .exists: return all(elements, until: true, &frame)
        case .existsOne: return existsOne(elements, &frame)
        case .filter: return filter(elements, &frame)
        case .map, .optMap, .optFlatMap: return map(elements, &frame)
        }
    }

    private func enter(_ element: Value, _ frame: inout Frame) -> Bool {
        guard frame.pay(cost) else { return false }
        frame.variables[slot] = element
        return true
    }

    /// As `&&` or `||` over all elements: the deciding value wins over errors.
    private func all(_ elements: [Value], until decisive: Bool, _ frame: inout Frame) -> Value {
        var failure: Value?
        for element in elements {
            guard enter(element, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): if flag == decisive { return .bool(decisive) }
            case let other: failure = failure ?? unfit(other)
            }
            if frame.isExhausted { return .exhausted }
        }
        return failure ?? .bool(!decisive)
    }

    private func existsOne(_ elements: [Value], _ frame: inout Frame) -> Value {
        var count = 0
        for element in elements {
            guard enter(element, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): count += flag ? 1 : 0
            case let other: return unfit(other)
            }
        }
        return .bool(count == 1)
    }

    private func filter(_ elements: [Value], _ frame: inout Frame) -> Value {
        var kept: [Value] = []
        for element in elements {
            guard enter(element, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): if flag { kept.append(element) }
            case let other: return unfit(other)
            }
        }
        return .list(kept)
    }

    private func map(_ elements: [Value], _ frame: inout Frame) -> Value {
        var made: [Value] = []
        made.reserveCapacity(condition == nil ? elements.count : 0)
        for element in elements {
            guard enter(element, &frame) else { return .exhausted }
            if let condition {
                switch condition.evaluate(&frame) {
                case .bool(true): break
                case .bool(false): continue
                case let other: return unfit(other)
                }
            }
            let value = body.evaluate(&frame)
            if value.isError { return value }
            made.append(value)
        }
        return .list(made)
    }

    private func unfit(_ value: Value) -> Value { value.asFailure("the condition of '\(macro.rawValue)' must be bool") }
}

/// `optional.optMap(x, …)`, `optional.optFlatMap(x, …)`
final class OptionalMap: Evaluator {
    private let over: any Evaluator
    private let slot: Int
    private let body: any Evaluator
    private let flat: Bool

    init(over: any Evaluator, slot: Int, body: any Evaluator, flat: Bool) {
        self.over = over
        self.slot = slot
        self.body = body
        self.flat = flat
    }

    func evaluate(_ frame: inout Frame) -> Value {
        switch over.evaluate(&frame) {
        case .optional(nil): return .none
        case .optional(.some(let value)):
            guard frame.variables.count == slot else { return .failure("a variable is not set") }
            frame.variables.append(value)
            defer { frame.variables.removeLast() }
            let result = body.evaluate(&frame)
            if result.isError { return result }
            if !flat { return .optional(result) }
            if case .optional = result { return result }
            return .failure("'optFlatMap' wants an optional as its result, not \(result.typeName)")
        case let other:
            return other.asFailure("'\(flat ? "optFlatMap" : "optMap")' wants an optional")
        }
    }
}
