import CEL
package import Diagnostics
import Manifests
package import Pipeline

/// The cases of a method whose client streams: where the server streams too each message chooses what answers it, else the
/// client's last message does, when all are there.
package final class StreamCases: Responder {
    package let intake = Intake.messages
    private let conditions: CaseConditions
    private let chosen: CompiledCases.ChosenResponder
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
        guard let parts = CompiledCases.Parts(cases, ownResponder: ownResponder, route: route, scope, &findings)
        else { return nil }
        conditions = parts.conditions
        chosen = CompiledCases.ChosenResponder(own: ownResponder, cases: parts.responders)
        self.ownDelay = ownDelay.flatMap { $0.time(scope, &findings) }
        delays = cases.map { [own = self.ownDelay] item in
            item.section.delay.map { $0.time(scope, &findings) } ?? own
        }
        own = ownResponder
        self.answersEach = answersEach
        keepsAll = scope.needsRequests
        pending = scope.words.take()
    }

    package func start(_ exchange: inout Exchange) -> Step { .needInput }

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
        if let own { return own.input(&exchange) }
        return exchange.chosenCase > 0 ? chosen.input(&exchange) : .done
    }

    package func resume(_ exchange: inout Exchange) -> Step {
        guard exchange[pending] != 0 else { return chosen.resume(&exchange) }
        exchange[pending] = 0
        return chosen.input(&exchange)
    }

    private func answer(_ exchange: inout Exchange) -> Step {
        guard conditions.choose(&exchange) else { return .fail }
        if let delay = delays.chosen(exchange.chosenCase) ?? ownDelay {
            guard let wait = delay.nanoseconds(&exchange) else { return .fail }
            if wait > 0 {
                exchange[pending] = 1
                exchange.wakeAt = LoopClock.later(exchange.loop.state.pointee.clock.now, wait)
                return .wait
            }
        }
        return chosen.input(&exchange)
    }
}
