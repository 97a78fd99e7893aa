import CEL
package import Diagnostics
import Manifests
package import Pipeline

/// The cases of a method whose client streams: where the server streams too each message chooses what answers it, else the
/// client's last message does, when all are there.
package final class StreamCases: Responder {
    package let intake = Intake.messages
    private let conditions: [Program]
    private let responders: [any Responder]
    private let delays: [Delay.Time?]
    private let own: (any Responder)?
    private let ownDelay: Delay.Time?
    private let answersEach: Bool
    /// Whether an expression reads all messages of the client.
    private let keepsAll: Bool
    /// Not 0 while what answers is chosen and its delay not over.
    private let pending: StageWord

    /// - Parameters:
    ///   - ownResponder: what answers if none is true; nil if the method has no responder of its own.
    ///   - ownDelay: the method's delay, for cases without one.
    package init?(
        _ cases: [(section: any AnswerCase, range: SourceRange?)], ownResponder: (any Responder)?, ownDelay: Delay?,
        answersEach: Bool, route: SourceRange, _ scope: CompileScope, _ findings: inout Findings
    ) {
        guard let compiled = CompiledCases.Parts(cases, ownResponder: ownResponder, route: route, scope, &findings)
        else { return nil }
        conditions = compiled.conditions
        responders = compiled.responders
        self.ownDelay = ownDelay.flatMap { $0.time(scope, &findings) }
        delays = zip(cases, conditions.indices).map { [own = self.ownDelay] item, _ in
            item.section.delay.map { $0.time(scope, &findings) } ?? own
        }
        own = ownResponder
        self.answersEach = answersEach
        keepsAll = scope.needsRequests
        pending = scope.words.take()
    }

    package func start(_ exchange: inout Exchange) -> Step {
        if answersEach { exchange.response.isStreaming = true }
        return .needInput
    }

    package func input(_ exchange: inout Exchange) -> Step {
        if let message = exchange.message {
            if !keepsAll {
                exchange.memo.pointee.keep(lastRequest: message)
            } else if !exchange.memo.pointee.keep(request: message) {
                exchange.fail(Failure(.resourceExhausted, "the stream's messages are larger than 64 MiB together"))
                return .fail
            }
            return answersEach ? answer(&exchange) : .needInput
        }
        guard exchange.inputEnded else { return .needInput }
        if !answersEach { return answer(&exchange) }
        return (own ?? chosen(exchange))?.input(&exchange) ?? .done
    }

    package func resume(_ exchange: inout Exchange) -> Step {
        guard exchange[pending] != 0 else { return chosen(exchange)?.resume(&exchange) ?? .done }
        exchange[pending] = 0
        return chosen(exchange)?.input(&exchange) ?? .done
    }

    private func answer(_ exchange: inout Exchange) -> Step {
        guard choose(&exchange) else { return .fail }
        let at = exchange.chosenCase
        if let delay = at > 0 ? delays[at - 1] : ownDelay {
            guard let wait = delay.nanoseconds(&exchange) else { return .fail }
            if wait > 0 {
                exchange[pending] = 1
                exchange.wakeAt = LoopClock.later(exchange.loop.state.pointee.clock.now, wait)
                return .wait
            }
        }
        return chosen(exchange)?.input(&exchange) ?? .done
    }

    private func choose(_ exchange: inout Exchange) -> Bool {
        exchange.chosenCase = 0
        for (index, condition) in conditions.enumerated() {
            switch condition.evaluate(exchange.context) {
            case .bool(true):
                exchange.chosenCase = index + 1
                return true
            case .bool(false): continue
            case .error(let error):
                _ = exchange.failEvaluation(error, readsClient: condition.readsClient)
                return false
            default:
                _ = exchange.failEvaluation(
                    EvaluationError("a case's condition is neither true nor false"),
                    readsClient: condition.readsClient)
                return false
            }
        }
        return true
    }

    private func chosen(_ exchange: borrowing Exchange) -> (any Responder)? {
        let chosen = exchange.chosenCase
        return chosen > 0 && chosen <= responders.count ? responders[chosen - 1] : own
    }
}
