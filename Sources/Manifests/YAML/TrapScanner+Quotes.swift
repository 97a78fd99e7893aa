import Diagnostics

extension TrapScanner {
    private static let mostEdits = 20_000

    // MARK: Reporting

    mutating func trap(
        _ rule: Rule, _ message: String, _ start: Int, _ end: Int, label: String? = nil, help: String,
        suggestion: String? = nil, edits: [Repair.Edit], isSilent: Bool = false
    ) {
        let finding = Finding(
            rule, message, at: SourceRange(source, start, end), label: label, help: help, suggestion: suggestion)
        // A text that needs thousands of edits is not one that somebody wrote.
        traps.append(Trap(finding: finding, edits: edits.count > Self.mostEdits ? [] : edits, isSilent: isSilent))
    }

    /// Reports what should stand in quotes, and puts it there.
    mutating func quote(_ rule: Rule, _ start: Int, _ end: Int, isSilent: Bool = false) {
        guard end > start else { return }
        let text = bytes[start..<end]
        let hasDouble = text.contains(UInt8(ascii: "\"")) || text.contains(UInt8(ascii: "\\"))
        let prefersDouble = rule.id == YAMLRules.hole.id || text.contains(UInt8(ascii: "'"))
        let mark = UInt8(ascii: prefersDouble && !hasDouble ? "\"" : "'")
        var edits = [Repair.Edit(start, start, [mark])]
        if mark == UInt8(ascii: "'") {
            for (offset, byte) in text.enumerated() where byte == mark {
                edits.append(Repair.Edit(start + offset, start + offset, [mark]))
            }
        }
        edits.append(Repair.Edit(end, end, [mark]))
        var quoted: [UInt8] = [mark]
        for byte in text {
            if byte == mark { quoted.append(mark) }
            quoted.append(byte)
        }
        quoted.append(mark)
        let suggestion = String(decoding: quoted, as: UTF8.self)
        var message = rule.summary
        if rule.id == YAMLRules.reserved.id, let sign = text.first {
            let shown = sign == UInt8(ascii: "`") ? "a backquote" : "`\(String(decoding: [sign], as: UTF8.self))`"
            message = message.replacing("this sign", with: shown)
        }
        trap(
            rule, message, start, end, help: "put it in quotes: `\(suggestion)`", suggestion: suggestion,
            edits: edits, isSilent: isSilent)
    }

    // MARK: Quoted scalars

    /// Behind the quote that ends the scalar which starts at `start`, if that is before `limit`.
    mutating func quoteEnd(_ start: Int, _ limit: Int) -> Int? {
        let mark = byte(start)
        var end = start + 1
        while end < limit, extent.hasSteps {
            extent.step()
            if byte(end) == UInt8(ascii: "\\"), mark == UInt8(ascii: "\"") {
                end += 2
            } else if byte(end) == mark {
                guard mark == UInt8(ascii: "'"), byte(end + 1) == mark else { return end + 1 }
                end += 2
            } else {
                end += 1
            }
        }
        return nil
    }

    /// Where a quoted scalar may go on to: the next line that is not right of the parent ends the search.
    private mutating func quoteLimit(_ start: Int, parent: Int) -> Int {
        var line = nextLine(start)
        while line < bytes.count {
            var first = line
            while isBlank(first) { first += 1 }
            extent.step(first - line + 1)
            if !isEnd(first), indent(line, first) <= parent || !extent.hasSteps { return line }
            line = nextLine(first)
        }
        return bytes.count
    }

    mutating func quotedValue(parent: Int) {
        let start = at
        guard let end = quoteEnd(start, quoteLimit(start, parent: parent)) else {
            openQuote(start, inFlow: false)
            return skipLine()
        }
        at = end
        skipBlanks()
        if !isEnd(at), !(byte(at) == UInt8(ascii: "#") && at > end), extent.lineEnd(start) == extent.lineEnd(at) {
            let whole = extent.block(start)
            if !requote(start, end, whole) { quote(YAMLRules.afterQuote, start, whole) }
        } else {
            checkEscapes(start, end)
        }
        skipLine()
    }

