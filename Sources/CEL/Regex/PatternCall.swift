/// A call of a function whose pattern was compiled at load.
final class PatternCall: Evaluator {
    private let operation: PatternOperation
    private let expression: RegularExpression
    private let text: any Evaluator
    /// Behind the pattern: the replacement and the count.
    private let rest: [any Evaluator]
    /// If it is always the same.
    private let replacement: Replacement?

    init(
        _ operation: PatternOperation, _ expression: RegularExpression, _ text: any Evaluator,
        _ rest: [any Evaluator], _ replacement: Replacement?
    ) {
        self.operation = operation
        self.expression = expression
        self.text = text
        self.rest = rest
        self.replacement = replacement
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let text = text.evaluate(&frame)
        guard case .string(let string) = text else { return unfit(text) }
        guard operation == .replace else { return operation.evaluate(expression, string, nil, count: 0, &frame) }
        var count: Int64 = -1
        var replacement = replacement
        for (place, evaluator) in rest.enumerated() {
            let value = evaluator.evaluate(&frame)
            switch value {
            case .string(let text) where place == 0:
                if replacement != nil { continue }
                do throws(PatternError) {
                    replacement = try Replacement(text, groups: expression.groups.count)
                } catch { return .failure(error.message) }
            case .int(let number) where place == 1: count = number
            default: return unfit(value)
            }
        }
        return operation.evaluate(expression, string, replacement, count: count, &frame)
    }

    private func unfit(_ value: Value) -> Value {
        value.isError ? value : .failure("'\(operation.rawValue)' does not take \(value.typeName) here")
    }
}
