import Testing

@testable import Examples

@Suite struct TextDiffTests {
    static let cases: [(String, String, summary: String, lines: [String])] = [
        ("a", "b", "differs", ["- a", "+ b", "  ^"]),
        ("hello", "help", "differs", ["- hello", "+ help", "     ^"]),
        ("a\n", "a", "the line break at the end is missing", ["- a⏎", "+ a", "   ^"]),
        ("a", "a\n", "there is a line break at the end, and none was expected", ["- a", "+ a⏎", "   ^"]),
        ("a b", "a\u{A0}b", "differs", ["- a·b", "+ a\\u{a0}b", "   ^"]),
        ("a ", "a", "differs", ["- a·", "+ a", "   ^"]),
        ("a\tb", "a b", "differs", ["- a→b", "+ a·b", "   ^"]),
        ("é", "e\u{301}", "differs", ["- \\u{e9}", "+ e\\u{301}", "  ^"]),
        ("a\r\nb", "a\nb", "differs from line 1 on", ["- a\\r", "+ a", "   ^", "  b"]),
        ("a\nb\nc\n", "a\nc\n", "differs from line 2 on", ["  a", "- b", "  c"]),
        ("a\nc\n", "a\nb\nc\n", "differs from line 2 on", ["  a", "+ b", "  c"]),
        (
            "1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\n8\n", "differs from line 7 on",
            ["  5", "  6", "- 7", "+ 8", "  ^"]
        ),
        ("a", "", "expected a text, got nothing", ["- a"]),
        ("", "a", "expected nothing, got a text", ["+ a"]),
        ("a", "\u{1B}[31m", "differs", ["- a", "+ \\u{1b}[31m", "  ^"]),
    ]

    @Test(arguments: cases)
    func differenceIsShown(_ expected: String, _ got: String, _ summary: String, _ lines: [String]) {
        let diff = TextDiff(Array(expected.utf8), Array(got.utf8))
        #expect(diff.summary == summary)
        #expect(diff.lines == lines)
    }

    @Test func longTextsAreCut() {
        let before = String(repeating: "same\n", count: 100_000)
        let diff = TextDiff(Array((before + "old\n").utf8), Array((before + "new\n").utf8))
        #expect(diff.summary == "differs from line 100001 on")
        #expect(diff.lines.contains("- old") && diff.lines.contains("+ new") && diff.lines.count < 10)

        let other = (0..<5000).map { "a\($0)\n" }.joined()
        let many = TextDiff(Array(other.utf8), Array(before.prefix(20_000).utf8))
        #expect(many.lines.count == 41 && many.lines.last?.hasPrefix("… and ") == true)
    }

    @Test func theCaretOfALongLineCanBeSeen() {
        let start = String(repeating: "x", count: 300)
        let diff = TextDiff(Array((start + "a").utf8), Array((start + "b").utf8))
        #expect(diff.lines.count == 3 && diff.lines.allSatisfy { $0.count <= 104 })
        let place = diff.lines[2].firstIndex(of: "^").map {
            diff.lines[2].distance(from: diff.lines[2].startIndex, to: $0)
        }
        #expect(place.map { Array(diff.lines[0])[$0] } == "a")
        #expect(place.map { Array(diff.lines[1])[$0] } == "b")
    }

    /// Whatever the texts are, it ends and shows nothing that a terminal would obey.
    @Test func anyBytesAreShown() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let alphabet: [UInt8] = [0x0A, 0x0D, 0x20, 0x09, 0x61, 0x62, 0xC3, 0xA9, 0x1B, 0xFF, 0xE2, 0x82]
            func some() -> [UInt8] {
                (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) }
            }
            let (expected, got) = (some(), some())
            let diff = TextDiff(expected, got)
            #expect(diff.lines.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 } }, "\(expected) \(got)")
            #expect(!diff.lines.isEmpty == (expected != got) || expected == got, "\(expected) \(got)")
        }
    }
}