    /// `'It's'`: the same quote stands inside, where a word goes on behind it; quotes of the other kind are meant.
    private mutating func requote(_ start: Int, _ end: Int, _ whole: Int) -> Bool {
        let mark = byte(start)
        let other = UInt8(ascii: mark == UInt8(ascii: "'") ? "\"" : "'")
        guard whole > end, byte(whole - 1) == mark, extent.isWord(byte(end)) else { return false }
        let inside = bytes[(start + 1)..<(whole - 1)]
        guard !inside.contains(other), !inside.contains(UInt8(ascii: "\\")) else { return false }
        let suggestion = String(decoding: [other] + inside + [other], as: UTF8.self)
        trap(
            YAMLRules.afterQuote, YAMLRules.afterQuote.summary, start, whole,
            help: "use the other quotes: `\(suggestion)`", suggestion: suggestion,
            edits: [Repair.Edit(start, start + 1, [other]), Repair.Edit(whole - 1, whole, [other])])
        return true
    }

    /// A quote that nothing closes: it was meant to close on its line.
    mutating func openQuote(_ start: Int, inFlow: Bool) {
        var end = extent.lineEnd(start)
        while end > start + 1, isBlank(end - 1) || (inFlow && "]}".utf8.contains(byte(end - 1))) { end -= 1 }
        let mark = byte(start)
        let suggestion = text(start, end) + (mark == UInt8(ascii: "'") ? "'" : "\"")
        trap(
            YAMLRules.quote, "this quote is not closed", start, end, help: "close it: `\(suggestion)`",
            suggestion: suggestion, edits: [Repair.Edit(end, end, [mark])])
    }

    // MARK: Escapes

    mutating func checkEscapes(_ start: Int, _ end: Int) {
        guard byte(start) == UInt8(ascii: "\"") else { return }
        var bad: [Int] = []
        var hasGood = false
        var offset = start + 1
        while offset < end - 1 {
            guard byte(offset) == UInt8(ascii: "\\") else {
                offset += 1
                continue
            }
            if isEscape(offset) { hasGood = true } else { bad.append(offset) }
            offset += 2
        }
        guard let first = bad.first else { return }
        let edits = bad.map { Repair.Edit($0, $0, "\\".utf8) }
        let inside = bytes[(start + 1)..<(end - 1)]
        if !hasGood, !inside.contains(UInt8(ascii: "'")) {
            let single = "'" + String(decoding: inside, as: UTF8.self) + "'"
            trap(
                YAMLRules.escape, YAMLRules.escape.summary, start, end, label: "`\(escapeText(first))` is none",
                help: "use single quotes: `\(single)`", suggestion: single, edits: edits)
        } else {
            let escape = escapeText(first)
            trap(
                YAMLRules.escape, YAMLRules.escape.summary, first, first + escape.utf8.count,
                help: "write `\\\(escape)`, or use single quotes", suggestion: "\\" + escape, edits: edits)
        }
    }

    private func escapeText(_ at: Int) -> String {
        var end = at + 2
        while byte(end) & 0xC0 == 0x80 { end += 1 }
        return text(at, min(end, bytes.count))
    }

    private func isEscape(_ at: Int) -> Bool {
        let letter = byte(at + 1)
        if letter == 0x0A || letter == 0x0D { return true }
        let digits: Int
        switch letter {
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default: return "0abt\tnvfre \"/\\N_LP".utf8.contains(letter)
        }
        return (2..<(2 + digits)).allSatisfy {
            let digit = byte(at + $0)
            return (digit >= 0x30 && digit <= 0x39) || (digit | 0x20 >= 0x61 && digit | 0x20 <= 0x66)
        }
    }
}
