/// A policy on trial (`mode: shadow`): it is asked as if it counted, what it would have done is noted, and the call
/// goes on as if it were not there.
package final class ShadowStage: Middleware {
    package let moments: Moments = [.admit, .finish]
    private let stage: any Middleware
    private let note: StageWord
    /// The deadline and the body limit that it would have set; 0 for none.
    private let deadline: StageWord
    private let bodyLimit: StageWord

    /// - Parameter name: what `routes` and the log call it, escaped for JSON.
    package init(_ stage: any Middleware, name: [UInt8], words: StageWords) {
        self.stage = stage
        note = words.takeNote(of: name)
        deadline = words.take()
        bodyLimit = words.take()
    }

    package func admit(_ exchange: inout Exchange) -> Verdict {
        guard stage.moments.contains(.admit) else { return .proceed }
        let (deadline, bodyLimit, reason) = (exchange.deadline, exchange.bodyLimit, exchange.reason)
        let verdict = stage.admit(&exchange)
        if exchange.deadline != deadline { exchange[self.deadline] = exchange.deadline }
        // A limit of nothing is one too: counted from 1.
        if exchange.bodyLimit != bodyLimit {
            exchange[self.bodyLimit] = Int64(exchange.bodyLimit &- (exchange.bodyLimit == .max ? 1 : 0)) + 1
        }
        exchange.deadline = deadline
        exchange.bodyLimit = bodyLimit
        guard verdict != .proceed else { return .proceed }
        exchange[note] = 1
        exchange.failure = nil
        exchange.failedWith = .ok
        exchange.reason = reason
        if verdict == .park {
            stage.withdraw(&exchange)
            exchange.wakeAt = .max
        }
        return .proceed
    }

    package func foretold(_ exchange: inout Exchange) -> String? {
        stage.foretold(&exchange).map { "is on trial, so nothing comes of it: " + $0 }
    }

    package func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        if stage.moments.contains(.finish) { stage.finish(&exchange, outcome) }
        let deadline = exchange[self.deadline]
        let limit = exchange[bodyLimit]
        if deadline != 0 && outcome.ended > deadline || limit != 0 && Int64(exchange.received) >= limit {
            exchange[note] = 1
        }
    }
}
