import Diagnostics

/// Reads block structure line by line and looks for traps at each key and value.
struct TrapScanner {
    let source: Source
    let bytes: [UInt8]
    var extent: MeantExtent
    /// The names that some alias refers to.
    let aliases: Set<[UInt8]>
    var at: Int
    var traps: [Trap] = []

    init(_ source: Source, from start: Int) {
        self.source = source
        self.bytes = source.bytes
        self.extent = MeantExtent(source.bytes)
        self.aliases = Self.aliases(in: source.bytes)
        self.at = start
        self.lineStart = start
    }

    /// Of the line that `at` is in.
    private(set) var lineStart: Int
    /// Lines before this offset whose indentation is at least so much stand further left once mended.
    private var shifted = (end: 0, indent: 0, by: 0)

    /// The indentation of a line whose first character is at `first`, as it will be.
    func indent(_ line: Int, _ first: Int) -> Int {
        let indent = first - line
        return line < shifted.end && indent >= shifted.indent ? indent - shifted.by : indent
    }

    func byte(_ offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }
    func isEnd(_ offset: Int) -> Bool { offset >= bytes.count || bytes[offset] == 0x0A || bytes[offset] == 0x0D }
    func isBlank(_ offset: Int) -> Bool { byte(offset) == 0x20 || byte(offset) == 0x09 }
    func isGap(_ offset: Int) -> Bool { isEnd(offset) || isBlank(offset) }

    mutating func skipBlanks() {
        while isBlank(at) { at += 1 }
    }

    mutating func skipLine() {
        at = nextLine(at)
        lineStart = at
    }

    func nextLine(_ from: Int) -> Int {
        let end = extent.lineEnd(from)
        if end >= bytes.count { return bytes.count }
        return bytes[end] == 0x0D && byte(end + 1) == 0x0A ? end + 2 : end + 1
    }

