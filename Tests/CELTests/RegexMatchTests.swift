import Testing

@testable import CEL

/// Matches and groups, as RE2 and Go's regexp give them.
@Suite struct RegexMatchTests {
    /// A pattern, a text, and the match and its groups as `start-end` in bytes; `-` for a group that took no part, nil
    /// for no match.
    struct Row: Sendable, CustomTestStringConvertible {
        let pattern: String
        let text: String
        let expected: String?

        init(_ pattern: String, _ text: String, _ expected: String?) {
            self.pattern = pattern
            self.text = text
            self.expected = expected
        }

        var testDescription: String { "\(pattern) on \(text.debugDescription)" }
    }

    @Test(arguments: literals + repetitions + alternatives + anchors) func match(_ row: Row) throws { try check(row) }

    @Test(arguments: sets + unicode + flags + escapes) func matchOfSets(_ row: Row) throws { try check(row) }

    private func check(_ row: Row) throws {
        let expression = try RegularExpression(row.pattern)
        var text = row.text
        text.withUTF8 { bytes in
            var work = Int.max / 2
            var slots = Array(repeating: Int32(-1), count: 2 * (expression.groups.count + 1))
            let outcome = expression.firstMatch(in: bytes, from: 0, &slots, &work)
            let shown = stride(from: 0, to: slots.count, by: 2).map {
                slots[$0] < 0 ? "-" : "\(slots[$0])-\(slots[$0 + 1])"
            }.joined(separator: " ")
            #expect((outcome == .found ? shown : nil) == row.expected)
            #expect(expression.matches(bytes, &work) == (row.expected != nil), "by the table")
        }
    }

    static let literals: [Row] = [
        Row("", "", "0-0"), Row("", "abc", "0-0"), Row("a", "a", "0-1"), Row("a", "b", nil), Row("a", "", nil),
        Row("abc", "abc", "0-3"), Row("abc", "xabcy", "1-4"), Row("abc", "ab", nil), Row("abc", "ababc", "2-5"),
        Row("a.c", "abc", "0-3"), Row("a.c", "a\nc", nil), Row("a.c", "aéc", "0-4"), Row(".", "😀", "0-4"),
        Row("...", "aé😀", "0-7"), Row("é", "e\u{301}é", "3-5"), Row("日本", "in 日本語", "3-9"),
        Row("-", "a-b", "1-2"), Row("]", "]", "0-1"), Row("}", "}", "0-1"), Row("{", "{", "0-1"),
        Row("a{", "a{", "0-2"),
        Row("a{x}", "a{x}", "0-4"), Row("a{02}", "a{02}", "0-5"), Row("a{0,02}", "a{0,02}", "0-7"),
        Row("a{,2}", "a{,2}", "0-5"), Row("a{1", "a{1", "0-3"),
        Row("a{1,x}", "a{1,x}", "0-6"),
        Row("{a}", "{a}", "0-3"), Row(" a b ", " a b ", "0-5"), Row("#", "#", "0-1"), Row("a\u{0}b", "a\u{0}b", "0-3"),
        Row("\u{301}", "e\u{301}", "1-3"), Row("/", "a/b", "1-2"), Row("\"'", "\"'", "0-2"),
        Row("aab", "aaab", "1-4"), Row("<b>", "a<b>c", "1-4"), Row("a\nb", "a\nb", "0-3"), Row("A", "a", nil),
    ]

