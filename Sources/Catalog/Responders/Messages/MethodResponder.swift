import CEL
import JSON
import Pipeline

/// Answers the calls of a method by a template, whichever side streams.
///
/// `exchange.position` is the next message, which is also its `index`; `exchange.remaining` its place among those that are
/// being sent. What holds between two steps is in the exchange, so a stream that waits costs no more than any parked call.
final class MethodResponder: Responder {
    let intake: Intake
    let answersAlone: Bool
    private let answer: MethodAnswer
    private let clientStreams: Bool
    private let serverStreams: Bool
    /// Whether an expression reads all messages of the client.
    private let keepsRequests: Bool

    /// What `exchange.phase` says.
    private enum Phase {
        /// The metadata is in the head.
        static let headed = 1
        /// `remaining` counts, and a list is evaluated.
        static let begun = 2
        /// The next message is due: it was waited for.
        static let due = 4
        /// The client has sent its last message.
        static let ending = 8
    }

    init(_ answer: MethodAnswer, _ method: RPCMethod, keepsRequests: Bool) {
        self.answer = answer
        clientStreams = method.clientStreams
        serverStreams = method.serverStreams
        intake = method.clientStreams ? .messages : .wholeBody
        answersAlone = !method.isStreaming
        self.keepsRequests = keepsRequests
    }

    func start(_ exchange: inout Exchange) -> Step {
        clientStreams ? .needInput : send(&exchange)
    }

    func input(_ exchange: inout Exchange) -> Step {
        if let message = exchange.message {
            if keepsRequests, !exchange.memo.pointee.keep(request: message) {
                exchange.fail(Failure(.resourceExhausted, "the stream's messages are larger than 64 MiB together"))
                return broken(exchange)
            }
            return serverStreams ? send(&exchange) : .needInput
        }
        guard exchange.inputEnded else { return .needInput }
        exchange.phase |= Phase.ending
        return send(&exchange)
    }

    func resume(_ exchange: inout Exchange) -> Step { send(&exchange) }

    private func send(_ exchange: inout Exchange) -> Step {
        if exchange.phase & Phase.headed == 0 {
            if let fault = answer.metadata.addToHead(&exchange) { return fail(fault, &exchange) }
            exchange.phase |= Phase.headed
            // Not before: then the head would leave without the metadata.
            if serverStreams { exchange.response.isStreaming = true }
        }
        let isOver = !clientStreams || exchange.phase & Phase.ending != 0
        let isBidirectional = clientStreams && serverStreams
        let replies = isBidirectional && isOver ? answer.onEnd : answer.replies
        if let replies {
            if let step = send(replies, &exchange) { return step }
        } else if !isOver {
            // An error alone does not wait for the client's end.
            return end(&exchange)
        }
        return isOver ? end(&exchange) : .needInput
    }

    /// Nil when all of them are sent.
    private func send(_ replies: MethodReplies, _ exchange: inout Exchange) -> Step? {
        let state = exchange.loop.state
        if exchange.phase & Phase.begun == 0 {
            exchange.remaining = 0
            if let fault = replies.begin(&exchange) { return fail(fault, &exchange) }
            exchange.phase |= Phase.begun
        }
        let count = replies.count(exchange)
        while exchange.remaining < count {
            if exchange.phase & Phase.due == 0 {
                guard let wait = replies.wait(exchange.remaining, &exchange) else { return broken(exchange) }
                exchange.phase |= Phase.due
                if wait > 0 {
                    exchange.wakeAt = LoopClock.later(state.pointee.clock.now, wait)
                    return .wait
                }
            }
            if let fault = replies.write(exchange.remaining, &exchange) { return fail(fault, &exchange) }
            exchange.phase &= ~Phase.due
            exchange.remaining += 1
            exchange.position += 1
            if serverStreams, state.pointee.body.count >= exchange.room { return .blocked }
        }
        exchange.phase &= ~Phase.begun
        return nil
    }

    private func end(_ exchange: inout Exchange) -> Step {
        if let fault = answer.trailers.addToTrailers(&exchange) { return fail(fault, &exchange) }
        guard let end = answer.end else { return .done }
        end.fail(&exchange)
        return broken(exchange)
    }

    private func fail(_ fault: StreamFault, _ exchange: inout Exchange) -> Step {
        _ = exchange.failEvaluation(fault.error, readsClient: fault.readsClient)
        return broken(exchange)
    }

    /// What was sent before stays; where nothing was, it is a failure like any other.
    private func broken(_ exchange: borrowing Exchange) -> Step {
        let isBegun = serverStreams && exchange.loop.state.pointee.body.count > 0
        return exchange.response.isSent || isBegun ? .breakOff : .fail
    }
}

/// What a template says.
struct MethodAnswer: Sendable {
    var metadata: [MetadataField] = []
    /// Where the client streams and the server too, those to each of its messages.
    var replies: MethodReplies?
    var onEnd: MethodReplies?
    var trailers: [MetadataField] = []
    /// The failure behind the last message.
    var end: CompiledMethodError?
}
