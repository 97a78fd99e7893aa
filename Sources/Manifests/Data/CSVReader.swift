/// Reads comma-separated values (RFC 4180), strictly: the first row names the columns, every other one has a field for
/// each. A field in quotes may hold commas, line breaks and, doubled, quotes. Lines end in LF, CR LF or CR; blank ones
/// are passed over.
package struct CSVReader {
    package struct Table: Sendable {
        package var header: [String] = []
        package var rows: [[String]] = []
    }

    package struct Mistake: Sendable, Equatable {
        /// In bytes of the input.
        package let range: Range<Int>
        package let message: String
        package let help: String
    }

    /// After so many nobody reads on.
    private static let mostMistakes = 20

    private let bytes: [UInt8]
    private let mostFields: Int
    private var at = 0
    private var fields = 0
    private var mistakes: [Mistake] = []
    /// Nothing behind it can be read.
    private var isOver = false

    /// - Parameters:
    ///   - bytes: valid UTF-8.
    ///   - mostFields: of all rows together.
    package static func read(_ bytes: [UInt8], mostFields: Int = .max) -> (table: Table, mistakes: [Mistake]) {
        var reader = CSVReader(bytes: bytes, mostFields: mostFields)
        return (reader.table(), reader.mistakes)
    }

    private init(bytes: [UInt8], mostFields: Int) {
        self.bytes = bytes
        self.mostFields = mostFields
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private mutating func report(_ range: Range<Int>, _ message: String, help: String) {
        mistakes.append(Mistake(range: range, message: message, help: help))
        if mistakes.count >= Self.mostMistakes { isOver = true }
    }

    // MARK: Rows

    private mutating func table() -> Table {
        var table = Table()
        guard let header = row() else {
            if !isOver {
                report(
                    bytes.count..<bytes.count, "the file has no rows",
                    help: "the first row has the names of the columns")
            }
            return table
        }
        checkNames(header)
        table.header = header.map(\.text)
        while !isOver, let row = row() {
            fields += row.count
            if fields > mostFields {
                report(
                    range(of: row), "more than \(mostFields) fields", help: "keep what is needed, or cut the file up")
                isOver = true
            } else if row.count == header.count {
                table.rows.append(row.map(\.text))
            } else if !isOver {
                let found = row.count == 1 ? "1 field" : "\(row.count) fields"
                report(
                    range(of: row), "the row has \(found), but the first row has \(header.count)",
                    help: row.count > header.count
                        ? "a field that has a comma in it stands in quotes" : "a field that is empty keeps its comma")
            }
        }
        return table
    }

    private mutating func checkNames(_ header: [Field]) {
        var seen: Set<[UInt8]> = []
        for (index, name) in header.enumerated() where !isOver {
            if name.text.isEmpty {
                report(name.range, "column \(index + 1) has no name", help: "the first row names all columns")
            } else if !seen.insert(Array(name.text.utf8)).inserted {
                report(name.range, "the column `\(name.text)` is there twice", help: "give each column its own name")
            }
        }
    }

    private struct Field {
        let text: String
        let range: Range<Int>
    }

    private func range(of row: [Field]) -> Range<Int> {
        (row.first?.range.lowerBound ?? at)..<(row.last?.range.upperBound ?? at)
    }

    /// The next row that is not blank, nil at the end.
    private mutating func row() -> [Field]? {
        while at < bytes.count, isLineEnd { at += 1 }
        guard at < bytes.count else { return nil }
        var row: [Field] = []
        while true {
            guard let field = at < bytes.count && bytes[at] == Self.quote ? quoted() : plain() else { return nil }
            row.append(field)
            guard at < bytes.count, bytes[at] == Self.comma else { return row }
            at += 1
        }
    }

    // MARK: Fields

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private var isLineEnd: Bool { bytes[at] == 0x0A || bytes[at] == 0x0D }

    private mutating func plain() -> Field {
        let start = at
        skipToEnd()
        if let quote = bytes[start..<at].firstIndex(of: Self.quote) {
            report(
                quote..<quote + 1, "a quote stands inside of a field that does not begin with one",
                help: "put the whole field in quotes, and double those inside of it")
        }
        return Field(text: String(decoding: bytes[start..<at], as: UTF8.self), range: start..<at)
    }

    private mutating func skipToEnd() {
        while at < bytes.count, bytes[at] != Self.comma, !isLineEnd { at += 1 }
    }

    private mutating func quoted() -> Field? {
        let start = at
        var text: [UInt8] = []
        at += 1
        while at < bytes.count {
            if bytes[at] != Self.quote {
                text.append(bytes[at])
                at += 1
            } else if at + 1 < bytes.count, bytes[at + 1] == Self.quote {
                text.append(Self.quote)
                at += 2
            } else {
                at += 1
                let end = at
                skipToEnd()
                if at > end {
                    report(
                        end..<at, "text stands after the quote that ends the field",
                        help: "double the quotes inside of a field")
                }
                return Field(text: String(decoding: text, as: UTF8.self), range: start..<at)
            }
        }
        report(
            start..<start + 1, "the quote is not closed",
            help: "close it with `\"`")
        isOver = true
        return nil
    }
}