    static let repetitions: [Row] = [
        Row("a*", "aaa", "0-3"), Row("a*", "b", "0-0"), Row("a+", "baa", "1-3"), Row("a+", "b", nil),
        Row("a?", "aa", "0-1"), Row("a??", "aa", "0-0"), Row("a*?", "aa", "0-0"), Row("a+?", "aa", "0-1"),
        Row("a*?b", "aab", "0-3"), Row("a{2}", "aaa", "0-2"), Row("a{2}", "a", nil), Row("a{2,}", "aaaa", "0-4"),
        Row("a{2,3}", "aaaa", "0-3"), Row("a{2,3}?", "aaaa", "0-2"), Row("a{0}", "a", "0-0"), Row("a{0,1}", "a", "0-1"),
        Row("a{0,}", "aa", "0-2"), Row("a{1}", "a", "0-1"), Row("a{0}b", "ab", "1-2"), Row("(a){0}b", "ab", "1-2 -"),
        Row("(a)*", "aaa", "0-3 2-3"), Row("(a)+", "aaa", "0-3 2-3"), Row("(a*)", "aaa", "0-3 0-3"),
        Row("(a*)*", "aaa", "0-3 0-3"), Row("(a*)+", "aaa", "0-3 0-3"), Row("(a*)*", "b", "0-0 0-0"),
        Row("(a*)+", "b", "0-0 0-0"), Row("(a|b)*", "abab", "0-4 3-4"), Row("(?:(a)|b)*", "ab", "0-2 0-1"),
        Row("(?:(a)|(b))*", "aba", "0-3 2-3 1-2"), Row("(|a)*", "aa", "0-0 0-0"), Row("(|a)+", "aa", "0-0 0-0"),
        Row("(a|)*", "aa", "0-2 1-2"), Row("(a?)*?", "aa", "0-0 -"), Row("(a+)(b+)", "aabb", "0-4 0-2 2-4"),
        Row("(a+?)(b*)", "aabb", "0-1 0-1 1-1"), Row("(a+)(a+)", "aaaa", "0-4 0-3 3-4"),
        Row("(a+?)(a+)", "aaaa", "0-4 0-1 1-4"), Row("(a{1,2}){2}", "aaaa", "0-4 2-4"),
        Row("(ab){2}", "ababab", "0-4 2-4"),
        Row("(ab){2,}", "ababab", "0-6 4-6"), Row("a.*c", "abcabc", "0-6"), Row("a.*?c", "abcabc", "0-3"),
        Row("(.*)(.*)", "ab", "0-2 0-2 2-2"), Row("(.*?)(.*)", "ab", "0-2 0-0 0-2"),
        Row("(?:a{2}){3}", "aaaaaaa", "0-6"),
        Row("x*", "axx", "0-0"), Row("(?:a*)*b", "aab", "0-3"), Row("(?:a*)*c", "aab", nil),
        Row("^*", "a", "0-0"), Row("$*", "a", "0-0"), Row("\\b+a", "a", "0-1"), Row("(?:^)*a", "ba", "1-2"),
        Row("(a){1,3}b", "aaab", "0-4 2-3"), Row("é+", "aéé", "1-5"), Row("é{2}", "ééé", "0-4"),
        Row("[ab]{3}", "ababa", "0-3"),
        Row("(a|ab){2}", "aab", "0-2 1-2"), Row("(a*){3}", "aa", "0-2 2-2"), Row("(?:){5}a", "a", "0-1"),
        Row("()", "a", "0-0 0-0"), Row("()*", "a", "0-0 0-0"), Row("()+", "a", "0-0 0-0"),
        Row("(()|b)", "b", "0-0 0-0 0-0"),
    ]

    static let alternatives: [Row] = [
        Row("a|b", "b", "0-1"), Row("a|ab", "ab", "0-1"), Row("ab|a", "ab", "0-2"), Row("|a", "a", "0-0"),
        Row("a|", "b", "0-0"),
        Row("a||b", "b", "0-0"), Row("foo|bar|baz", "xbaz", "1-4"), Row("(foo|bar)baz", "barbaz", "0-6 0-3"),
        Row("(a|b)(c|d)", "bd", "0-2 0-1 1-2"), Row("(a)|(b)", "b", "0-1 - 0-1"), Row("(a)|b", "b", "0-1 -"),
        Row("(a|ab)(c|bcd)", "abcd", "0-4 0-1 1-4"), Row("(ab|a)(bcd|c)", "abcd", "0-3 0-2 2-3"),
        Row("(a|ab)(c|bcd)(d*)", "abcd", "0-4 0-1 1-4 4-4"), Row("a(?:b|c)d", "acd", "0-3"), Row("x|y|z", "zyx", "0-1"),
        Row("samwise|sam", "samwise", "0-7"), Row("sam|samwise", "samwise", "0-3"), Row("(a|b|)c", "c", "0-1 0-0"),
        Row("(?:a|b)|c", "c", "0-1"), Row("b|ab", "ab", "0-2"), Row("a.|.b", "xab", "1-3"),
        Row("(|a)b", "ab", "0-2 0-1"),
        Row("^(a|b)$", "b", "0-1 0-1"), Row("^a|b$", "cb", "1-2"), Row("(^|x)a", "xa", "0-2 0-1"),
        Row("(a|$)", "b", "1-1 1-1"),
        Row("é|e", "é", "0-2"), Row("((a)|(b))+", "ab", "0-2 1-2 0-1 1-2"), Row("(a|(b))(c)?", "b", "0-1 0-1 0-1 -"),
        Row("(?:(?:a|b)|(?:c|d))e", "de", "0-2"), Row("aa|aaa", "aaa", "0-2"), Row("(?:aa|aaa)$", "aaa", "0-3"),
    ]

