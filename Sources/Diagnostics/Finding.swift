/// What a mistake is: a rule that a manifest breaks, at a place.
package struct Rule: Sendable {
    package enum Level: String, Sendable {
        case error
        case warning
    }

    /// What `radicled explain` and suppressions call it: lower-case words with hyphens.
    package let id: String
    package let level: Level
    /// One line, lower case, no full stop.
    package let summary: String
    /// Why it is a mistake and what to do, in plain prose.
    package let explanation: String
    /// A manifest that breaks the rule, and one that does not; a test lints both.
    package let bad: String
    package let good: String

    package init(
        _ id: String, _ level: Level = .error, summary: String, explanation: String, bad: String, good: String
    ) {
        self.id = id
        self.level = level
        self.summary = summary
        self.explanation = explanation
        self.bad = bad
        self.good = good
    }
}

/// One mistake, with its place and its fix.
package struct Finding: Sendable {
    /// Another place that belongs to the mistake: the first definition, the route that wins.
    package struct Related: Sendable, Hashable {
        package let range: SourceRange
        package let message: String

        package init(_ range: SourceRange, _ message: String) {
            self.range = range
            self.message = message
        }
    }

    package let rule: Rule
    /// Lower case, no full stop, stands alone.
    package let message: String
    package let range: SourceRange
    /// What to write under the caret; short.
    package var label: String?
    /// How to mend it, in words.
    package var help: String?
    /// The text that would replace what the range covers.
    package var suggestion: String?
    package var related: [Related] = []

    package init(
        _ rule: Rule, _ message: String, at range: SourceRange, label: String? = nil, help: String? = nil,
        suggestion: String? = nil, related: [Related] = []
    ) {
        self.rule = rule
        self.message = message
        self.range = range
        self.label = label
        self.help = help
        self.suggestion = suggestion
        self.related = related
    }

    package var level: Rule.Level { rule.level }
}

/// All mistakes of one run. Loading never throws for a user's mistake: it reports here and goes on.
package struct Findings: ~Copyable {
    private var found: [Finding] = []
    private var seen: Set<Key> = []
    /// The texts in the order in which they are read.
    private var sources: [Source] = []

    private struct Key: Hashable {
        let rule: String
        let range: SourceRange
        let message: String
    }

    package init() {}

    /// A text is read: what is found in it comes behind what is found in those before it.
    package mutating func enter(_ source: Source) { sources.append(source) }

    /// Reports once: a section that several scopes share is checked for each, and told of once.
    package mutating func report(_ finding: Finding) {
        if seen.insert(Key(rule: finding.rule.id, range: finding.range, message: finding.message)).inserted {
            found.append(finding)
        }
    }

    package mutating func report(
        _ rule: Rule, _ message: String, at range: SourceRange, label: String? = nil, help: String? = nil,
        suggestion: String? = nil, related: [Finding.Related] = []
    ) {
        report(
            Finding(
                rule, message, at: range, label: label, help: help, suggestion: suggestion, related: related))
    }

    /// Changes what was found; nil takes it out.
    package mutating func rewrite(_ change: (Finding) -> Finding?) {
        found = found.compactMap(change)
    }

    /// Changes what was found since there were `count`.
    package mutating func amend(since count: Int, _ change: (inout Finding) -> Void) {
        for index in found.indices.dropFirst(count) { change(&found[index]) }
    }

    /// Whether a mistake of a rule was told of inside a range: what is missing there may be what the mistake took away.
    package func has(_ rule: Rule, within range: SourceRange) -> Bool {
        found.contains {
            $0.rule.id == rule.id && $0.range.source === range.source && range.start <= $0.range.start
                && $0.range.end <= range.end
        }
    }

    package var isEmpty: Bool { found.isEmpty }
    package var hasErrors: Bool { found.contains { $0.level == .error } }
    /// How many there are so far: compared before and after, it tells whether a step found something.
    package var count: Int { found.count }

    /// In the order of the files as they were met, then of the places in each.
    package func ordered() -> [Finding] {
        var order: [ObjectIdentifier: Int] = [:]
        for source in sources + found.map(\.range.source) where order[ObjectIdentifier(source)] == nil {
            order[ObjectIdentifier(source)] = order.count
        }
        func key(_ finding: Finding) -> (Int, Int, Int) {
            (order[ObjectIdentifier(finding.range.source)] ?? 0, finding.range.start, finding.range.end)
        }
        return found.enumerated().sorted { a, b in
            let (left, right) = (key(a.element), key(b.element))
            return left == right ? a.offset < b.offset : left < right
        }.map(\.element)
    }
}
