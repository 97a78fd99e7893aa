/// A compiled pattern in RE2's syntax, matched in time linear in the text. Immutable, shared by all threads.
final class RegularExpression: Sendable {
    /// The capturing groups in the order of their opening brackets; `\1` is the first.
    let groups: [PatternParser.Group]
    let program: PatternProgram
    private let automaton: PatternAutomaton?

    /// What it took to compile it, in steps of an expression, without the automaton.
    let effort: Int

    /// Instructions that the machine looks at for one step of an expression: together about as long as another step.
    static let workPerStep = 32

    init(_ pattern: String, _ limits: PatternLimits = .loaded) throws(PatternError) {
        let (syntax, parser) = try PatternParser.parse(pattern, limits)
        groups = parser.groups
        program = try PatternCompiler.compile(syntax, parser.sets, limits, 0..<pattern.utf8.count)
        effort = pattern.utf8.count + program.instructions.count + (limits.ranges - parser.rangesLeft) / 8
        automaton = limits.makesAutomaton ? AutomatonBuilder.build(program) : nil
    }

    /// How many instructions the program has.
    var size: Int { program.instructions.count }

    /// Whether whole texts are matched by a table.
    var hasAutomaton: Bool { automaton != nil }

    /// Whether there is a match anywhere; nil if `work` did not last.
    func matches(_ text: UnsafeBufferPointer<UInt8>, _ work: inout Int) -> Bool? {
        if let automaton {
            work -= text.count * Self.workPerStep / Limits.bytesPerStep
            return work < 0 ? nil : automaton.matches(text)
        }
        var slots: [Int32] = []
        switch PikeMachine.search(program, text, from: 0, &slots, &work) {
        case .none: return false
        case .found: return true
        case .exhausted: return nil
        }
    }

    /// The first match at or behind `start`: the leftmost, and of those the one whose alternatives come first.
    ///
    /// - Parameters:
    ///   - slots: filled with where the match and then each group start and end; as many as are wanted, two for each.
    ///   - work: how many instructions may still be looked at.
    func firstMatch(
        in text: UnsafeBufferPointer<UInt8>, from start: Int, _ slots: inout [Int32], _ work: inout Int
    ) -> PikeMachine.Outcome {
        // The table tells sooner that there is none.
        if start == 0, automaton != nil {
            guard let isThere = matches(text, &work) else { return .exhausted }
            if !isThere { return .none }
        }
        return PikeMachine.search(program, text, from: start, &slots, &work)
    }

    /// All matches that do not overlap, from the left. An empty match right behind another match is none, as in RE2.
    ///
    /// - Parameter body: takes the slots; false ends the search.
    /// - Returns: false if `work` did not last.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, slots count: Int, _ work: inout Int, _ body: ([Int32]) -> Bool
    ) -> Bool {
        var slots = Array(repeating: Int32(-1), count: count)
        var at = 0
        var lastEnd = -1
        while at <= text.count {
            switch firstMatch(in: text, from: at, &slots, &work) {
            case .none: return true
            case .exhausted: return false
            case .found: break
            }
            let start = Int(slots[0])
            let end = Int(slots[1])
            let isAccepted = end > start || start != lastEnd
            // Behind an empty match the search goes on one character further.
            at = end > at ? end : at < text.count ? at + decodedScalar(text, at).width : at + 1
            lastEnd = end
            if isAccepted, !body(slots) { return true }
        }
        return true
    }
}
