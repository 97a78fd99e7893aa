/// Text for a terminal: wrapped, indented, in bold where that is wanted.
struct PlainText {
    private(set) var text = ""
    let inColour: Bool
    private let width = 80

    init(inColour: Bool) {
        self.inColour = inColour
    }

    mutating func blank() { text += "\n" }

    mutating func append(_ other: PlainText) { text += other.text }

    mutating func heading(_ line: String) { text += bold(line) + "\n" }

    /// Prose, broken between words. Code in backticks is not broken.
    mutating func paragraph(_ prose: String, indent: Int = 2) {
        text += Self.wrapped(prose, width: width - indent).map { Self.spaces(indent) + $0 + "\n" }.joined()
    }

    /// A word with what it means, at a common column.
    mutating func term(_ word: String, _ meaning: String, column: Int, indent: Int = 2) {
        let lines = Self.wrapped(meaning, width: width - indent - column)
        let padded = word + Self.spaces(max(2, column - word.count))
        text += Self.spaces(indent) + bold(word) + padded.dropFirst(word.count) + (lines.first ?? "") + "\n"
        for line in lines.dropFirst() { text += Self.spaces(indent + column) + line + "\n" }
    }

    /// The same on one line, cut where it is too long.
    mutating func line(_ word: String, _ meaning: String, column: Int) {
        let room = 120 - 2 - column
        let cut = meaning.count > room ? meaning.prefix(room - 1) + "…" : meaning[...]
        text += "  " + bold(word) + Self.spaces(max(2, column - word.count)) + cut + "\n"
    }

    /// As it is, line by line.
    mutating func verbatim(_ block: String, indent: Int = 4) {
        var lines = block.split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines { text += (line.isEmpty ? "" : Self.spaces(indent) + line) + "\n" }
    }

    private func bold(_ text: String) -> String { inColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    static func wrapped(_ prose: String, width: Int) -> [String] {
        var words: [String] = []
        var isOpen = false
        for word in prose.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init) {
            if isOpen { words[words.count - 1] += " " + word } else { words.append(word) }
            if !word.count(where: { $0 == "`" }).isMultiple(of: 2) { isOpen.toggle() }
        }
        var lines = [""]
        for word in words {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }
}
