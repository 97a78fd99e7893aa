import Diagnostics

/// A run of bytes of one `.proto` file.
struct Span: Equatable {
    var start: Int
    var end: Int

    static let nowhere = Span(start: 0, end: 0)

    func to(_ other: Span) -> Span { Span(start: start, end: max(end, other.end)) }

    func within(_ source: Source) -> SourceRange { SourceRange(source, start, end) }
}

/// A word of a `.proto` file; comments and space lie between tokens.
struct Token {
    enum Kind {
        case identifier
        case integer
        case float
        case string
        case symbol
        case end
    }

    let kind: Kind
    let span: Span
}

/// A mistake in one file, before it is known whether others hide it.
struct Problem {
    let rule: Rule
    let message: String
    let span: Span
    var label: String?
    var help: String?
    var suggestion: String?
}
