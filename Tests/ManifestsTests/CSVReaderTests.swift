import Manifests
import Testing

@Suite struct CSVReaderTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n3,4", [["a", "b"], ["1", "2"], ["3", "4"]]),
        ("a\rb\r", [["a"], ["b"]]),
        ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
        ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", [["a", "b"], ["x, y", "say \"hi\""]]),
        ("a\n\"x\r\ny\"\n", [["a"], ["x\r\ny"]]),
        ("a\n\"\"\n", [["a"], [""]]),
        ("\n\na\n\n1\n\n", [["a"], ["1"]]),
        (" a , b \n 1,é\n", [[" a ", " b "], [" 1", "é"]]),
        ("e\u{301},\u{E9}\n1,2", [["e\u{301}", "\u{E9}"], ["1", "2"]]),
        ("a,b\n", [["a", "b"]]),
    ])
    func reads(_ text: String, _ rows: [[String]]) {
        let (table, mistakes) = CSVReader.read(Array(text.utf8))
        #expect(mistakes == [])
        #expect(
            ([table.header] + table.rows).map { $0.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
    }

    @Test(arguments: [
        ("", "the file has no rows", 0..<0),
        ("\n\n", "the file has no rows", 2..<2),
        ("a,,b\n", "column 2 has no name", 2..<2),
        ("a,b,a\n", "the column `a` is there twice", 4..<5),
        ("a,b\n1\n", "the row has 1 field, but the first row has 2", 4..<5),
        ("a,b\n1,2,3\n", "the row has 3 fields, but the first row has 2", 4..<9),
        ("a\nx\"y\n", "a quote stands inside of a field that does not begin with one", 3..<4),
        ("a\n\"x\"y\n", "text stands after the quote that ends the field", 5..<6),
        ("a\n\"x\n", "the quote is not closed", 2..<3),
        ("\"a", "the quote is not closed", 0..<1),
    ])
    func refuses(_ text: String, _ message: String, _ range: Range<Int>) {
        let mistakes = CSVReader.read(Array(text.utf8)).mistakes
        #expect(mistakes.map(\.message) == [message])
        #expect(mistakes.first?.range == range)
    }

    @Test func stopsAtTheLimit() {
        let text = Array("a,b\n1,2\n3,4\n5,6\n".utf8)
        #expect(CSVReader.read(text, mostFields: 6).mistakes.isEmpty)
        let (table, mistakes) = CSVReader.read(text, mostFields: 5)
        #expect(mistakes.map(\.message) == ["more than 5 fields"] && table.rows.count == 2)
    }

    @Test func mistakesHaveAnEnd() {
        let text = "a,b\n" + String(repeating: "1\n", count: 1000)
        #expect(CSVReader.read(Array(text.utf8)).mistakes.count == 20)
    }
}
