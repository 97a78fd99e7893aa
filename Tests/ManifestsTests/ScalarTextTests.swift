import Diagnostics
import Manifests
import Testing

/// What the file says for a part of a scalar's decoded text.
@Suite struct ScalarTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let part: String
        let written: String
        var testDescription: String { "\(text) → \(part)" }

        init(_ text: String, _ part: String, _ written: String) {
            self.text = text
            self.part = part
            self.written = written
        }
    }

    static let cases: [Case] = [
        Case("k: abc", "bc", "bc"), Case("k: abc # x", "abc", "abc"), Case("k: 'abc'", "b", "b"),
        Case("k: 'it''s'", "'", "''"),
        Case("k: 'it''s'", "s", "s"), Case("k: 'it''s'", "it's", "it''s"), Case(#"k: "a\nb""#, "\n", #"\n"#),
        Case(#"k: "a\nb""#, "b", "b"),
        Case(#"k: "a\nb""#, "a\n", #"a\n"#), Case(#"k: "\u00e9x""#, "x", "x"), Case(#"k: "\u00e9x""#, "é", #"\u00e9"#),
        Case(#"k: "x\u00e9""#, "é", #"\u00e9"#), Case(#"k: "\"q\"""#, "\"q\"", #"\"q\""#),
        Case(#"k: "\x41\x42""#, "B", #"\x42"#),
        Case(#"k: "\U0001F44Dx""#, "👍", #"\U0001F44D"#), Case(#"k: "a\\b""#, "\\", #"\\"#),
        Case(#"k: "a\\b""#, "b", "b"),
        Case("k: \"one\n   two\"", "two", "two"), Case("k: \"one\n   two\"", "one", "one"),
        Case("k: \"a\\\n   b\"", "b", "b"),
        Case("k: 'one\n\n   two'", "two", "two"), Case("k: one\n  two\n  three", "three", "three"),
        Case("k: one   \n  two", "two", "two"),
        Case("k: one\r\n  two", "two", "two"), Case("k: |\n  abc\n  def\n", "abc", "abc"),
        Case("k: |\n  abc\n  def\n", "def", "def"),
        Case("k: |\n    abc\n      def\n", "def", "def"), Case("k: |\n\n  abc\n", "abc", "abc"),
        Case("k: |2\n   abc\n", " abc", " abc"),
        Case("a:\n  k: |1\n     abc\n", "abc", "abc"), Case("k: |-\n  abc\n", "abc", "abc"),
        Case("k: >\n  abc\n  def\n", "def", "def"),
        Case("k: >\n  abc\n\n  def\n", "def", "def"), Case("k: >-\n  abc\n    more\n  def\n", "more", "more"),
        Case("k: >\n  a\n\n\n  bcd\n  e", "bcd", "bcd"),
        Case("k: |\r\n  abc\r\n  def\r\n", "def", "def"), Case("k: >\r\n  abc\r\n  def\r\n", "def", "def"),
        Case("k: | # note\n  abc\n", "abc", "abc"),
        Case("k: é漢x", "x", "x"), Case("é: 漢 y", "y", "y"), Case("\u{FEFF}k: abc", "bc", "bc"),
        Case("\u{FEFF}é: \"é\\t{{ x }}\"", "x", "x"),
        Case("k: |\n  é {{ x }}\n", "{{ x }}", "{{ x }}"), Case("k: {{ x }}", "x", "x"),
        Case("k: {{ 'x' }}", "'x'", "'x'"),
        Case(#"k: {{ "a" + 'b' }}"#, "'b'", "'b'"), Case(#"k: {{ "a" + 'b' }}"#, "'", "'"),
        Case(#"k: "\d+x""#, "+x", "+x"), Case(#"k: "\d+x\n""#, #"\d"#, #"\d"#),
        Case("k: a ? bb : c", "bb", "bb"), Case("- - k: abc", "abc", "abc"), Case("k: &a !!str abc", "abc", "abc"),
        Case("k: &a # c\n  abc", "abc", "abc"),
        Case("k: \"\\\n  abc\"", "abc", "abc"), Case("k: \"a \n b\"", "b", "b"), Case("k: \"a\\t\n b\"", "b", "b"),
        Case("k: |+\n  abc\n\n\n", "abc", "abc"),
        Case("k:\n\tj: abc", "abc", "abc"),
    ]

    @Test(arguments: cases) func partsAreWhereTheFileHasThem(_ item: Case) throws {
        var node = try #require(Reading(item.text).node)
        while node.scalar == nil {
            node = try #require(node.items?.last ?? node.entries?.last?.value)
        }
        let text = try #require(node.scalar?.text)
        let wanted = Array(item.part.utf8)
        let start = try #require(text.bytes.indices.first { text.bytes[$0...].starts(with: wanted) })
        #expect(slice(text.range(start..<start + wanted.count)) == item.written)
    }
}