    private static func aliases(in bytes: [UInt8]) -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        var at = 0
        while let star = bytes[at...].firstIndex(of: UInt8(ascii: "*")) {
            let name = bytes[(star + 1)...].prefix {
                $0 == UInt8(ascii: "-") || $0 == 0x5F || $0 >= 0x30 && $0 <= 0x39
                    || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A
            }
            names.insert(Array(name))
            at = name.endIndex
        }
        return names
    }

    // MARK: Lines

    /// The first thousand traps say enough.
    var goesOn: Bool { extent.hasSteps && traps.count < 1000 }

    mutating func scan() {
        while at < bytes.count, goesOn {
            lineStart = at
            line()
        }
    }

    private mutating func line() {
        let indent = indentation()
        if isEnd(at) || byte(at) == UInt8(ascii: "#") { return skipLine() }
        if at == lineStart {
            if byte(at) == UInt8(ascii: "%") { return skipLine() }
            let marker = bytes[at...].prefix(3)
            if marker.elementsEqual("---".utf8) || marker.elementsEqual("...".utf8), isGap(at + 3) {
                at += 3
                skipBlanks()
                if isEnd(at) { return skipLine() }
            }
        }
        node(column: indent, parent: indent - 1)
    }

    /// Steps over the indentation; a tab in it counts for two spaces and is a trap if something follows.
    private mutating func indentation() -> Int {
        let start = at
        skipBlanks()
        let blanks = bytes[start..<at]
        guard blanks.contains(0x09) else { return indent(start, at) }
        let width = blanks.reduce(0) { $0 + ($1 == 0x09 ? 2 : 1) }
        if !isEnd(at), byte(at) != UInt8(ascii: "#") { reportTab(start, at, width) }
        return width
    }

    private mutating func reportTab(_ start: Int, _ end: Int, _ width: Int) {
        let spaces = String(repeating: " ", count: width)
        trap(
            YAMLRules.tab, "indentation is spaces, not tabs", start, end, help: "use \(width) spaces",
            suggestion: spaces, edits: [Repair.Edit(start, end, spaces.utf8)])
    }

    private mutating func node(column: Int, parent: Int) {
        var column = column
        var parent = parent
        var inSequence = false
        while "-?:".utf8.contains(byte(at)), at < bytes.count, isGap(at + 1) {
            inSequence = byte(at) == UInt8(ascii: "-")
            parent = column
            let from = at
            at += 1
            skipBlanks()
            column += at - from
            if isEnd(at) || byte(at) == UInt8(ascii: "#") { return skipLine() }
        }
        if let colon = keyEnd() {
            checkKey(colon, inSequence: inSequence)
            at = colon + 1
            skipBlanks()
            value(parent: column)
        } else {
            value(parent: parent)
        }
    }

    /// The colon behind the key that starts here, if one does.
    private mutating func keyEnd() -> Int? {
        let first = byte(at)
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            guard var end = quoteEnd(at, extent.lineEnd(at)) else { return nil }
            while isBlank(end) { end += 1 }
            return byte(end) == UInt8(ascii: ":") && isGap(end + 1) ? end : nil
        }
        if "[{|>".utf8.contains(first) { return nil }
        let plain = extent.plain(at, inFlow: false)
        return plain.stop == UInt8(ascii: ":") ? plain.at : nil
    }

    private mutating func checkKey(_ colon: Int, inSequence: Bool) {
        let first = byte(at)
        let end = extent.plain(at, inFlow: false).end
        if "@`%".utf8.contains(first) { return quote(YAMLRules.reserved, at, end) }
        if first == UInt8(ascii: "*"), !isName(at + 1, end) { return quote(YAMLRules.star, at, end) }
        // `- a ? b : c` is a map with the key `a ? b`.
        if inSequence, first != UInt8(ascii: "\""), first != UInt8(ascii: "'"), isBlank(colon - 1),
            contains(" ? ", at, colon)
        {
            quote(YAMLRules.colon, at, extent.block(at), isSilent: true)
        }
    }

    func contains(_ text: String, _ start: Int, _ end: Int) -> Bool {
        let wanted = Array(text.utf8)
        guard end - start >= wanted.count else { return false }
        return (start...(end - wanted.count)).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    /// Whether all of it could be the name of an anchor.
    func isName(_ start: Int, _ end: Int) -> Bool {
        start < end
            && bytes[start..<end].allSatisfy {
                $0 == UInt8(ascii: "-") || (extent.isWord($0) && $0 < 0x80)
            }
    }

    // MARK: Values in block context

    /// - Parameter parent: the column that lines which go on must be right of.
    private mutating func value(parent: Int) {
        while !isEnd(at), byte(at) != UInt8(ascii: "#"), skipProperty(parent: parent) { skipBlanks() }
        if isEnd(at) || byte(at) == UInt8(ascii: "#") { return skipLine() }
        switch byte(at) {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quotedValue(parent: parent)
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            if isBlockHeader() { return block(parent: parent) }
            quote(YAMLRules.reserved, at, extent.block(at))
            skipLine()
        case UInt8(ascii: "{") where byte(at + 1) == UInt8(ascii: "{"):
            quote(YAMLRules.hole, at, extent.block(at), isSilent: true)
            skipLine()
        case UInt8(ascii: "{"), UInt8(ascii: "["): flowValue(parent: parent)
        case UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "%"), UInt8(ascii: ","):
            quote(YAMLRules.reserved, at, extent.block(at))
            skipLine()
        case UInt8(ascii: "*"):
            let end = extent.block(at)
            if !isName(at + 1, end) { quote(YAMLRules.star, at, end) }
            skipLine()
        case UInt8(ascii: "-") where isGap(at + 1): skipLine()
        case UInt8(ascii: "!"):
            quote(YAMLRules.bang, at, extent.block(at), isSilent: true)
            skipLine()
        default: plainValue(parent: parent)
        }
    }

    /// Steps over an anchor or a tag that is one; what only looks like one is left for `value`.
    private mutating func skipProperty(parent: Int) -> Bool {
        let first = byte(at)
        var end = at + 1
        while !isGap(end) { end += 1 }
        var rest = end
        while isBlank(rest) { rest += 1 }
        let isLast = isEnd(rest) || byte(rest) == UInt8(ascii: "#")
        switch first {
        case UInt8(ascii: "&"):
            let isAnchor = isName(at + 1, end)
            let isAlone = isLast && !goesOn(parent: parent)
            if !isAnchor || (isAlone && !aliases.contains(Array(bytes[(at + 1)..<end]))) {
                quote(YAMLRules.star, at, extent.block(at), isSilent: isAnchor)
                at = extent.lineEnd(at)
                return false
            }
        case UInt8(ascii: "!"):
            let isAlone = isLast && !goesOn(parent: parent)
            if isMeantAsNot(at, end, rest, isLast: isAlone) { return false }
        default: return false
        }
        at = end
        return true
    }

    func text(_ start: Int, _ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }

    /// Whether the next line with something on it belongs to this value.
    private mutating func goesOn(parent: Int) -> Bool {
        var line = nextLine(at)
        while line < bytes.count {
            var start = line
            while isBlank(start) { start += 1 }
            extent.step(start - line + 1)
            if !isEnd(start), byte(start) != UInt8(ascii: "#") {
                let indent = indent(line, start)
                return indent > parent || (indent == parent && byte(start) == UInt8(ascii: "-") && isGap(start + 1))
            }
            line = nextLine(start)
        }
        return false
    }

    private static let tags = Set(
        ["str", "int", "float", "bool", "null", "map", "seq", "binary", "timestamp", "set", "omap", "pairs"])

    /// `!has(x)`, `!done`, `! x` are negations, `!!str x` and `!include x` are tags.
    func isMeantAsNot(_ start: Int, _ end: Int, _ rest: Int, isLast: Bool) -> Bool {
        let word = text(start + 1, end)
        if word.isEmpty { return !isLast && byte(rest) != UInt8(ascii: "\"") && byte(rest) != UInt8(ascii: "'") }
        if word.utf8.first == UInt8(ascii: "<") { return false }
        if word.utf8.first == UInt8(ascii: "!"), Self.tags.contains(String(word.dropFirst())) { return false }
        if word.utf8.contains(where: { "(.[\"'=".utf8.contains($0) }) { return true }
        return isLast || "&|=<>?!+*/%".utf8.contains(byte(rest))
    }

    // MARK: Block scalars

    private func isBlockHeader() -> Bool {
        var end = at + 1
        while "+-123456789".utf8.contains(byte(end)), end - at < 3 { end += 1 }
        guard isGap(end) else { return false }
        while isBlank(end) { end += 1 }
        return isEnd(end) || (byte(end) == UInt8(ascii: "#") && isBlank(end - 1))
    }

    /// Lines right of the parent, and empty ones, are text.
    private mutating func block(parent: Int) {
        skipLine()
        var content = parent + 2
        while at < bytes.count {
            var start = at
            while byte(start) == 0x20 { start += 1 }
            if indent(at, start) > parent {
                if !isGap(start) { content = start - at }
            } else if byte(start) == 0x09 {
                let from = at
                while isBlank(start) { start += 1 }
                if !isEnd(start) { reportTab(from, start, content) }
            } else if !isEnd(start) {
                return
            }
            skipLine()
        }
    }

    // MARK: Plain scalars

    private mutating func plainValue(parent: Int) {
        let start = at
        let plain = extent.plain(start, inFlow: false)
        let meant = extent.block(start)
        let isAlone = plain.stop == 0 && isFirst(start)
        if isAlone, mendTightColon(start, plain.end) { return skipLine() }
        if plain.stop == UInt8(ascii: ":") {
            quote(YAMLRules.colon, start, meant)
        } else if plain.stop == UInt8(ascii: "#"), meant > plain.at {
            quote(YAMLRules.comment, start, meant, isSilent: true)
        }
        skipLine()
        guard plain.stop == 0 else { return }
        var isBelow = true
        while at < bytes.count {
            var first = at
            while byte(first) == 0x20 { first += 1 }
            if isEnd(first) {
                skipLine()
                continue
            }
            let indent = indent(at, first)
            guard indent > parent, byte(first) != UInt8(ascii: "#") else { return }
            let next = extent.plain(first, inFlow: false)
            if next.stop == UInt8(ascii: ":"), isAlone, isBelow, mendMissingColon(start, plain.end) { return }
            isBelow = false
            // One shift at a time: within another, libyaml says what is wrong.
            if next.stop == UInt8(ascii: ":"), parent >= 0, at >= shifted.end {
                return outdent(indent, to: parent, first, next.at)
            }
            skipLine()
            if next.stop == UInt8(ascii: "#") { return }
        }
    }

    /// A key below a key that already has a value: read it, and what is indented as far, as its neighbour.
    private mutating func outdent(_ indent: Int, to column: Int, _ key: Int, _ colon: Int) {
        var edits: [Repair.Edit] = []
        var line = at
        while line < bytes.count {
            var first = line
            while byte(first) == 0x20 { first += 1 }
            if !isEnd(first) {
                guard first - line >= indent else { break }
                edits.append(Repair.Edit(line, line + indent - column, []))
            }
            line = nextLine(first)
        }
        shifted = (line, indent, indent - column)
        trap(
            YAMLRules.indent, "`\(text(key, colon))` is indented below a key that has its value already", key, colon,
            help: (column == 0 ? "move it to the start of the line" : "indent it by \(column) spaces")
                + ", like its neighbours; text that goes on and has a `: ` in it needs quotes",
            edits: edits)
        // Read on from here as if it stood where it belongs.
        at = key
        node(column: column, parent: column - 1)
    }
}
