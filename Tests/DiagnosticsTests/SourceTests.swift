import Diagnostics
import Testing

@Suite struct SourceTests {
    /// Text, offset, line, column.
    static let places: [(String, Int, Int, Int)] = [
        ("", 0, 1, 1), ("", 9, 1, 1), ("a", -4, 1, 1), ("a", 0, 1, 1), ("a", 1, 1, 2), ("a\nb", 1, 1, 2),
        ("a\nb", 2, 2, 1),
        ("a\r\nb", 3, 2, 1), ("a\r\nb", 1, 1, 2), ("a\rb", 2, 2, 1), ("a\n", 2, 2, 1), ("\n\n\nx", 3, 4, 1),
        ("é=1", 2, 1, 2), ("漢字x", 6, 1, 3), ("👍x", 4, 1, 2), ("e\u{301}x", 3, 1, 3), ("\u{FEFF}ab", 3, 1, 1),
        ("\u{FEFF}ab", 4, 1, 2), ("\u{FEFF}a\nb", 5, 2, 1), ("a\tb", 2, 1, 3),
    ]

    @Test(arguments: places) func linesAndColumnsCountFromOne(_ text: String, _ offset: Int, _ line: Int, _ column: Int)
    {
        #expect(Source(name: "m", text: text).place(at: offset) == Place(line: line, column: column))
    }

    static let lines: [(String, Int, String)] = [
        ("a\nb\n", 1, "a"), ("a\nb\n", 2, "b"), ("a\nb\n", 3, ""), ("a\nb\n", 4, ""), ("a\nb", 0, ""),
        ("a\r\nb", 1, "a"),
        ("a\rb", 2, "b"), ("\u{FEFF}a\nb", 1, "a"), ("", 1, ""), ("\n\nx", 3, "x"),
    ]

    @Test(arguments: lines) func aLineIsWithoutItsBreak(_ text: String, _ number: Int, _ line: String) {
        #expect(String(decoding: Source(name: "m", text: text).line(number), as: UTF8.self) == line)
    }

    static let paths: [(String, String, String)] = [
        ("m.yaml", "a.html", "a.html"), ("dir/m.yaml", "a.html", "dir/a.html"), ("/m.yaml", "a", "/a"),
        ("/etc/m.yaml", "x/y", "/etc/x/y"), ("dir/m.yaml", "/abs", "/abs"), ("a/b/m", "../c", "a/b/../c"),
    ]

    @Test(arguments: paths) func pathsAreRelativeToTheFile(_ name: String, _ path: String, _ resolved: String) {
        #expect(Source(name: name, text: "").resolve(path) == resolved)
    }

    @Test func rangesAreTheSameOnlyInTheSameSource() {
        let (a, b) = (Source(name: "m", text: "x"), Source(name: "m", text: "x"))
        #expect(SourceRange(a, 0, 1) == SourceRange(a, 0, 1))
        #expect(SourceRange(a, 0, 1) != SourceRange(b, 0, 1))
        #expect(SourceRange(a, 5, 2).end == 5)
        #expect(SourceRange(a, 0, 1).atEnd == SourceRange(a, 1, 1))
    }
}
