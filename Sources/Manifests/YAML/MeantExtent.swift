/// Where a value that was meant as text or as an expression ends: quotes, brackets and holes are kept together.
struct MeantExtent {
    let bytes: [UInt8]
    /// Where the breaks are.
    private let breaks: [Int]
    /// Looking ahead costs steps; a text made to look ahead from everywhere must not cost its square.
    private var steps = 20_000_000

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.breaks = bytes.indices.filter { bytes[$0] == 0x0A || bytes[$0] == 0x0D }
    }

    /// False when so much was looked at that the scanner gives up.
    var hasSteps: Bool { steps > 0 }

    mutating func step(_ count: Int = 1) { steps -= count }

    /// The end of the line that `at` is in, without its break.
    func lineEnd(_ at: Int) -> Int {
        var low = 0
        var high = breaks.count
        while low < high {
            let middle = (low + high) / 2
            if breaks[middle] < at { low = middle + 1 } else { high = middle }
        }
        return low < breaks.count ? breaks[low] : max(at, bytes.count)
    }

    private func trimmed(_ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return end
    }

    /// If a string literal or a hole opens at `at` and closes on the line, where it ends.
    mutating func closed(at: Int, _ limit: Int) -> Int? {
        let byte = bytes[at]
        if byte == UInt8(ascii: "{"), at + 1 < limit, bytes[at + 1] == UInt8(ascii: "{") {
            var end = at + 2
            while end + 1 < limit, hasSteps {
                step()
                if bytes[end] == UInt8(ascii: "}"), bytes[end + 1] == UInt8(ascii: "}") { return end + 2 }
                if let literal = closedQuote(at: end, limit) { end = literal } else { end += 1 }
            }
            return nil
        }
        return closedQuote(at: at, limit)
    }

    /// A quote opens a literal unless it stands behind a letter or a digit, as an apostrophe does; its end must not
    /// stand before one.
    private mutating func closedQuote(at: Int, _ limit: Int) -> Int? {
        let quote = bytes[at]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        if at > 0, isWord(bytes[at - 1]) {
            // r"…" and b"…" are literals of CEL.
            let prefix = "rRbB".utf8.contains(bytes[at - 1]) && (at < 2 || !isWord(bytes[at - 2]))
            if !prefix { return nil }
        }
        var end = at + 1
        while end < limit, hasSteps {
            step()
            if bytes[end] == UInt8(ascii: "\\") {
                end += 2
                continue
            }
            if bytes[end] == quote { return end + 1 >= limit || !isWord(bytes[end + 1]) ? end + 1 : nil }
            end += 1
        }
        return nil
    }

    func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F
    }

    /// Of a value in block context: to the end of the line, without a comment.
    mutating func block(_ start: Int) -> Int {
        let limit = lineEnd(start)
        var at = start
        while at < limit {
            step()
            if bytes[at] == UInt8(ascii: "#"), at > start, bytes[at - 1] == 0x20 || bytes[at - 1] == 0x09 {
                return trimmed(start, at)
            }
            at = closed(at: at, limit) ?? (at + 1)
        }
        return trimmed(start, limit)
    }

    /// Of a key or a value in a flow collection: to the comma or bracket that is not inside brackets of its own.
    /// Nil if something stays open on the line.
    mutating func flow(_ start: Int, isKey: Bool) -> Int? {
        let limit = lineEnd(start)
        var at = start
        var open: [UInt8] = []
        while at < limit {
            step()
            guard hasSteps else { return nil }
            if let end = closed(at: at, limit) {
                at = end
                continue
            }
            switch bytes[at] {
            case UInt8(ascii: "("): open.append(UInt8(ascii: ")"))
            case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
            case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                if open.last == bytes[at] {
                    open.removeLast()
                } else if bytes[at] != UInt8(ascii: ")") {
                    return open.isEmpty ? trimmed(start, at) : nil
                }
            case UInt8(ascii: ",") where open.isEmpty: return trimmed(start, at)
            case UInt8(ascii: "#") where open.isEmpty && at > start && bytes[at - 1] == 0x20:
                return trimmed(start, at)
            case UInt8(ascii: ":")
            where isKey && open.isEmpty && (at + 1 >= limit || " \t,[]{}".utf8.contains(bytes[at + 1])):
                return trimmed(start, at)
            default: break
            }
            at += 1
        }
        return open.isEmpty ? trimmed(start, limit) : nil
    }

    /// Where YAML ends a plain scalar that starts at `start`, on its line, and what stops it (0: the line's end).
    mutating func plain(_ start: Int, inFlow: Bool) -> (end: Int, stop: UInt8, at: Int) {
        let limit = lineEnd(start)
        var at = start
        while at < limit {
            step()
            let byte = bytes[at]
            let next = at + 1 < limit ? bytes[at + 1] : 0x20
            if byte == UInt8(ascii: ":"), next == 0x20 || next == 0x09 || (inFlow && ",[]{}".utf8.contains(next)) {
                return (trimmed(start, at), byte, at)
            }
            if byte == UInt8(ascii: "#"), at > start, bytes[at - 1] == 0x20 || bytes[at - 1] == 0x09 {
                return (trimmed(start, at), byte, at)
            }
            if inFlow, ",[]{}".utf8.contains(byte) { return (trimmed(start, at), byte, at) }
            at += 1
        }
        return (trimmed(start, limit), 0, limit)
    }
}
