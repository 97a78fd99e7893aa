import JSON

/// Answers the calls of a method that are carried in bodies of HTTP: what the method's responder does with messages, it
/// does, and their forms in the body are made here.
package final class FaceResponder: Responder {
    package let intake: Intake
    package let answersAlone: Bool
    private let inner: any Responder
    private let takesMessages: Bool

    /// - Parameter inner: what answers the method.
    package init(_ inner: any Responder, of method: RPCMethod) {
        self.inner = inner
        takesMessages = method.clientStreams && inner.intake == .messages
        intake = takesMessages ? .bytes : .wholeBody
        answersAlone = inner.answersAlone
    }

    package func start(_ exchange: inout Exchange) -> Step {
        exchange.call.bodyEnded = exchange.inputEnded
        exchange.inputEnded = !takesMessages
        return goOn(inner.start(&exchange), &exchange)
    }

    package func input(_ exchange: inout Exchange) -> Step {
        exchange.call.bodyEnded = exchange.inputEnded
        exchange.inputEnded = false
        return goOn(exchange.keepPiece() ? .needInput : .fail, &exchange)
    }

    package func resume(_ exchange: inout Exchange) -> Step {
        guard exchange.call.isHeldBack else { return goOn(inner.resume(&exchange), &exchange) }
        exchange.call.isHeldBack = false
        return goOn(.needInput, &exchange)
    }

    private func goOn(_ first: Step, _ exchange: inout Exchange) -> Step {
        var step = first
        while true {
            switch step {
            case .needInput:
                guard takesMessages else { return exchange.endCarried() }
                if exchange.loop.state.pointee.body.count >= exchange.room {
                    exchange.call.isHeldBack = true
                    return exchange.carry() ? .blocked : exchange.failCarried()
                }
                guard let next = next(&exchange) else { return exchange.carry() ? .needInput : exchange.failCarried() }
                step = next
            case .done: return exchange.endCarried()
            case .fail, .breakOff: return exchange.failCarried()
            case .wait, .blocked: return exchange.carry() ? step : exchange.failCarried()
            case .cut: return .cut
            }
        }
    }

    /// Hands on the next message, or the end; nil where neither is there yet.
    private func next(_ exchange: inout Exchange) -> Step? {
        // Who was told of the end and wants more gets no more.
        if exchange.inputEnded { return .done }
        switch exchange.nextWaitingMessage() {
        case .refused: return .fail
        case .message: break
        case .more:
            guard exchange.call.bodyEnded else { return nil }
            guard exchange.endMessages() else { return .fail }
            exchange.inputEnded = true
            exchange.message = nil
        }
        let step = inner.input(&exchange)
        // Who waits may still read it.
        if step == .wait || step == .blocked {
            exchange.holdMessage()
        } else {
            exchange.message = nil
        }
        return step
    }
}