    static let anchors: [Row] = [
        Row("^", "", "0-0"), Row("$", "", "0-0"), Row("^$", "", "0-0"), Row("^$", "a", nil), Row("^a", "ba", nil),
        Row("^a", "ab", "0-1"), Row("a$", "ba", "1-2"), Row("a$", "ab", nil), Row("a$", "a\n", nil),
        Row("$", "a\n", "2-2"),
        Row("^b", "a\nb", nil), Row("(?m)^b", "a\nb", "2-3"), Row("(?m)a$", "a\nb", "0-1"),
        Row("(?m)^$", "a\n\nb", "2-2"),
        Row("(?m)$", "a\n", "1-1"), Row("(?m)\\Aa", "b\na", nil), Row("(?m)a\\z", "a\nb", nil),
        Row("\\Aab\\z", "ab", "0-2"),
        Row("\\Ab", "ab", nil), Row("a\\z", "a\n", nil), Row("a^b", "ab", nil), Row("a$b", "ab", nil),
        Row("a\n^b", "a\nb", nil),
        Row("(?m)a\n^b", "a\nb", "0-3"), Row("\\ba", "a", "0-1"), Row("\\ba", "ba", nil), Row("a\\b", "ab", nil),
        Row("a\\b", "a b", "0-1"), Row("\\b", "", nil), Row("\\B", "", "0-0"), Row("\\b", "a", "0-0"),
        Row("\\B", "a", nil),
        Row("\\B", "ab", "1-1"), Row("\\bfoo\\b", "a foo b", "2-5"), Row("\\bfoo\\b", "afoob", nil),
        Row("\\Bo", "foo", "1-2"),
        Row("\\bé", "é", nil), Row("a\\bé", "aé", "0-3"), Row("\\b\\w+\\b", "héllo", "0-1"), Row("_\\b", "_ ", "0-1"),
        Row("(?:^|,)b", "a,b", "1-3"), Row("^^a$$", "a", "0-1"), Row("\\A\\b\\Aa", "a", "0-1"),
        Row("(^a)", "a", "0-1 0-1"),
        Row("(?:^a|^b)c", "bc", "0-2"), Row("(?:^a)+b", "ab", "0-2"), Row("(?:^a|b)c", "xbc", "1-3"),
        Row("a*$", "ba", "1-2"),
        Row("(?m)(^a\n)+", "a\na\n", "0-4 2-4"), Row("\\b.\\b", "ab c", "2-3"), Row("\\z", "ab", "2-2"),
        Row("é?\\b1", "é-1", "3-4"),
        Row("x?\\b\\S", "é--1", "4-5"), Row("(?m)x?^b", "xa\nb", "3-4"), Row("a?$", "ab", "2-2"),
    ]

