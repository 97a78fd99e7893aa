import JSON

/// `+`, `-`, `*`, `/`, `%`
final class Arithmetic: Evaluator {
    private let symbol: BinaryOperator
    private let left: any Evaluator
    private let right: any Evaluator

    init(_ symbol: BinaryOperator, _ left: any Evaluator, _ right: any Evaluator) {
        self.symbol = symbol
        self.left = left
        self.right = right
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let first = left.evaluate(&frame)
        if first.isError { return first }
        let second = right.evaluate(&frame)
        if second.isError { return second }
        // Ints are what most arithmetic is about; the rest goes the general way.
        if case .int(let a) = first, case .int(let b) = second {
            let result: (partialValue: Int64, overflow: Bool)
            switch symbol {
            case .add: result = a.addingReportingOverflow(b)
            case .subtract: result = a.subtractingReportingOverflow(b)
            default: return first.combined(symbol, second, &frame)
            }
            if !result.overflow { return .int(result.partialValue) }
        }
        return first.combined(symbol, second, &frame)
    }
}

/// `a + b` of two strings: written one behind the other, without making the whole.
final class Concatenation: Evaluator {
    private let left: any Evaluator
    private let right: any Evaluator
    private let sum: Arithmetic

    init(_ left: any Evaluator, _ right: any Evaluator) {
        self.left = left
        self.right = right
        self.sum = Arithmetic(.add, left, right)
    }

    func evaluate(_ frame: inout Frame) -> Value { sum.evaluate(&frame) }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        let start = out.count
        let first = left.write(&frame, &out, encoding)
        guard case .written = first else { return first }
        let second = right.write(&frame, &out, encoding)
        guard case .written = second else { return second }
        let written = out.count - start
        if written > Limits.output { return .failed(Limits.outputExceeded) }
        return frame.pay(bytes: written) ? .written : .failed(Limits.stepsExceeded)
    }
}

final class Negate: Evaluator {
    private let operand: any Evaluator

    init(_ operand: any Evaluator) { self.operand = operand }

    func evaluate(_ frame: inout Frame) -> Value {
        switch operand.evaluate(&frame) {
        case .int(let number):
            let (result, overflow) = (0 as Int64).subtractingReportingOverflow(number)
            return overflow ? .failure("the result of '-' is too large for an int") : .int(result)
        case .double(let number): return .double(-number)
        case .duration(let span):
            let (result, overflow) = (0 as Int64).subtractingReportingOverflow(span.nanoseconds)
            return overflow ? .failure("the duration is out of range") : .duration(TimeSpan(nanoseconds: result))
        case let other: return other.asFailure("'-' wants int or double")
        }
    }
}

/// `==`, `!=`
final class Equal: Evaluator {
    private let left: any Evaluator
    private let right: any Evaluator
    private let wanted: Bool

    init(_ left: any Evaluator, _ right: any Evaluator, wanted: Bool) {
        self.left = left
        self.right = right
        self.wanted = wanted
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let first = left.evaluate(&frame)
        if first.isError { return first }
        let second = right.evaluate(&frame)
        if second.isError { return second }
        let same = first.equals(second, &frame)
        return frame.isExhausted ? .exhausted : .bool(same == wanted)
    }
}

/// `<`, `<=`, `>`, `>=`
final class Ordered: Evaluator {
    private let symbol: BinaryOperator
    private let left: any Evaluator
    private let right: any Evaluator

    init(_ symbol: BinaryOperator, _ left: any Evaluator, _ right: any Evaluator) {
        self.symbol = symbol
        self.left = left
        self.right = right
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let first = left.evaluate(&frame)
        if first.isError { return first }
        let second = right.evaluate(&frame)
        if second.isError { return second }
        if case .string(let text) = first, !frame.pay(bytes: text.utf8.count) { return .exhausted }
        if case .bytes(let bytes) = first, !frame.pay(bytes: bytes.count) { return .exhausted }
        guard let order = first.compared(second) else {
            if first.isNaN || second.isNaN { return .failure("NaN is neither less nor more than a number") }
            return .failure("'\(symbol.rawValue)' does not take \(first.typeName) and \(second.typeName)")
        }
        switch symbol {
        case .less: return .bool(order == .less)
        case .lessOrEqual: return .bool(order == .less || order == .equal)
        case .greater: return .bool(order == .greater)
        default: return .bool(order == .greater || order == .equal)
        }
    }
}

/// `a in b`
final class Contains: Evaluator {
    private let element: any Evaluator
    private let collection: any Evaluator

    init(_ element: any Evaluator, _ collection: any Evaluator) {
        self.element = element
        self.collection = collection
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let element = element.evaluate(&frame)
        if element.isError { return element }
        switch collection.evaluate(&frame) {
        case .list(let list):
            for held in list {
                if held.equals(element, &frame) { return .bool(true) }
                if frame.isExhausted { return .exhausted }
            }
            return .bool(false)
        case .map(let map):
            return frame.pay(forKey: element) ? .bool(map.value(for: element) != nil) : .exhausted
        case let other: return other.asFailure("the right side of 'in' must be a list or a map")
        }
    }
}
