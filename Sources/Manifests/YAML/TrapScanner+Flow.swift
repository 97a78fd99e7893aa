import Diagnostics

extension TrapScanner {
    private struct Open {
        let start: Int
        let isMap: Bool
        var atKey: Bool
    }

    /// A value in brackets or braces, and what may wrongly stand behind it.
    mutating func flowValue(parent: Int) {
        let start = at
        guard flow(parent: parent) else { return }
        let end = at
        skipBlanks()
        if !isEnd(at), !(byte(at) == UInt8(ascii: "#") && at > end), extent.lineEnd(start) == extent.lineEnd(at) {
            // Text that happens to start with a bracket: what was found inside it goes.
            forget(from: start)
            quote(YAMLRules.flow, start, extent.block(start))
        }
        skipLine()
    }

    private mutating func forget(from start: Int) {
        while let last = traps.last, last.finding.range.start >= start { traps.removeLast() }
    }

    /// Steps over a flow collection; false if it is not closed, and then `at` is at the line to go on with.
    private mutating func flow(parent: Int) -> Bool {
        var open: [Open] = []
        while at < bytes.count, goesOn {
            switch byte(at) {
            case 0x20, 0x09: at += 1
            case 0x0A, 0x0D:
                let end = at
                skipLine()
                var first = at
                while first < bytes.count {
                    while isBlank(first) { first += 1 }
                    guard isEnd(first), first < bytes.count else { break }
                    at = nextLine(first)
                    first = at
                }
                let indent = indent(at, first)
                if first >= bytes.count || (indent <= parent && !"]},".utf8.contains(byte(first))) {
                    unclosed(open, end)
                    return false
                }
                at = first
            case UInt8(ascii: "#") where at == 0 || isGap(at - 1): at = extent.lineEnd(at)
            case UInt8(ascii: ","):
                if !open.isEmpty { open[open.count - 1].atKey = open[open.count - 1].isMap }
                at += 1
            case UInt8(ascii: ":"):
                if !open.isEmpty { open[open.count - 1].atKey = false }
                at += 1
            case UInt8(ascii: "{") where byte(at + 1) == UInt8(ascii: "{") && !open.isEmpty:
                item(YAMLRules.hole, open, isSilent: true)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isMap = byte(at) == UInt8(ascii: "{")
                open.append(Open(start: at, isMap: isMap, atKey: isMap))
                at += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                guard let last = open.popLast() else { return true }
                if last.isMap != (byte(at) == UInt8(ascii: "}")) {
                    // Closed by the other kind of bracket: libyaml says it well.
                    skipLine()
                    return false
                }
                at += 1
                if open.isEmpty { return true }
                afterNested(last.start, open)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): flowQuoted(open)
            case UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"): flowProperty(open)
            case UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "%"): item(YAMLRules.reserved, open)
            default: flowPlain(open)
            }
        }
        if goesOn { unclosed(open, bytes.count) }
        return false
    }

    /// Reports the item that starts here and goes behind it.
    private mutating func item(_ rule: Rule, _ open: [Open], isSilent: Bool = false) {
        guard let end = extent.flow(at, isKey: open.last?.atKey ?? false), end > at else {
            at += 1
            return
        }
        quote(rule, at, end, isSilent: isSilent)
        at = end
    }

    /// Only white space, a comma, a bracket or (behind a key) a colon may follow an inner collection.
    private mutating func afterNested(_ start: Int, _ open: [Open]) {
        let next = byte(at)
        let isKey = open.last?.atKey ?? false
        guard !isGap(at), !",]}".utf8.contains(next), !(next == UInt8(ascii: ":") && isKey) else { return }
        let inside = at
        at = start
        guard let end = extent.flow(start, isKey: isKey), end > inside else {
            at = inside
            return
        }
        forget(from: start)
        quote(YAMLRules.flow, start, end)
        at = end
    }

    private mutating func flowQuoted(_ open: [Open]) {
        let start = at
        guard let end = quoteEnd(start, bytes.count), !crossesKey(start, end) else {
            openQuote(start, inFlow: true)
            at = extent.lineEnd(start)
            while at > start, isBlank(at - 1) || "]}".utf8.contains(byte(at - 1)) { at -= 1 }
            return
        }
        at = end
        skipBlanks()
        let next = byte(at)
        if isEnd(at) || ",]}:".utf8.contains(next) || (next == UInt8(ascii: "#") && at > end) {
            checkEscapes(start, end)
        } else if extent.lineEnd(start) == extent.lineEnd(at) {
            at = start
            item(YAMLRules.afterQuote, open)
            if at <= start { at = end }
        }
    }

    /// A quoted scalar that swallows what looks like a key of a block is one that was not closed.
    private mutating func crossesKey(_ start: Int, _ end: Int) -> Bool {
        var line = nextLine(start)
        while line < end {
            let plain = extent.plain(line, inFlow: false)
            if !isBlank(line), plain.stop == UInt8(ascii: ":") { return true }
            line = nextLine(line)
        }
        return false
    }

    private mutating func flowProperty(_ open: [Open]) {
        var end = at + 1
        while !isGap(end), !",[]{}".utf8.contains(byte(end)) { end += 1 }
        var rest = end
        while isBlank(rest) { rest += 1 }
        let isLast = isEnd(rest) || ",]}".utf8.contains(byte(rest))
        switch byte(at) {
        case UInt8(ascii: "!"):
            if isMeantAsNot(at, end, rest, isLast: isLast) { return item(YAMLRules.bang, open, isSilent: true) }
        case UInt8(ascii: "*"):
            if !isName(at + 1, end) || !(isLast || byte(rest) == UInt8(ascii: ":")) {
                return item(YAMLRules.star, open)
            }
        default:
            if !isName(at + 1, end) { return item(YAMLRules.star, open) }
            if isLast, !aliases.contains(Array(bytes[(at + 1)..<end])) {
                return item(YAMLRules.star, open, isSilent: true)
            }
        }
        at = end
    }

    private mutating func flowPlain(_ open: [Open]) {
        let start = at
        let isKey = open.last?.atKey ?? false
        let plain = extent.plain(start, inFlow: true)
        // `[a: b]` is a map of one pair, `[a ? b : c]` was meant as an expression.
        let isPair = open.last?.isMap == false && !contains(" ? ", start, plain.at)
        let meant = extent.flow(start, isKey: isKey || isPair) ?? plain.end
        at = max(plain.at, start + 1)
        guard meant > plain.end, plain.stop != 0, !(isPair && plain.stop == UInt8(ascii: ":")) else { return }
        let isSequence = open.last?.isMap == false
        switch plain.stop {
        case UInt8(ascii: "{") where byte(plain.at + 1) == UInt8(ascii: "{"): quote(YAMLRules.hole, start, meant)
        case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            quote(YAMLRules.flow, start, meant)
        case UInt8(ascii: ","): quote(YAMLRules.comma, start, meant, isSilent: true)
        case UInt8(ascii: ":"): quote(YAMLRules.colon, start, meant, isSilent: isSequence)
        default: quote(YAMLRules.comment, start, meant, isSilent: true)
        }
        at = meant
    }

    private mutating func unclosed(_ open: [Open], _ end: Int) {
        guard let innermost = open.last else { return }
        var last = min(end, bytes.count)
        while last > innermost.start, isGap(last - 1) { last -= 1 }
        let closers = open.reversed().map { $0.isMap ? UInt8(ascii: "}") : UInt8(ascii: "]") }
        let bracket = innermost.isMap ? "`{`" : "`[`"
        trap(
            YAMLRules.bracket, "this \(bracket) is not closed", innermost.start, innermost.start + 1,
            help: "add \(innermost.isMap ? "`}`" : "`]`") at the end", edits: [Repair.Edit(last, last, closers)])
    }
}
