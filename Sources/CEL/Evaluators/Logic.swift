import JSON

/// `a && b && c`: false wins over an error, wherever it stands (CEL specification, "Logical operators").
final class And: Evaluator {
    private let terms: [any Evaluator]

    init(_ terms: [any Evaluator]) { self.terms = terms }

    func evaluate(_ frame: inout Frame) -> Value {
        var failure: Value?
        for term in terms {
            switch term.evaluate(&frame) {
            case .bool(true): continue
            case .bool(false): return .bool(false)
            case let other: failure = failure ?? other.asFailure("'&&' wants bool")
            }
            if frame.isExhausted { return .exhausted }
        }
        return failure ?? .bool(true)
    }
}

/// `a || b || c`: true wins over an error.
final class Or: Evaluator {
    private let terms: [any Evaluator]

    init(_ terms: [any Evaluator]) { self.terms = terms }

    func evaluate(_ frame: inout Frame) -> Value {
        var failure: Value?
        for term in terms {
            switch term.evaluate(&frame) {
            case .bool(false): continue
            case .bool(true): return .bool(true)
            case let other: failure = failure ?? other.asFailure("'||' wants bool")
            }
            if frame.isExhausted { return .exhausted }
        }
        return failure ?? .bool(false)
    }
}

final class Not: Evaluator {
    private let operand: any Evaluator

    init(_ operand: any Evaluator) { self.operand = operand }

    func evaluate(_ frame: inout Frame) -> Value {
        switch operand.evaluate(&frame) {
        case .bool(let flag): .bool(!flag)
        case let other: other.asFailure("'!' wants bool")
        }
    }
}

/// `a ? b : c`: the side not taken is not evaluated.
final class Conditional: Evaluator {
    private let condition: any Evaluator
    private let yes: any Evaluator
    private let no: any Evaluator

    init(_ condition: any Evaluator, _ yes: any Evaluator, _ no: any Evaluator) {
        self.condition = condition
        self.yes = yes
        self.no = no
    }

    func evaluate(_ frame: inout Frame) -> Value {
        switch condition.evaluate(&frame) {
        case .bool(let flag): flag ? yes.evaluate(&frame) : no.evaluate(&frame)
        case let other: other.asFailure("the condition before '?' must be bool")
        }
    }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        switch condition.evaluate(&frame) {
        case .bool(let flag):
            return flag ? yes.write(&frame, &out, encoding) : no.write(&frame, &out, encoding)
        case let other:
            return other.asFailure("the condition before '?' must be bool").writeOutcome(&out, encoding)
        }
    }
}

extension Value {
    /// The error that this is, or one that says what was wanted instead.
    func asFailure(_ wanted: String) -> Value { isError ? self : .failure("\(wanted), not \(typeName)") }
}
