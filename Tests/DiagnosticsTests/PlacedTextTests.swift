import Diagnostics
import Testing

@Suite struct PlacedTextTests {
    /// `a\nb\u00e9c` in double quotes at 3: the text is a, LF, b, é (two bytes), c.
    static let source = Source(name: "m", text: #"k: "a\nb\u00e9c""#)
    static let text = PlacedText(
        Array("a\nb\u{E9}c".utf8), whole: SourceRange(source, 3, 16),
        runs: [
            PlacedText.Run(text: 0, source: 4), PlacedText.Run(text: 1, source: 5), PlacedText.Run(text: 2, source: 7),
            PlacedText.Run(text: 3, source: 8), PlacedText.Run(text: 5, source: 14),
        ])

    static let ranges: [(Range<Int>, String)] = [
        (0..<1, "a"), (0..<2, #"a\n"#), (1..<2, #"\n"#), (2..<3, "b"), (1..<3, #"\nb"#), (3..<5, #"\u00e9"#),
        (2..<6, #"b\u00e9c"#), (0..<6, #"a\nb\u00e9c"#), (5..<6, "c"), (2..<2, ""),
    ]

    @Test(arguments: ranges) func aRangeIsWhatTheFileSays(_ range: Range<Int>, _ written: String) {
        let found = Self.text.range(range)
        #expect(String(decoding: Self.source.bytes[found.start..<found.end], as: UTF8.self) == written)
    }

    @Test(arguments: ranges) func aSliceKeepsThePlaces(_ range: Range<Int>, _ written: String) {
        let slice = Self.text.slice(range)
        #expect(slice.bytes == Array(Self.text.bytes[range]))
        let found = slice.range(0..<slice.bytes.count)
        #expect(String(decoding: Self.source.bytes[found.start..<found.end], as: UTF8.self) == written)
    }

    @Test func aSliceOfASliceKeepsThePlaces() {
        let slice = Self.text.slice(1..<6).slice(1..<4)
        let found = slice.range(1..<3)
        #expect(String(decoding: Self.source.bytes[found.start..<found.end], as: UTF8.self) == #"\u00e9"#)
    }

    @Test func withoutAMapOnlyTheWholeIsKnown() {
        let text = PlacedText([1, 2, 3], whole: SourceRange(Self.source, 3, 9), runs: [])
        #expect(text.range(1..<2) == text.whole)
        #expect(text.slice(1..<2).whole == text.whole)
    }

    @Test func verbatimTextStandsAsItIs() {
        let text = PlacedText(verbatim: Array("abc".utf8), in: Self.source, at: 4)
        #expect(text.range(1..<3) == SourceRange(Self.source, 5, 7))
        #expect(text.string == "abc")
    }

    @Test func rangesBehindTheEndAreClamped() {
        #expect(Self.text.range(6..<6).end <= 16)
        #expect(Self.text.slice(4..<90).bytes.count == 2)
    }

    /// `x${NAME}y${NONE}z`, where the first is `Ann` and the second is nothing.
    private static let filled = PlacedText(
        Array("xAnnyz".utf8), whole: SourceRange(Source(name: "m", text: "x${NAME}y${NONE}z"), 0, 17),
        runs: [
            PlacedText.Run(text: 0, source: 0), PlacedText.Run(text: 1, source: 1), PlacedText.Run(text: 4, source: 8),
            PlacedText.Run(text: 5, source: 9), PlacedText.Run(text: 5, source: 16),
        ],
        insertions: [
            PlacedText.Insertion(text: 1..<4, source: 1..<8, isKnown: true),
            PlacedText.Insertion(text: 5..<5, source: 9..<16, isKnown: true),
        ])

    static let filledRanges: [(Range<Int>, String)] = [
        (0..<1, "x"), (1..<2, "${NAME}"), (2..<3, "${NAME}"), (3..<4, "${NAME}"), (2..<5, "${NAME}y"), (4..<5, "y"),
        (4..<6, "y${NONE}z"), (5..<6, "z"), (0..<6, "x${NAME}y${NONE}z"),
    ]

    /// What was put in stands where the file names it, as a whole.
    @Test(arguments: filledRanges) func insertionsStandForTheirNames(_ range: Range<Int>, _ written: String) {
        let slice = Self.filled.slice(range)
        for found in [Self.filled.range(range), slice.range(0..<slice.bytes.count)] {
            #expect(String(decoding: found.source.bytes[found.start..<found.end], as: UTF8.self) == written)
        }
        #expect(slice.ownBytes.count == slice.bytes.count)
    }

    @Test func whatWasPutInIsNoStructure() {
        #expect(String(decoding: Self.filled.ownBytes, as: UTF8.self) == "x___yz")
        let split = PlacedText(
            Array("{{".utf8), whole: Self.filled.whole, runs: [],
            insertions: [PlacedText.Insertion(text: 1..<1, source: 1..<8, isKnown: true)])
        #expect(String(decoding: split.ownBytes, as: UTF8.self) == "_{")
    }
}
