package import CEL

extension Exchange {
    /// A failed expression is the client's mistake if it read what the client sent, else the server's.
    package mutating func failEvaluation(_ error: EvaluationError, readsClient: Bool) -> Step {
        fail(readsClient ? Failure(.invalidArgument, error.message) : Failure(.internal, error.message))
        return .fail
    }
}
