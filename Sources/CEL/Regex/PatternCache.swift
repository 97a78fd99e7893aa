import Synchronization

/// Patterns that were worked out by an expression, compiled: most such patterns come back, from a list in data or put
/// together of the same parts. Two generations, so that what is in use stays while what a client makes up passes
/// through, and the memory is bounded.
final class PatternCache: Sendable {
    private struct Generations {
        var young: [ByteString: RegularExpression] = [:]
        var old: [ByteString: RegularExpression] = [:]

        mutating func found(_ pattern: ByteString) -> RegularExpression? {
            if let expression = young[pattern] { return expression }
            guard let expression = old[pattern] else { return nil }
            keep(expression, pattern)
            return expression
        }

        mutating func keep(_ expression: RegularExpression, _ pattern: ByteString) {
            if young.count >= PatternCache.generationSize {
                old = young
                young = [:]
            }
            young[pattern] = expression
        }
    }

    static let shared = PatternCache()
    fileprivate static let generationSize = 64
    /// Longer ones are compiled each time, so that the cache stays small.
    private static let longest = 256

    private let generations = Mutex(Generations())

    /// The pattern, compiled now or before.
    func expression(_ pattern: String) throws(PatternError) -> RegularExpression {
        guard pattern.utf8.count <= Self.longest else { return try RegularExpression(pattern, .evaluated) }
        let key = ByteString(pattern)
        if let known = generations.withLock({ $0.found(key) }) { return known }
        let made = try RegularExpression(pattern, .evaluated)
        generations.withLock { $0.keep(made, key) }
        return made
    }
}
