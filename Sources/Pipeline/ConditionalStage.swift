package import CEL

/// A stage that takes part only in calls for which its `when` is true.
package final class ConditionalStage: Middleware {
    package let moments: Moments
    private let stage: any Middleware
    private let condition: Program
    private let answer: StageWord
    /// It only looks on, so its condition may ask how the call ended; it cannot refuse either.
    private let isObserver: Bool

    private enum Answer {
        static let unknown: Int64 = 0
        static let takesPart: Int64 = 1
        static let staysOut: Int64 = 2
    }

    package init(_ stage: any Middleware, when condition: Program, isObserver: Bool, words: StageWords) {
        self.stage = stage
        self.condition = condition
        self.isObserver = isObserver
        self.answer = words.take()
        moments = isObserver ? stage.moments : stage.moments.union(.admit)
    }

    package func admit(_ exchange: inout Exchange) -> Verdict {
        if isObserver { return stage.admit(&exchange) }
        exchange[answer] = Answer.staysOut
        let value = condition.evaluate(exchange.context)
        exchange.conditionTrace?.note(condition, value)
        switch value {
        case .bool(true):
            exchange[answer] = Answer.takesPart
            return stage.moments.contains(.admit) ? stage.admit(&exchange) : .proceed
        case .bool(false):
            // The route that a preflight asks about must not take it for a request.
            return exchange.isPreflight && originPolicy != nil ? exchange.answerOptions() : .proceed
        case .error(let error): return refuse(&exchange, error)
        default: return refuse(&exchange, EvaluationError("a condition is neither true nor false"))
        }
    }

    package func foretold(_ exchange: inout Exchange) -> String? {
        guard !isObserver, let words = stage.foretold(&exchange),
            case .bool(true) = condition.evaluate(exchange.context)
        else { return nil }
        return words
    }

    private func refuse(_ exchange: inout Exchange, _ error: EvaluationError) -> Verdict {
        _ = exchange.failEvaluation(error, readsClient: condition.readsClient)
        return .refuse
    }

    package func resume(_ exchange: inout Exchange) -> Verdict { stage.resume(&exchange) }

    package var originPolicy: (any OriginPolicy)? { stage.originPolicy }

    package func withdraw(_ exchange: inout Exchange) { stage.withdraw(&exchange) }

    package func decorate(_ exchange: inout Exchange) {
        if takesPart(&exchange, orElse: false) { stage.decorate(&exchange) }
    }

    package func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        // Who was never asked in has nothing to give back.
        if !isObserver, exchange[answer] == Answer.unknown { return }
        // It is too late to refuse: a line too much in a log is better than one too few.
        if takesPart(&exchange, orElse: true) {
            stage.finish(&exchange, outcome)
        } else if isObserver {
            stage.passOver(&exchange)
        }
    }

    /// Whether the condition holds; it is asked now if the call was refused before its turn came.
    private func takesPart(_ exchange: inout Exchange, orElse standard: Bool) -> Bool {
        if exchange[answer] == Answer.unknown {
            let holds: Bool
            if case .bool(let value) = condition.evaluate(exchange.context) { holds = value } else { holds = standard }
            exchange[answer] = holds ? Answer.takesPart : Answer.staysOut
        }
        return exchange[answer] == Answer.takesPart
    }
}
