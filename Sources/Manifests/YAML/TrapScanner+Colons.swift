import Diagnostics

// Keys whose colon is not there, or not seen.
extension TrapScanner {
    /// Whether a line starts with what stands at `start`.
    func isFirst(_ start: Int) -> Bool { bytes[lineStart..<max(lineStart, start)].allSatisfy { $0 == 0x20 } }

    /// `workers:2` is a word to YAML: a colon ends a key only before a blank.
    mutating func mendTightColon(_ start: Int, _ end: Int) -> Bool {
        guard let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")), colon > start, colon + 1 < end,
            bytes[start..<colon].allSatisfy({ extent.isWord($0) && $0 < 0x80 }),
            bytes[colon + 1] != UInt8(ascii: "/"), bytes[colon + 1] != UInt8(ascii: ":"), !isBelowKey()
        else { return false }
        let suggestion = text(start, colon + 1) + " " + text(colon + 1, end)
        trap(
            YAMLRules.syntax, "a `:` needs a space after it", start, end, help: "write `\(suggestion)`",
            suggestion: suggestion, edits: [Repair.Edit(colon + 1, colon + 1, " ".utf8)])
        return true
    }

    /// A word with keys indented below it.
    mutating func mendMissingColon(_ start: Int, _ end: Int) -> Bool {
        let word = bytes[start..<end]
        // `GET /a` is a key too; other text with blanks is text.
        guard !word.contains(where: { $0 == 0x20 || $0 == 0x09 }) || contains(" /", start, end) else { return false }
        trap(
            YAMLRules.syntax, "`\(text(start, end))` has no `:`", start, end, help: "write `\(text(start, end)):`",
            suggestion: text(start, end) + ":", edits: [Repair.Edit(end, end, ":".utf8)])
        return true
    }

    /// Whether the line above ends in a colon, so that this one may be its value.
    private func isBelowKey() -> Bool {
        var before = lineStart
        while before > 0, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[before - 1]) { before -= 1 }
        return byte(before - 1) == UInt8(ascii: ":")
    }
}