    static let sets: [Row] = [
        Row("[abc]", "xb", "1-2"), Row("[a-c]", "d", nil), Row("[a-c]", "c", "0-1"), Row("[^a-c]", "ad", "1-2"),
        Row("[^a]", "\n", "0-1"), Row("[]a]", "]", "0-1"), Row("[]a]", "a", "0-1"), Row("[^]a]", "]b", "1-2"),
        Row("[a-]", "-", "0-1"), Row("[-a]", "-", "0-1"), Row("[a-c-e]", "-", "0-1"), Row("[a-c-e]", "d", nil),
        Row("[a\\-c]", "b", nil), Row("[a\\-c]", "-", "0-1"), Row("[\\]]", "]", "0-1"), Row("[\\\\]", "\\", "0-1"),
        Row("[a^]", "^", "0-1"), Row("[.]", "a", nil), Row("[.]", ".", "0-1"), Row("[*+?]", "+", "0-1"),
        Row("[$]", "$", "0-1"),
        Row("[()|]", "|", "0-1"), Row("[[]", "[", "0-1"), Row("[[a]", "a", "0-1"), Row("[a[:digit:]b]", "5", "0-1"),
        Row("[[:alpha:]]+", "12ab3", "2-4"), Row("[[:^alpha:]]+", "ab12", "2-4"), Row("[^[:alpha:]]", "a1", "1-2"),
        Row("[[:alnum:]_]+", "-a_1-", "1-4"), Row("[[:upper:]]", "aB", "1-2"), Row("[[:lower:]]", "Ba", "1-2"),
        Row("[[:space:]]", "a\u{B}", "1-2"), Row("[[:blank:]]", "\n\t", "1-2"), Row("[[:punct:]]", "a!", "1-2"),
        Row("[[:xdigit:]]+", "xFf09g", "1-5"), Row("[[:cntrl:]]", "a\u{7F}", "1-2"), Row("[[:graph:]]", " a", "1-2"),
        Row("[[:print:]]+", "\na b", "1-4"), Row("[[:ascii:]]+", "éab", "2-4"), Row("[[:word:]]+", "-a_1", "1-4"),
        Row("[[:digit:][:space:]]+", "a1 2", "1-4"), Row("[[:digit]", "d", "0-1"), Row("[[:digit]", ":", "0-1"),
        Row("[!-[:]+", "a[:", "1-3"),
        Row("\\d+", "ab123c", "2-5"), Row("\\D+", "12ab", "2-4"), Row("\\w+", "-a_1", "1-4"),
        Row("\\W+", "a-+b", "1-3"),
        Row("\\s+", "a \t\n\u{C}\rb", "1-6"), Row("\\s", "\u{B}", nil), Row("\\S+", " ab ", "1-3"),
        Row("\\d", "٣", nil),
        Row("\\w", "é", nil), Row("\\W", "é", "0-2"), Row("\\D", "\n", "0-1"), Row("[\\d]+", "a12", "1-3"),
        Row("[^\\d]+", "1ab2", "1-3"),
        Row("[\\d-z]+", "1-z", "0-3"), Row("[\\w.]+", "a.b-c", "0-3"), Row("[^\\W_]+", "_ab_", "1-3"),
        Row("[\\D\\d]+", "a1\n", "0-3"),
        Row("[^\\D\\d]", "a1", nil), Row("[\\S]", " a", "1-2"), Row("[\\n]", "\n", "0-1"),
        Row("[\\x41-\\x43]+", "ABCD", "0-3"),
        Row("[à-ü]+", "aéöb", "1-5"), Row("[^é]", "éa", "2-3"), Row("[😀-😂]", "😁", "0-4"), Row("[a-z&&b]", "&", "0-1"),
        Row("[\\.]", ".", "0-1"), Row("[ -~]+", "é a~", "2-5"), Row("[^\\x00-\\x7F]+", "aéb", "1-3"),
        Row("[a-a]", "a", "0-1"), Row("[\\t ]", "\t", "0-1"), Row("[\\a\\f\\v]+", "\u{7}\u{C}\u{B}", "0-3"),
        Row("[\\pL]", "1é", "1-3"), Row("[^\\pL]", "é1", "2-3"), Row("[\\p{Nd}x]+", "x٣1", "0-4"),
        Row("[\\PL]+", "a1é", "1-2"),
    ]

