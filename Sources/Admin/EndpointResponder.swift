import JSON
import NIOCore
import Pipeline
import Synchronization

/// Lets an endpoint answer a request.
final class EndpointResponder: Responder {
    let intake: Intake
    private let endpoint: any Endpoint
    private let waiting = WaitingAnswers()

    init(_ endpoint: any Endpoint) {
        self.endpoint = endpoint
        intake = endpoint.methods.contains("POST") ? .wholeBody : .nothing
    }

    /// Forgets those that ended before their answer was there.
    var cleaning: any Middleware { Cleaning(waiting) }

    func start(_ exchange: inout Exchange) -> Step {
        switch endpoint.reply(to: AdminRequest(exchange)) {
        case .now(let answer): return send(answer, &exchange)
        case .refused(let failure):
            exchange.fail(failure)
            return .fail
        case .later(let work):
            let waiter = waiting.add(&exchange)
            work { [waiting] answer in waiting.deliver(answer, to: waiter) }
            return .wait
        }
    }

    func resume(_ exchange: inout Exchange) -> Step {
        guard let answer = waiting.take(exchange.ticket) else { return .wait }
        return send(answer, &exchange)
    }

    private func send(_ answer: AdminAnswer, _ exchange: inout Exchange) -> Step {
        exchange.response.status = answer.status
        exchange.response.add("content-type") { $0.append(answer.contentType) }
        if let coding = answer.coding { exchange.response.add("content-encoding") { $0.append(coding) } }
        exchange.loop.state.pointee.body.append(answer.body)
        return .done
    }

    private final class Cleaning: Middleware {
        let moments: Moments = [.finish]
        private let waiting: WaitingAnswers

        init(_ waiting: WaitingAnswers) { self.waiting = waiting }

        func finish(_ exchange: inout Exchange, _ outcome: Outcome) { _ = waiting.take(exchange.ticket) }
    }
}

/// Answers on their way to exchanges that wait for them.
private final class WaitingAnswers: Sendable {
    struct Waiter: @unchecked Sendable {
        // @unchecked: the parker is only called on its own loop.
        let ticket: UInt64
        let eventLoop: any EventLoop
        let parker: (any Parker)?
    }

    /// Nil while there is none yet. Who is not in it waits no longer.
    private let answers = Mutex<[UInt64: AdminAnswer?]>([:])

    func add(_ exchange: inout Exchange) -> Waiter {
        let waiter = Waiter(
            ticket: exchange.ticket, eventLoop: exchange.loop.state.pointee.eventLoop, parker: exchange.parker)
        answers.withLock { $0[waiter.ticket] = .some(nil) }
        return waiter
    }

    func deliver(_ answer: AdminAnswer, to waiter: Waiter) {
        // On the loop, and later even if it comes at once: the exchange waits by then.
        waiter.eventLoop.execute { [self] in
            let isMeant = answers.withLock { answers in
                guard answers.index(forKey: waiter.ticket) != nil else { return false }
                answers[waiter.ticket] = .some(answer)
                return true
            }
            if isMeant { waiter.parker?.wake(waiter.ticket, turn: .max) }
        }
    }

    /// The answer, if it is there; none is expected any more then.
    func take(_ ticket: UInt64) -> AdminAnswer? { answers.withLock { $0.removeValue(forKey: ticket) ?? nil } }
}
