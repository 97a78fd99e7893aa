import Diagnostics

/// Two texts line by line: what was expected under `-`, what came under `+`, carets under the first difference.
struct TextDiff {
    private(set) var lines: [String] = []
    private(set) var summary = ""
    private let expected: [ArraySlice<UInt8>]
    private let got: [ArraySlice<UInt8>]
    /// How many lines that are the same were left out before the first of these.
    private let skipped: Int

    /// Lines that are the same, shown around those that are not.
    private static let context = 2
    private static let longest = 40
    /// More lines than this are compared from both ends only: the work grows with their product.
    private static let comparable = 1000
    /// Of a text with more bytes than this a part around the first difference is looked at.
    private static let whole = 256 * 1024
    private static let part = 8 * 1024

    init(_ expected: [UInt8], _ got: [UInt8]) {
        let start = max(expected.count, got.count) > Self.whole ? Self.startOfDifference(expected, got) : 0
        let end = start == 0 ? Int.max : start + Self.part
        skipped = expected[..<start].count { $0 == 0x0A }
        self.expected = Self.split(expected[start..<min(end, expected.count)])
        self.got = Self.split(got[start..<min(end, got.count)])
        let edits = edits
        summary = summary(edits)
        show(edits)
    }

    /// Where the line starts in which the first difference is, at most a little before that.
    private static func startOfDifference(_ expected: [UInt8], _ got: [UInt8]) -> Int {
        let same = zip(expected, got).prefix { $0 == $1 }.count
        let near = max(0, same - part / 2)
        return (expected[near..<same].lastIndex(of: 0x0A) ?? near - 1) + 1
    }

    /// Each with its line break, so that a missing one at the end is a difference.
    private static func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        for index in text.indices where text[index] == 0x0A {
            lines.append(text[start...index])
            start = index + 1
        }
        if start < text.endIndex { lines.append(text[start...]) }
        return lines
    }

    // MARK: Comparing

    private enum Edit: Equatable {
        case same(Int, Int)
        case removed(Int)
        case added(Int)
    }

    /// By the longest common subsequence of what is left between a common start and a common end.
    private var edits: [Edit] {
        let start = zip(expected, got).prefix { $0 == $1 }.count
        let room = min(expected.count, got.count) - start
        let end = zip(expected.reversed(), got.reversed()).prefix { $0 == $1 }.prefix(room).count
        let old = start..<expected.count - end
        let new = start..<got.count - end
        var edits = (0..<start).map { Edit.same($0, $0) }
        if old.count <= Self.comparable, new.count <= Self.comparable {
            edits += middle(old, new)
        } else {
            edits += old.map { .removed($0) } + new.map { .added($0) }
        }
        return edits + (0..<end).map { .same(old.upperBound + $0, new.upperBound + $0) }
    }

    private func middle(_ old: Range<Int>, _ new: Range<Int>) -> [Edit] {
        let width = new.count + 1
        // How long the longest common subsequence is from each pair of places on.
        var common = [Int32](repeating: 0, count: (old.count + 1) * width)
        for i in (0..<old.count).reversed() {
            for j in (0..<new.count).reversed() {
                let isSame = expected[old.lowerBound + i] == got[new.lowerBound + j]
                common[i * width + j] =
                    isSame
                    ? common[(i + 1) * width + j + 1] + 1
                    : max(common[(i + 1) * width + j], common[i * width + j + 1])
            }
        }
        var edits: [Edit] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            let (a, b) = (old.lowerBound + i, new.lowerBound + j)
            if i < old.count, j < new.count, expected[a] == got[b] {
                edits.append(.same(a, b))
                i += 1
                j += 1
            } else if j == new.count || i < old.count && common[(i + 1) * width + j] >= common[i * width + j + 1] {
                edits.append(.removed(a))
                i += 1
            } else {
                edits.append(.added(b))
                j += 1
            }
        }
        return edits
    }

    // MARK: Showing

    private func summary(_ edits: [Edit]) -> String {
        let ends = (expected.last?.last == 0x0A, got.last?.last == 0x0A)
        if ends.0 != ends.1, expected.count == got.count, Self.withoutBreak(expected) == Self.withoutBreak(got) {
            return ends.1
                ? "there is a line break at the end, and none was expected" : "the line break at the end is missing"
        }
        if got.isEmpty { return "expected a text, got nothing" }
        if expected.isEmpty { return "expected nothing, got a text" }
        guard skipped > 0 || expected.count > 1 || got.count > 1 else { return "differs" }
        var line = skipped + 1
        for edit in edits {
            guard case .same = edit else { break }
            line += 1
        }
        return "differs from line \(line) on"
    }

    private static func withoutBreak(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
        let text = lines.flatMap { $0 }
        return text.last == 0x0A ? text.dropLast() : text
    }

    private mutating func show(_ edits: [Edit]) {
        var at = 0
        var isSkipping = false
        while at < edits.count {
            guard case .same(_, let index) = edits[at] else {
                // What was removed stands before what was added.
                let end = edits[at...].firstIndex { if case .same = $0 { true } else { false } } ?? edits.count
                show(changed: edits[at..<end])
                at = end
                isSkipping = false
                continue
            }
            let isNear = edits[max(0, at - Self.context)..<min(edits.count, at + Self.context + 1)].contains {
                if case .same = $0 { false } else { true }
            }
            if isNear {
                lines.append("  " + Line(got[index]).plain)
            } else if !isSkipping {
                isSkipping = true
                if at > 0 { lines.append("  …") }
            }
            at += 1
        }
        if lines.last == "  …" { lines.removeLast() }
        if lines.count > Self.longest {
            let more = lines.count - Self.longest
            lines = lines.prefix(Self.longest) + ["… and \(more) more line\(more == 1 ? "" : "s")"]
        }
    }

    private mutating func show(changed edits: ArraySlice<Edit>) {
        var removed: [Line] = []
        var added: [Line] = []
        for edit in edits {
            switch edit {
            case .removed(let index): removed.append(Line(expected[index]))
            case .added(let index): added.append(Line(got[index]))
            case .same: break
            }
        }
        guard removed.count == added.count else {
            lines += removed.map { "- " + $0.careful } + added.map { "+ " + $0.careful }
            return
        }
        // As many as there were: each beside its counterpart.
        for (old, new) in zip(removed, added) { lines += Line.pair(old, new) }
    }
}

