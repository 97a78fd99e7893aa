// Macros that bind a variable without a loop of their own kind.
/// `list.sortBy(x, key)`
final class SortBy: Evaluator {
    private let over: any Evaluator
    private let slot: Int
    private let key: any Evaluator
    private let cost: Int

    init(over: any Evaluator, slot: Int, key: any Evaluator, cost: Int) {
        self.over = over
        self.slot = slot
        self.key = key
        self.cost = cost
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let list = over.evaluate(&frame)
        guard case .list(let values) = list else { return list.asFailure("'sortBy' wants a list") }
        guard frame.variables.count == slot else { return .failure("a variable is not set") }
        frame.variables.append(.null)
        defer { frame.variables.removeLast() }
        var keys: [Value] = []
        keys.reserveCapacity(values.count)
        for value in values {
            guard frame.pay(cost) else { return .exhausted }
            frame.variables[slot] = value
            let key = key.evaluate(&frame)
            if key.isError { return key }
            keys.append(key)
        }
        return Ordering.sorted(values, by: keys, "sortBy", &frame)
    }
}

/// `cel.bind(x, value, result)`: the value is worked out once. One that fails does so where it is read.
final class Bind: Evaluator {
    private let value: any Evaluator
    private let slot: Int
    private let body: any Evaluator

    init(_ value: any Evaluator, slot: Int, body: any Evaluator) {
        self.value = value
        self.slot = slot
        self.body = body
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let value = value.evaluate(&frame)
        guard frame.variables.count == slot else { return .failure("a variable is not set") }
        if frame.isExhausted { return .exhausted }
        frame.variables.append(value)
        defer { frame.variables.removeLast() }
        return body.evaluate(&frame)
    }
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
