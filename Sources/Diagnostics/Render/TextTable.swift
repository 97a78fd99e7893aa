/// Cells in columns as wide as their widest cell, two spaces apart.
package enum TextTable {
    /// - Parameter indent: what each line starts with.
    package static func text(_ rows: [[String]], indent: String = "") -> String {
        let rows = rows.map { $0.map(DisplayText.safe) }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            // What stands last in its row has no column to fill.
            rows.map { column < $0.count - 1 ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = indent
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.utf8.last == 0x20 { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
