/// A stage of the chain: a setting of the manifest at work.
///
/// Class-bound, since that was measured the cheapest way to call one of many (docs/decisions/0004). Immutable;
/// what must last is in the exchange, in the loop's state or in a named type behind a lock.
package protocol Middleware: AnyObject, Sendable {
    /// At which moments the plan calls this stage.
    var moments: Moments { get }
    /// In order, before the responder.
    func admit(_ exchange: inout Exchange) -> Verdict
    /// After `admit` said `.park`, when the time has come or somebody woke the exchange.
    func resume(_ exchange: inout Exchange) -> Verdict
    /// In place of `resume`, where the exchange goes on without its answer: gives back what `admit` took to wait for.
    func withdraw(_ exchange: inout Exchange)
    /// In reverse order, before the head of the answer leaves.
    func decorate(_ exchange: inout Exchange)
    /// In reverse order, exactly once for each exchange: refused early, answered, or its client gone. A stage that
    /// took something in `admit` marks it in `exchange.held`, since it may not have been reached.
    func finish(_ exchange: inout Exchange, _ outcome: Outcome)
    /// In place of `finish`, where the `when` of a stage that only looks on turned out false.
    func passOver(_ exchange: inout Exchange)
    /// What `admit` would do, in words, where it would wait, draw lots or count other calls; nil where the request alone
    /// decides. Who asks beforehand what becomes of a request is told this, and the stage is not asked in.
    func foretold(_ exchange: inout Exchange) -> String?
    /// What it lets pages of other origins do; nil but for `cors`. The stage of a route that has one answers the
    /// preflights for that route, in `admit`.
    var originPolicy: (any OriginPolicy)? { get }
}

extension Middleware {
    package func admit(_ exchange: inout Exchange) -> Verdict { .proceed }
    package func resume(_ exchange: inout Exchange) -> Verdict { .proceed }
    package func withdraw(_ exchange: inout Exchange) {}
    package func decorate(_ exchange: inout Exchange) {}
    package func finish(_ exchange: inout Exchange, _ outcome: Outcome) {}
    package func passOver(_ exchange: inout Exchange) {}
    package func foretold(_ exchange: inout Exchange) -> String? { nil }
    package var originPolicy: (any OriginPolicy)? { nil }
}

/// The moments of an exchange that a stage takes part in.
package struct Moments: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let admit = Moments(rawValue: 1)
    package static let decorate = Moments(rawValue: 2)
    package static let finish = Moments(rawValue: 4)
}

/// What a stage says of an exchange that asks in.
package enum Verdict: UInt8, Sendable {
    case proceed
    /// `exchange.failure` says why.
    case refuse
    /// Not now: `exchange.wakeAt` says when, or somebody calls its parker.
    case park
    /// Close the connection without an answer.
    case cut
    /// The stage itself has answered, in `exchange.response`; there is no body.
    case answer
}

/// How an exchange ended.
package struct Outcome: Sendable {
    /// The status that was sent; 499 if the client had gone before, 0 if the connection was closed without an answer.
    package let status: Int
    /// Nanoseconds from the first look at the request to the last byte handed over.
    package let duration: Int64
    /// Monotonic nanoseconds at the end.
    package let ended: Int64
    /// Bytes of the response's body.
    package let bodyBytes: Int
    package let reason: Reason
    /// The same by gRPC's names, whatever the face; of a gRPC call the status of its trailers.
    package let code: Code
    /// Whether a method was called, so that `code` says more than the status.
    package let isRPC: Bool

    package init(
        status: Int, code: Code, isRPC: Bool = false, duration: Int64, ended: Int64, bodyBytes: Int, reason: Reason
    ) {
        self.status = status
        self.code = code
        self.isRPC = isRPC
        self.duration = duration
        self.ended = ended
        self.bodyBytes = bodyBytes
        self.reason = reason
    }
}