    static let unicode: [Row] = [
        Row("\\pL+", "1abéж日2", "1-10"), Row("\\PL+", "a12b", "1-3"), Row("\\p{L}", "é", "0-2"),
        Row("\\p{^L}", "é1", "2-3"),
        Row("\\P{L}", "é1", "2-3"), Row("\\P{^L}", "1é", "1-3"), Row("\\p{Lu}", "aÉ", "1-3"),
        Row("\\p{Ll}+", "AÉéa", "3-6"),
        Row("\\p{Lt}", "ǅ", "0-2"), Row("\\pN+", "a1٣Ⅷ", "1-7"), Row("\\p{Nd}+", "a1٣Ⅷ", "1-4"),
        Row("\\p{Nl}", "Ⅷ", "0-3"),
        Row("\\pP", "a!", "1-2"), Row("\\p{Pd}", "a–", "1-4"), Row("\\pS", "a€", "1-4"), Row("\\p{Sc}", "+€", "1-4"),
        Row("\\p{Sm}", "€+", "3-4"),
        Row("\\pZ", "a ", "1-2"), Row("\\p{Zs}", "a\u{A0}", "1-3"), Row("\\p{Zl}", "\u{2028}", "0-3"),
        Row("\\pM", "e\u{301}", "1-3"),
        Row("\\p{Mn}+", "e\u{301}", "1-3"), Row("\\pC", "a\u{0}", "1-2"), Row("\\p{Cc}", "a\n", "1-2"),
        Row("\\p{Cf}", "\u{200B}", "0-3"),
        Row("\\p{Co}", "\u{E000}", "0-3"), Row("\\p{Co}", "\u{10FFFD}", "0-4"), Row("\\p{Any}+", "aé\n", "0-4"),
        Row("\\p{So}", "😀", "0-4"),
        Row("\\p{Greek}+", "abγδ", "2-6"), Row("\\P{Greek}", "γa", "2-3"), Row("\\p{Latin}+", "γabé", "2-6"),
        Row("\\p{Cyrillic}+", "aжЯ", "1-5"),
        Row("\\p{Han}+", "a日本か", "1-7"), Row("\\p{Hiragana}+", "日かな", "3-9"), Row("\\p{Katakana}", "カ", "0-3"),
        Row("\\p{Hebrew}", "א", "0-2"),
        Row("\\p{Arabic}", "ع", "0-2"), Row("\\p{Thai}", "ก", "0-3"), Row("\\p{Hangul}", "한", "0-3"),
        Row("[\\p{Greek}\\p{Cyrillic}]+", "γж", "0-4"),
        Row("[^\\p{Greek}]", "γa", "2-3"), Row("^.$", "\u{10FFFF}", "0-4"), Row("^..$", "e\u{301}", "0-3"),
        Row("[\\x{10000}-\\x{10FFFF}]", "a😀", "1-5"), Row("[\\x{80}-\\x{7FF}]+", "aé日", "1-3"),
        Row("[\\x{7FF}-\\x{800}]+", "\u{7FF}\u{800}", "0-5"),
        Row("[\\x{FFFF}-\\x{10000}]+", "\u{FFFF}\u{10000}", "0-7"),
    ]

