package import CEL

/// What conditions came to on the way of one exchange, in the order in which they were evaluated. No request that is
/// served has one.
package final class ConditionTrace {
    package private(set) var notes: [(condition: String, value: Value)] = []

    package init() {}

    package func note(_ condition: Program, _ value: Value) { notes.append((condition.text, value)) }
}

@available(*, unavailable)
extension ConditionTrace: Sendable {}
