/// What answers a route, as a step machine: one shape for answers at once, streams, files and waiting.
///
/// It sets `exchange.response` and appends the body to the loop's `body` writer; the face takes what is there after
/// each step. State between steps is in the exchange (`phase`, `position`, `remaining`, `file`).
package protocol Responder: AnyObject, Sendable {
    var intake: Intake { get }
    /// Whether `start` needs nothing but the exchange, so that it may be asked for an answer that nobody waits for.
    var answersAlone: Bool { get }
    /// The first step; with `.wholeBody` the body is in `exchange.body` by then.
    func start(_ exchange: inout Exchange) -> Step
    /// With `.bytes`: `exchange.piece` holds more of the body, or `exchange.inputEnded` says it is over.
    func input(_ exchange: inout Exchange) -> Step
    /// The time came (`.wait`), or there is room again (`.blocked`).
    func resume(_ exchange: inout Exchange) -> Step
}

extension Responder {
    package var answersAlone: Bool { false }
    package func input(_ exchange: inout Exchange) -> Step { .done }
    package func resume(_ exchange: inout Exchange) -> Step { .done }
}

/// What a failure looks like where the manifest says so.
package protocol FailureRenderer: AnyObject, Sendable {
    /// Writes the answer for the exchange's failure; false if there is none for this status, or it could not be made.
    func render(_ exchange: inout Exchange, status: Int) -> Bool
}

/// How much of the request's body a responder wants.
package enum Intake: UInt8, Sendable {
    /// None: it is read, counted and dropped before the answer.
    case nothing
    case wholeBody
    /// Piece by piece, as it comes.
    case bytes
    /// Message by message: `start` is called before the first, `input` for each with it in `exchange.message`, and once
    /// more without one when `exchange.inputEnded`. Only on methods whose client streams.
    case messages
}

/// What a responder wants next.
package enum Step: UInt8, Sendable {
    /// The answer is whole.
    case done
    /// More of the request's body.
    case needInput
    /// To be called again at `exchange.wakeAt`.
    case wait
    /// To be called again when the peer has read.
    case blocked
    /// `exchange.failure` says why.
    case fail
    /// Close the connection at once.
    case cut
    /// Send what is written, and end there so that the peer sees that the answer is not whole.
    case breakOff
}
