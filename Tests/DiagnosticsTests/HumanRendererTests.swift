import Diagnostics
import Testing

@Suite struct HumanRendererTests {
    @Test func looksLikeThis() {
        let source = Source(name: "greeter.yaml", text: "a: 1\n\n\n\n\n\n        tmeplate: hi\n")
        let finding = Finding(
            unknownKey, "unknown key `tmeplate`", at: place("tmeplate", in: source), label: "not a key of a route",
            help: "did you mean `template`?", suggestion: "template")
        #expect(
            human([finding]) == """
                error[unknown-key]: unknown key `tmeplate`
                  --> greeter.yaml:7:9
                   |
                 7 |         tmeplate: hi
                   |         ^^^^^^^^ not a key of a route
                   |
                   = help: did you mean `template`?


                """)
    }

    @Test func relatedPlacesAreNotes() {
        let source = Source(name: "m.yaml", text: "workers: 1\n" + String(repeating: "\n", count: 9) + "workers: 2\n")
        let other = Source(name: "other.yaml", text: "x: 1\n")
        let finding = Finding(
            oddValue, "twice", at: place("workers", in: source, skipping: 1),
            related: [
                Finding.Related(place("workers", in: source), "first here"),
                Finding.Related(place("x", in: other), "and there"),
            ])
        #expect(
            human([finding]) == """
                warning[odd-value]: twice
                   --> m.yaml:11:1
                    |
                 11 | workers: 2
                    | ^^^^^^^
                note: first here
                   --> m.yaml:1:1
                    |
                  1 | workers: 1
                    | -------
                note: and there
                   --> other.yaml:1:1
                    |
                  1 | x: 1
                    | -


                """)
    }

    /// Line, what is marked, and the two lines that show it.
    static let excerpts: [(line: String, word: String, shown: String, carets: String)] = [
        ("a: b", "b", " 1 | a: b", "   |    ^"),
        ("\ta: bcd", "bcd", " 1 |     a: bcd", "   |        ^^^"),
        ("a: \u{1B}[31mred", "red", " 1 | a: \\u{1b}[31mred", "   |              ^^^"),
        ("é: xy", "xy", " 1 | é: xy", "   |    ^^"),
        ("e\u{301}: xy", "xy", " 1 | e\u{301}: xy", "   |    ^^"),
        ("漢字: xy", "xy", " 1 | 漢字: xy", "   |       ^^"),
        ("a: 漢字", "漢字", " 1 | a: 漢字", "   |    ^^^^"),
        ("👍: x", "x", " 1 | 👍: x", "   |     ^"),
        ("a: \u{202E}x", "x", " 1 | a: \\u{202e}x", "   |            ^"),
        ("a: b\u{7F}c", "c", " 1 | a: b\\u{7f}c", "   |           ^"),
        ("a: b   ", "b", " 1 | a: b", "   |    ^"),
        ("\u{FEFF}a: b", "b", " 1 | a: b", "   |    ^"),
        ("a: b\r", "b", " 1 | a: b", "   |    ^"),
    ]

    @Test(arguments: excerpts) func caretsStandUnderTheText(
        _ line: String, _ word: String, _ shown: String, _ carets: String
    ) {
        let source = Source(name: "m", text: line + "\n")
        let lines = human([Finding(unknownKey, "m", at: place(word, in: source))]).split(separator: "\n")
        #expect(lines[3] == shown)
        #expect(lines[4] == carets)
    }

    @Test func bytesThatAreNoTextAreShownAsNumbers() {
        let source = Source(name: "m", bytes: [0x61, 0x3A, 0x20, 0xFF, 0x0A])
        let lines = human([Finding(unknownKey, "m", at: SourceRange(source, 3, 4))]).split(separator: "\n")
        #expect(lines[3] == " 1 | a: \\xff")
        #expect(lines[4] == "   |    ^^^^")
    }

    @Test(arguments: [0, 60, 119, 150, 400, 994]) func longLinesAreCutAroundTheCarets(_ at: Int) {
        let line = String(repeating: "x", count: at) + "here" + String(repeating: "y", count: 996 - at)
        let source = Source(name: "m", text: line)
        let lines = human([Finding(unknownKey, "m", at: place("here", in: source))]).split(separator: "\n")
        #expect(lines[3].count <= 128)
        let column = lines[4].firstIndex(of: "^").map { lines[4].distance(from: lines[4].startIndex, to: $0) } ?? 0
        #expect(lines[3].dropFirst(column).hasPrefix("here"))
        #expect(lines[4].hasSuffix(" ^^^^"))
        #expect(lines[3].hasSuffix("…") == (at < 900))
    }

    /// Ranges that are empty, over several lines, or behind the end.
    @Test(arguments: [(0, 0), (2, 2), (5, 5), (0, 5), (1, 99), (5, 99), (4, 5)])
    func anyRangeHasACaret(_ start: Int, _ end: Int) {
        let source = Source(name: "m", text: "a: b\n")
        let text = human([Finding(unknownKey, "m", at: SourceRange(source, start, end))])
        #expect(text.contains("^"))
    }

    @Test func anEmptyFileHasAnExcerptToo() {
        let source = Source(name: "m", text: "")
        #expect(human([Finding(unknownKey, "m", at: SourceRange(source, 0, 0))]).contains("\n 1 |\n   | ^\n"))
    }

    @Test func messagesCannotWriteToTheTerminal() {
        let source = Source(name: "a\u{1B}b", text: "x")
        let finding = Finding(
            unknownKey, "\u{1B}[2Jx\ny", at: SourceRange(source, 0, 1), label: "\u{7}", help: "\u{9B}1m")
        let text = human([finding])
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) })
        #expect(text.contains("\\u{1b}[2Jx\\u{a}y"))
    }

    @Test func colourIsAskedFor() {
        let source = Source(name: "m", text: "a: b")
        let finding = Finding(unknownKey, "no", at: SourceRange(source, 0, 1), label: "here", help: "yes")
        let text = human([finding], inColour: true)
        #expect(text.hasPrefix("\u{1B}[1;31merror[unknown-key]\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1;31m^ here\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1;34m 1 |\u{1B}[0m a: b"))
        #expect(!human([finding]).contains("\u{1B}"))
    }

    @Test func theSummaryCounts() {
        let range = SourceRange(Source(name: "m", text: "x"), 0, 1)
        let (error, warning) = (Finding(unknownKey, "a", at: range), Finding(oddValue, "b", at: range))
        #expect(HumanRenderer.summary([error, error, warning]) == "2 errors, 1 warning")
        #expect(HumanRenderer.summary([error]) == "1 error")
        #expect(HumanRenderer.summary([warning, warning]) == "2 warnings")
        #expect(HumanRenderer.summary([]) == "no mistakes found")
    }
}