/// A line as a terminal shows it.
private struct Line {
    private let bytes: ArraySlice<UInt8>
    private let hasBreak: Bool
    private static let width = 100

    init(_ line: ArraySlice<UInt8>) {
        hasBreak = line.last == 0x0A
        bytes = hasBreak ? line.dropLast() : line
    }

    var plain: String { Self.cut(DisplayText(bytes).cells.map(\.text).joined()) }

    /// With marks for blanks at the end.
    var careful: String { Self.cut(cells().map(\.text).joined()) }

    private struct Cell: Equatable {
        let text: String
        let width: Int
    }

    /// - Parameter start: from which byte on to show what cannot be seen, or not be told apart.
    private func cells(markedFrom start: Int = .max) -> [Cell] {
        let blanks = bytes.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
        var cells = DisplayText(bytes).cells.map { cell in
            let byte = bytes[bytes.startIndex + cell.offset]
            let marked = cell.offset >= start
            let isAtEnd = cell.offset >= bytes.count - blanks
            if byte == 0x20, marked || isAtEnd { return Cell(text: "·", width: 1) }
            if byte == 0x09, marked || isAtEnd { return Cell(text: "→", width: 1) }
            if byte == 0x0D { return Cell(text: "\\r", width: 2) }
            if marked, byte >= 0x80 {
                let escape = cell.text.unicodeScalars.map { "\\u{" + String($0.value, radix: 16) + "}" }.joined()
                return Cell(text: cell.text.hasPrefix("\\") ? cell.text : escape, width: escape.utf8.count)
            }
            return Cell(text: cell.text, width: cell.width)
        }
        if start < .max, hasBreak { cells.append(Cell(text: "⏎", width: 1)) }
        return cells
    }

    /// Whether a space of any kind starts there.
    private func isBlank(at offset: Int) -> Bool {
        String(decoding: bytes.dropFirst(offset).prefix(4), as: UTF8.self).unicodeScalars.first?.properties.isWhitespace
            ?? false
    }

    /// What was expected, what came, and a caret under the first difference.
    static func pair(_ old: Line, _ new: Line) -> [String] {
        // A character that differs in its last byte differs as a whole.
        var first = zip(old.bytes, new.bytes).prefix { $0 == $1 }.count
        while first > 0, first < old.bytes.count, old.bytes[old.bytes.startIndex + first] & 0xC0 == 0x80 { first -= 1 }
        let looksSame =
            old.plain == new.plain || old.careful == new.careful || old.isBlank(at: first) && new.isBlank(at: first)
        let (before, after) = (
            old.cells(markedFrom: looksSame ? first : .max), new.cells(markedFrom: looksSame ? first : .max)
        )
        let same = zip(before, after).prefix { $0 == $1 }
        let place = same.reduce(0) { $0 + $1.0.width }
        // A long line is cut so that the place can be seen.
        var shownFrom = 0
        var skipped = 0
        if place > width * 2 / 3 {
            while shownFrom < same.count, place - skipped > width / 3 {
                skipped += before[shownFrom].width
                shownFrom += 1
            }
        }
        func shown(_ cells: [Cell]) -> String {
            (shownFrom > 0 ? "…" : "") + cut(cells[min(shownFrom, cells.count)...].map(\.text).joined())
        }
        let caret = String(repeating: " ", count: place - skipped + (shownFrom > 0 ? 1 : 0)) + "^"
        return ["- " + shown(before), "+ " + shown(after), "  " + caret]
    }

    private static func cut(_ text: String) -> String {
        text.count > width ? String(text.prefix(width - 1)) + "…" : text
    }
}
