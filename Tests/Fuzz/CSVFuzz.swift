import JSON
import Manifests

// What is read is written and read again as the same table; what is refused is refused inside of the input.

private func field(_ text: String) -> [UInt8] {
    [UInt8(ascii: "\"")] + text.utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] } + [UInt8(ascii: "\"")]
}

private func written(_ table: CSVReader.Table) -> [UInt8] {
    Array(
        ([table.header] + table.rows).map { Array($0.map(field).joined(separator: [UInt8(ascii: ",")])) }
            .joined(separator: [0x0D, 0x0A]))
}

private func isSame(_ a: [String], _ b: [String]) -> Bool {
    a.elementsEqual(b) { $0.utf8.elementsEqual($1.utf8) }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    // Its callers have looked.
    guard UTF8Scanner.firstInvalid(bytes) == nil else { return 0 }
    let (table, mistakes) = CSVReader.read(Array(bytes), mostFields: 1000)
    for mistake in mistakes {
        precondition(mistake.range.lowerBound >= 0 && mistake.range.upperBound <= count, "outside")
        precondition(!mistake.message.isEmpty && !mistake.help.isEmpty)
    }
    precondition(table.rows.allSatisfy { $0.count == table.header.count })
    guard mistakes.isEmpty else { return 0 }
    let (again, none) = CSVReader.read(written(table))
    precondition(none.isEmpty, "not read again")
    precondition(
        isSame(table.header, again.header) && table.rows.elementsEqual(again.rows, by: isSame), "another table")
    return 0
}
