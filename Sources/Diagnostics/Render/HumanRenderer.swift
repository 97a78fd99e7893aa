package import JSON

/// Findings for people: message, place, excerpt with carets, help; the shape is rustc's.
package struct HumanRenderer: Sendable {
    private let inColour: Bool
    /// Longer lines are cut around the carets.
    private let width = 120

    package init(inColour: Bool = false) {
        self.inColour = inColour
    }

    /// All of them, with a blank line behind each.
    package func render(_ findings: [Finding], to writer: inout ByteWriter) {
        for finding in findings { render(finding, to: &writer) }
    }

    package func render(_ finding: Finding, to writer: inout ByteWriter) {
        let level: Paint = finding.level == .error ? .error : .warning
        let gutter = gutterWidth(finding)
        paint("\(finding.level.rawValue)[\(finding.rule.id)]", level, &writer)
        paint(": " + DisplayText.safe(finding.message), .strong, &writer)
        writer.append("\n" as StaticString)
        excerpt(finding.range, mark: "^", label: finding.label, level, gutter, &writer)
        if let help = finding.help {
            bar(gutter, &writer)
            writer.append("\n" as StaticString)
            paint(String(repeating: " ", count: gutter + 2) + "= ", .gutter, &writer)
            paint("help", .strong, &writer)
            writer.append(": " + DisplayText.safe(help) + "\n")
        }
        for related in finding.related {
            paint("note", .note, &writer)
            writer.append(": " + DisplayText.safe(related.message) + "\n")
            excerpt(related.range, mark: "-", label: nil, .note, gutter, &writer)
        }
        writer.append("\n" as StaticString)
    }

    /// Text from a manifest as a terminal may show it: without control characters.
    package static func safe(_ text: String) -> String { DisplayText.safe(text) }

    /// The last line of a run: `2 errors, 1 warning`.
    package static func summary(_ findings: [Finding]) -> String {
        func count(_ level: Rule.Level) -> String? {
            let count = findings.count { $0.level == level }
            return count == 0 ? nil : "\(count) \(level.rawValue)\(count == 1 ? "" : "s")"
        }
        let parts = [count(.error), count(.warning)].compactMap { $0 }
        return parts.isEmpty ? "no mistakes found" : parts.joined(separator: ", ")
    }

    // MARK: Parts

    private func gutterWidth(_ finding: Finding) -> Int {
        let lines = [finding.range.from.line] + finding.related.map { $0.range.from.line }
        return String(lines.max() ?? 1).utf8.count
    }

    private func bar(_ gutter: Int, _ writer: inout ByteWriter) {
        paint(String(repeating: " ", count: gutter + 2) + "|", .gutter, &writer)
    }

    private func excerpt(
        _ range: SourceRange, mark: String, label: String?, _ level: Paint, _ gutter: Int, _ writer: inout ByteWriter
    ) {
        let place = range.from
        paint(String(repeating: " ", count: gutter + 1) + "--> ", .gutter, &writer)
        writer.append("\(DisplayText.safe(range.source.name)):\(place.line):\(place.column)\n")
        bar(gutter, &writer)
        writer.append("\n" as StaticString)

        let shown = cut(range, place.line)
        let number = String(place.line)
        paint(" " + String(repeating: " ", count: gutter - number.utf8.count) + number + " |", .gutter, &writer)
        writer.append((shown.text.isEmpty ? "" : " " + shown.text) + "\n")
        bar(gutter, &writer)
        writer.append(String(repeating: " ", count: shown.before + 1))
        let label = label.map { " " + DisplayText.safe($0) } ?? ""
        paint(String(repeating: mark, count: shown.marked) + label, level, &writer)
        writer.append("\n" as StaticString)
    }

    private struct Cut {
        var text = ""
        /// Columns before the carets, and under them.
        var before = 0
        var marked = 0
    }

    /// More bytes of a line than this are never looked at: a hostile file may be one line.
    private let reach = 2048

    /// The part of a line around a range that fits the width. The range may lie behind the line.
    private func cut(_ range: SourceRange, _ number: Int) -> Cut {
        let whole = range.source.line(number)
        var low = max(whole.startIndex, min(range.start, whole.endIndex) - reach)
        while low > whole.startIndex, whole[low] & 0xC0 == 0x80 { low -= 1 }
        var high = min(whole.endIndex, range.start + 2 * reach)
        while high > low, high < whole.endIndex, whole[high] & 0xC0 == 0x80 { high -= 1 }
        let line = DisplayText(whole[low..<max(low, high)])
        let (from, to) = (range.start - low, range.end - low)
        let cells = line.cells
        var columns = [0]
        for cell in cells { columns.append((columns.last ?? 0) + cell.width) }
        let first = cells.firstIndex { $0.offset >= from } ?? cells.count
        let last = max(first, cells.firstIndex { $0.offset >= to } ?? cells.count)
        let total = columns[cells.count]

        var start = 0
        var end = cells.count
        if total > width {
            // A third of the room before the carets, the rest behind.
            let wanted = max(0, min(columns[first] - width / 3, total - width))
            start = columns.firstIndex { $0 >= wanted } ?? 0
            end = (columns.lastIndex { $0 <= columns[start] + width }) ?? cells.count
        }
        var cut = Cut()
        cut.text = cells[start..<end].map(\.text).joined()
        cut.before = columns[first] - columns[start]
        if start > 0 || low > whole.startIndex {
            cut.text = "…" + cut.text
            cut.before += 1
        }
        if end < cells.count || high < whole.endIndex { cut.text += "…" }
        cut.marked = max(1, columns[min(last, end)] - columns[first])
        while cut.text.utf8.last == 0x20 { cut.text.removeLast() }
        return cut
    }

    // MARK: Colour

    private enum Paint: String {
        case error = "\u{1B}[1;31m"
        case warning = "\u{1B}[1;33m"
        case note = "\u{1B}[1;32m"
        case gutter = "\u{1B}[1;34m"
        case strong = "\u{1B}[1m"
    }

    private func paint(_ text: String, _ paint: Paint, _ writer: inout ByteWriter) {
        guard inColour, !text.isEmpty else { return writer.append(text) }
        writer.append(paint.rawValue + text + "\u{1B}[0m")
    }
}
