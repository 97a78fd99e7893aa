import Testing

@testable import CEL

/// What is refused, with the part of the pattern that is at fault.
@Suite struct RegexErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let pattern: String
        let message: String
        let part: String

        init(_ pattern: String, _ message: String, _ part: String) {
            self.pattern = pattern
            self.message = message
            self.part = part
        }

        var testDescription: String { pattern }
    }

    @Test(arguments: rows + linear) func refused(_ row: Row) throws {
        let error = try #require(throws: PatternError.self) { try RegularExpression(row.pattern) }
        #expect(error.message == row.message)
        let bytes = Array(row.pattern.utf8)
        try #require(error.range.upperBound <= bytes.count)
        #expect(String(decoding: bytes[error.range], as: UTF8.self) == row.part)
    }

    static let rows: [Row] = [
        Row("(", "'(' is not closed", "("), Row("a(b", "'(' is not closed", "("),
        Row("(a(b)", "'(' is not closed", "("),
        Row("é(", "'(' is not closed", "("), Row("(?:a", "'(' is not closed", "(?:"),
        Row("(?i", "'(' is not closed", "("),
        Row("(?P<n>a", "'(' is not closed", "(?P<n>"), Row(")", "')' closes nothing", ")"),
        Row("a)b", "')' closes nothing", ")"),
        Row("[", "'[' is not closed", "["), Row("[a", "'[' is not closed", "["), Row("[]", "'[' is not closed", "["),
        Row("x[^]", "'[' is not closed", "["), Row("[a-", "'[' is not closed", "["),
        Row("[[:alpha:]", "'[' is not closed", "["),
        Row("[a\\", "the pattern ends in a backslash", "\\"), Row("a\\", "the pattern ends in a backslash", "\\"),
        Row("[z-a]", "the range 'z-a' ends before it starts", "z-a"),
        Row("[é-a]", "the range 'é-a' ends before it starts", "é-a"),
        Row("[a-\\d]", "a range ends in a set", "a-\\d"), Row("[[:foo:]]", "there is no set '[:foo:]'", "[:foo:]"),
        Row("[[:al]pha:]]", "there is no set '[:al]pha:]'", "[:al]pha:]"),
        Row("[[:^foo:]]", "there is no set '[:foo:]'", "[:^foo:]"),
        Row("*", "there is nothing to repeat before '*'", "*"),
        Row("+a", "there is nothing to repeat before '+'", "+"),
        Row("a|?", "there is nothing to repeat before '?'", "?"),
        Row("(*)", "there is nothing to repeat before '*'", "*"),
        Row("{2}", "there is nothing to repeat before '{2}'", "{2}"),
        Row("(?i)*", "there is nothing to repeat before '*'", "*"),
        Row("a**", "a repetition follows a repetition", "**"),
        Row("a*+", "a repetition follows a repetition", "*+"), Row("a++", "a repetition follows a repetition", "++"),
        Row("a??+", "a repetition follows a repetition", "??+"),
        Row("a{2}{3}", "a repetition follows a repetition", "{2}{3}"),
        Row("a{2}*", "a repetition follows a repetition", "{2}*"),
        Row("a*{2}", "a repetition follows a repetition", "*{2}"),
        Row("a{2,1}", "the repetition ends at 1, before it starts at 2", "{2,1}"),
        Row("a{1001}", "a repetition counts to at most 1000", "{1001}"),
        Row("a{1,1001}", "a repetition counts to at most 1000", "{1,1001}"),
        Row("a{99999999999999999999}", "a repetition counts to at most 1000", "{99999999999999999999}"),
        Row("(a{100}){11}", "repetitions inside one another count up to more than 1000", "{11}"),
        Row("((a{10}){10}){11}", "repetitions inside one another count up to more than 1000", "{11}"),
        Row("\\y", "unknown escape '\\y'", "\\y"), Row("a\\é", "unknown escape '\\é'", "\\é"),
        Row("[\\y]", "unknown escape '\\y'", "\\y"),
        Row("[\\b]", "unknown escape '\\b'", "\\b"), Row("\\E", "unknown escape '\\E'", "\\E"),
        Row("\\h", "unknown escape '\\h'", "\\h"),
        Row("\\x", "the escape is no character", "\\x"), Row("\\x4", "the escape is no character", "\\x4"),
        Row("\\xg1", "the escape is no character", "\\xg"),
        Row("\\x{}", "the escape is no character", "\\x{}"),
        Row("\\x{110000}", "the escape is no character", "\\x{110000}"),
        Row("\\x{41", "the escape is no character", "\\x{41"),
        Row("\\pX", "there is no set of characters '\\pX'", "\\pX"),
        Row("\\p", "there is no set of characters '\\p'", "\\p"),
        Row("\\p{Foo}", "there is no set of characters '\\p{Foo}'", "\\p{Foo}"),
        Row("\\p{", "'{' is not closed", "\\p{"), Row("\\p{}", "there is no set of characters '\\p{}'", "\\p{}"),
        Row("\\p{Lx}", "there is no set of characters '\\p{Lx}'", "\\p{Lx}"),
        Row("\\Z", "there is no '\\Z'", "\\Z"),
        Row("\\C", "there is no '\\C': a text is made of characters, not of bytes", "\\C"),
        Row("(?x)a", "there is no flag 'x'", "x"), Row("(?ia)", "there is no flag 'a'", "a"),
        Row("(?%)", "the group starts in an unknown way", "(?%"),
        Row("(?i-)a", "the group starts in an unknown way", "(?i-)"),
        Row("(?P<>a)", "the name of the group is not valid", "(?P<>"),
        Row("(?P<a-b>c)", "the name of the group is not valid", "(?P<a-"),
        Row("(?<n", "the name of the group is not valid", "(?<n"),
        Row("(?P<n>a)(?P<n>b)", "two groups have the name 'n'", "n"),
        Row("(?<n>a)|(?P<n>b)", "two groups have the name 'n'", "n"),
        Row("(?#a)", "there are no comments '(?#'", "(?#"), Row("(?Pn)", "there is no flag 'P'", "P"),
    ]

    /// What only an engine that backtracks can do.
    static let linear: [Row] = [
        Row("(a)\\1", "a reference back, `\\1`, is not supported", "\\1"),
        Row("\\8", "a reference back, `\\8`, is not supported", "\\8"),
        Row("(?P<n>a)(?P=n)", "a reference back, `(?P=`, is not supported", "(?P="),
        Row("(?<n>a)\\k<n>", "a reference back, `\\k`, is not supported", "\\k"),
        Row("a(?=b)", "lookahead `(?=` is not supported", "(?="),
        Row("a(?!b)", "lookahead `(?!` is not supported", "(?!"),
        Row("(?<=a)b", "lookbehind `(?<=` is not supported", "(?<="),
        Row("(?<!a)b", "lookbehind `(?<!` is not supported", "(?<!"),
        Row("(?>a)", "there are no atomic groups '(?>'", "(?>"),
        Row("(a)?(?(1)b)", "a condition, `(?(`, is not supported", "(?("),
    ]

    @Test(arguments: linear) func linearityIsExplained(_ row: Row) throws {
        let error = try #require(throws: PatternError.self) { try RegularExpression(row.pattern) }
        #expect(error.help?.isEmpty == false)
    }

    @Test func possessiveRepetitionIsExplained() throws {
        let error = try #require(throws: PatternError.self) { try RegularExpression("a++") }
        #expect(error.help == "there are no possessive repetitions; no pattern backtracks here")
    }
}
