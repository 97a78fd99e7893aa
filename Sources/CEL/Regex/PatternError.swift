/// What is wrong with a regular expression, and where in its text.
struct PatternError: Error, Sendable, Equatable {
    let message: String
    /// In the UTF-8 bytes of the pattern.
    let range: Range<Int>
    let help: String?

    init(_ message: String, _ range: Range<Int>, help: String? = nil) {
        self.message = message
        self.range = range
        self.help = help
    }
}

/// How large a regular expression may become.
struct PatternLimits: Sendable {
    /// Bytes of the pattern.
    let length: Int
    /// Instructions of the program, after counted repetitions were written out.
    let instructions: Int
    /// Ranges of characters in all its sets together, as they are put together.
    let ranges: Int
    /// Whether to make a table of states, which pays off if the pattern is used often.
    let makesAutomaton: Bool

    /// A pattern in a manifest.
    static let loaded = PatternLimits(
        length: 16 * 1024, instructions: 10_000, ranges: 50_000, makesAutomaton: true)
    /// A pattern that is known only when the expression is evaluated.
    static let evaluated = PatternLimits(
        length: 1024, instructions: 1000, ranges: 5000, makesAutomaton: false)

    /// Groups inside one another.
    static let nesting = 200
    /// The highest count of a repetition, also as the product of those inside one another.
    static let repetitions = 1000
}