    static let flags: [Row] = [
        Row("(?i)abc", "aBC", "0-3"), Row("(?i)ABC", "abc", "0-3"), Row("(?i)[a-c]+", "AbC", "0-3"),
        Row("(?i)[^a]", "Ab", "1-2"),
        Row("(?i)k", "\u{212A}", "0-3"), Row("(?i)\u{212A}", "k", "0-1"), Row("(?i)s", "ſ", "0-2"),
        Row("(?i)ſ", "S", "0-1"),
        Row("(?i)[k]", "\u{212A}", "0-3"), Row("(?i)[^k]", "\u{212A}", nil), Row("(?i)é", "É", "0-2"),
        Row("(?i)[à-ö]+", "ÀÉ", "0-4"),
        Row("(?i)σ", "ς", "0-2"), Row("(?i)Σ", "σς", "0-2"), Row("(?i)ß", "ẞ", "0-3"), Row("(?i)ß", "ss", nil),
        Row("(?i)ж", "Ж", "0-2"),
        Row("(?i)ǆ", "ǅ", "0-2"), Row("(?i)ı", "I", nil), Row("(?i)i", "ı", nil), Row("(?i)İ", "i", nil),
        Row("(?i)µ", "Μ", "0-2"),
        Row("(?i)θ", "ϴ", "0-2"), Row("(?i)Ω", "\u{2126}", "0-3"), Row("(?i)å", "\u{212B}", "0-3"),
        Row("(?i)\\w", "ſ", "0-2"),
        Row("(?i)\\W", "k", nil), Row("(?i)\\W", "ſ", nil), Row("(?i)\\p{Lu}", "a", "0-1"),
        Row("(?i)[[:upper:]]", "a", "0-1"), Row("(?i)1", "1", "0-1"),
        Row("a(?i)b", "aB", "0-2"), Row("a(?i)b", "AB", nil), Row("(?i:a)b", "Ab", "0-2"), Row("(?i:a)b", "AB", nil),
        Row("(?i)a(?-i)b", "Ab", "0-2"),
        Row("(?i)a(?-i)b", "AB", nil), Row("(?i)a(?-i:b)c", "AbC", "0-3"), Row("((?i)a)b", "Ab", "0-2 0-1"),
        Row("((?i)a)b", "AB", nil),
        Row("(?i)a|b", "B", "0-1"), Row("(a(?i)|b)B", "Bb", nil), Row("(?s).", "\n", "0-1"),
        Row("(?s)a.b", "a\nb", "0-3"),
        Row("(?s:.)", "\n", "0-1"), Row("(?s)(?-s).", "\n", nil), Row("(?-s:.)", "\n", nil),
        Row("(?m)^a$", "b\na\nc", "2-3"),
        Row("(?U)a*", "aa", "0-0"), Row("(?U)a*?", "aa", "0-2"), Row("(?U)a+", "aa", "0-1"),
        Row("(?U)a{1,2}", "aa", "0-1"), Row("(?U:a+)a*", "aaa", "0-3"),
        Row("(?im)^A$", "b\na", "2-3"), Row("(?is)a.B", "A\nb", "0-3"), Row("(?i-s)A.", "aé", "0-3"),
        Row("(?ims-U)^a", "\nA", "1-2"), Row("(?)a", "a", "0-1"),
        Row("(?:)a", "a", "0-1"), Row("(?P<n>a)", "a", "0-1 0-1"), Row("(?<n>a)(?<m>b)", "ab", "0-2 0-1 1-2"),
        Row("(?P<a_1>x)|(?P<b>y)", "y", "0-1 - 0-1"),
    ]

    static let escapes: [Row] = [
        Row("\\.", "a.", "1-2"), Row("\\*\\+\\?", "*+?", "0-3"), Row("\\(\\)", "()", "0-2"), Row("\\[\\]", "[]", "0-2"),
        Row("\\{\\}", "{}", "0-2"),
        Row("\\|", "|", "0-1"), Row("\\^\\$", "^$", "0-2"), Row("\\\\", "\\", "0-1"), Row("\\/", "/", "0-1"),
        Row("\\-", "-", "0-1"), Row("\\_", "_", "0-1"),
        Row("\\ ", " ", "0-1"), Row("\\#\\\"\\'", "#\"'", "0-3"), Row("\\n\\r\\t", "\n\r\t", "0-3"),
        Row("\\a\\f\\v", "\u{7}\u{C}\u{B}", "0-3"),
        Row("\\x41", "A", "0-1"), Row("\\x{41}", "A", "0-1"), Row("\\x{1F600}", "😀", "0-4"),
        Row("\\x{0000E9}", "é", "0-2"), Row("\\xe9", "é", "0-2"),
        Row("\\x411", "A1", "0-2"), Row("\\0", "\u{0}", "0-1"), Row("\\012", "\n", "0-1"), Row("\\101", "A", "0-1"),
        Row("\\12", "\n", "0-1"),
        Row("\\1011", "A1", "0-2"), Row("\\x41+", "AA", "0-2"), Row("\\Qa.b\\E", "a.b", "0-3"),
        Row("\\Qa.b\\E", "axb", nil), Row("\\Qa.b", "a.b", "0-3"),
        Row("\\Qab\\E+", "abbb", "0-4"), Row("\\Q\\E", "a", "0-0"), Row("\\Q(\\E\\)", "()", "0-2"),
        Row("a\\Q*\\Eb", "a*b", "0-3"), Row("\\Q\\\\E", "\\", "0-1"),
        Row("(?i)\\QaB\\E", "Ab", "0-2"), Row("\\x{10FFFF}", "\u{10FFFF}", "0-4"),
        Row("\\%\\@\\!\\~\\`\\&\\=\\:\\;\\,\\<\\>", "%@!~`&=:;,<>", "0-12"),
    ]
}
