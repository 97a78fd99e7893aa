/// The macros that run over the elements of a list or the keys of a map, or over both with what belongs to them.
final class Loop: Evaluator {
    private let macro: Macro
    private let over: any Evaluator
    private let condition: (any Evaluator)?
    private let body: any Evaluator
    private let slot: Int
    /// Whether the next slot holds the value beside an index or a key.
    private let pairs: Bool
    /// What one round costs: the nodes of its body.
    private let cost: Int

    init(
        _ macro: Macro, over: any Evaluator, slot: Int, pairs: Bool, condition: (any Evaluator)?,
        body: any Evaluator, cost: Int
    ) {
        self.macro = macro
        self.over = over
        self.slot = slot
        self.pairs = pairs
        self.condition = condition
        self.body = body
        self.cost = cost
    }

    /// What the variables hold, round by round.
    private struct Rounds {
        let count: Int
        /// Nil for the numbers from 0 on.
        let first: [Value]?
        let second: [Value]?
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let rounds: Rounds
        switch over.evaluate(&frame) {
        case .list(let list): rounds = Rounds(count: list.count, first: pairs ? nil : list, second: pairs ? list : nil)
        case .map(let map): rounds = Rounds(count: map.count, first: map.keys, second: pairs ? map.values : nil)
        case let other: return other.asFailure("'\(macro.rawValue)' wants a list or a map")
        }
        guard frame.variables.count == slot else { return .failure("a variable is not set") }
        frame.variables.append(.null)
        if pairs { frame.variables.append(.null) }
        defer { frame.variables.removeLast(pairs ? 2 : 1) }
        switch macro {
        case .all: return all(rounds, until: false, &frame)
        case .exists: return all(rounds, until: true, &frame)
        case .existsOne: return existsOne(rounds, &frame)
        case .filter: return filter(rounds, &frame)
        case .transformMap, .transformMapEntry: return entries(rounds, &frame)
        case .map, .transformList, .optMap, .optFlatMap, .sortBy, .bind: return map(rounds, &frame)
        }
    }

    @inline(__always) private func enter(_ at: Int, _ rounds: Rounds, _ frame: inout Frame) -> Bool {
        guard frame.pay(cost) else { return false }
        frame.variables[slot] = rounds.first.map { $0[at] } ?? .int(Int64(at))
        if let second = rounds.second { frame.variables[slot + 1] = second[at] }
        return true
    }

    /// As `&&` or `||` over all elements: the deciding value wins over errors.
    private func all(_ rounds: Rounds, until decisive: Bool, _ frame: inout Frame) -> Value {
        var failure: Value?
        for at in 0..<rounds.count {
            guard enter(at, rounds, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): if flag == decisive { return .bool(decisive) }
            case let other: failure = failure ?? unfit(other)
            }
            if frame.isExhausted { return .exhausted }
        }
        return failure ?? .bool(!decisive)
    }

    private func existsOne(_ rounds: Rounds, _ frame: inout Frame) -> Value {
        var count = 0
        for at in 0..<rounds.count {
            guard enter(at, rounds, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): count += flag ? 1 : 0
            case let other: return unfit(other)
            }
        }
        return .bool(count == 1)
    }

    private func filter(_ rounds: Rounds, _ frame: inout Frame) -> Value {
        var kept: [Value] = []
        for at in 0..<rounds.count {
            guard enter(at, rounds, &frame) else { return .exhausted }
            switch body.evaluate(&frame) {
            case .bool(let flag): if flag { kept.append(frame.variables[slot]) }
            case let other: return unfit(other)
            }
        }
        return .list(kept)
    }

    private func map(_ rounds: Rounds, _ frame: inout Frame) -> Value {
        var made: [Value] = []
        made.reserveCapacity(condition == nil ? rounds.count : 0)
        for at in 0..<rounds.count {
            guard enter(at, rounds, &frame) else { return .exhausted }
            switch isWanted(&frame) {
            case .bool(true): break
            case .bool(false): continue
            case let error: return error
            }
            let value = body.evaluate(&frame)
            if value.isError { return value }
            made.append(value)
        }
        return .list(made)
    }

    /// A map of the same keys, or of the entries that the body makes.
    private func entries(_ rounds: Rounds, _ frame: inout Frame) -> Value {
        var made: [(key: Value, value: Value)] = []
        for at in 0..<rounds.count {
            guard enter(at, rounds, &frame) else { return .exhausted }
            switch isWanted(&frame) {
            case .bool(true): break
            case .bool(false): continue
            case let error: return error
            }
            let key = frame.variables[slot]
            let value = body.evaluate(&frame)
            if value.isError { return value }
            if macro == .transformMap {
                guard frame.pay(forKey: key) else { return .exhausted }
                made.append((key, value))
            } else {
                guard case .map(let map) = value else {
                    return .failure("'transformMapEntry' wants a map as its result, not \(value.typeName)")
                }
                guard frame.pay(forKeys: map.keys) else { return .exhausted }
                made += map.entries
            }
        }
        let map = MapValue(made)
        return map.count == made.count ? .map(map) : .failure("'\(macro.rawValue)' made a key twice")
    }

    private func isWanted(_ frame: inout Frame) -> Value {
        guard let condition else { return .bool(true) }
        let value = condition.evaluate(&frame)
        if case .bool = value { return value }
        return unfit(value)
    }

    private func unfit(_ value: Value) -> Value { value.asFailure("the condition of '\(macro.rawValue)' must be bool") }
}
