/// A part of a parsed regular expression.
struct PatternSyntax: Sendable {
    indirect enum Kind: Sendable {
        case empty
        case scalar(UInt32)
        /// By its number in the parser's list.
        case set(Int)
        case any
        case anyButNewline
        case assertion(PatternAssertion)
        case sequence([PatternSyntax])
        /// The first that matches wins.
        case alternatives([PatternSyntax])
        case repetition(PatternSyntax, least: Int, most: Int?, lazy: Bool)
        case group(PatternSyntax, Int)
    }

    let kind: Kind
    /// Whether it can match without taking a character.
    let canBeEmpty: Bool
    /// The product of the counts of repetitions inside one another: how often one character of it may be written out.
    let copies: Int

    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .empty, .assertion:
            canBeEmpty = true
            copies = 1
        case .scalar, .set, .any, .anyButNewline:
            canBeEmpty = false
            copies = 1
        case .sequence(let parts):
            canBeEmpty = parts.allSatisfy(\.canBeEmpty)
            copies = parts.reduce(1) { max($0, $1.copies) }
        case .alternatives(let parts):
            canBeEmpty = parts.contains(where: \.canBeEmpty)
            copies = parts.reduce(1) { max($0, $1.copies) }
        case .repetition(let part, let least, let most, _):
            canBeEmpty = least == 0 || part.canBeEmpty
            // Both are at most 1000 (PatternLimits.repetitions), which the parser sees to at each level.
            copies = part.copies * max(1, least, most ?? 0)
        case .group(let part, _):
            canBeEmpty = part.canBeEmpty
            copies = part.copies
        }
    }
}

/// What holds at a place without taking a character.
enum PatternAssertion: UInt32, Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary
}
