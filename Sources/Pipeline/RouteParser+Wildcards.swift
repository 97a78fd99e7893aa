import Diagnostics

extension RouteParser {
    /// Reads a segment that has a `{` in it.
    mutating func wildcard(_ range: Range<Int>, _ findings: inout Findings) -> RoutePattern.Segment? {
        let segment = bytes[range]
        let open = segment.firstIndex(of: UInt8(ascii: "{")) ?? range.lowerBound
        guard let close = segment[open...].firstIndex(of: UInt8(ascii: "}")) else {
            refuse("the wildcard is not closed", open..<range.upperBound, help: "end it with '}'", &findings)
            return nil
        }
        guard open == range.lowerBound else {
            refuse(
                "a wildcard must be a whole segment", open..<(close + 1),
                help: "take the whole segment, as in `/{id}`, and take it apart in an expression", &findings)
            return nil
        }
        let inside = (open + 1)..<close
        let behind = (close + 1)..<range.upperBound
        if bytes[inside].elementsEqual("$".utf8) {
            guard behind.isEmpty, range.upperBound == bytes.count else {
                refuse(
                    "`{$}` stands only at the end", open..<(close + 1),
                    help: "it says that the path ends in the slash before it; leave it out here", &findings)
                return nil
            }
            return .end
        }
        let isRest = bytes[inside].reversed().starts(with: "...".utf8)
        guard let name = name(isRest ? inside.dropLast(3) : inside, open..<(close + 1), &findings) else { return nil }
        if isRest, range.upperBound < bytes.count {
            refuse(
                "`{\(name)...}` can stand only at the end", open..<(close + 1),
                help: "write `{\(name)}` for one segment", suggestion: "{\(name)}", &findings)
            return nil
        }
        guard !behind.isEmpty else { return isRest ? .rest(name) : .wildcard(name) }
        guard bytes[behind.lowerBound] == UInt8(ascii: ":") else {
            refuse(
                "a wildcard must be a whole segment", behind, label: "nothing may follow but '/' or a verb",
                help: "only a verb may follow, as in `{\(name)}:cancel`", &findings)
            return nil
        }
        return verb(behind, name, &findings).map { isRest ? .restVerb(name, $0) : .verb(name, $0) }
    }

    private func verb(_ range: Range<Int>, _ name: String, _ findings: inout Findings) -> [UInt8]? {
        guard range.upperBound == bytes.count else {
            refuse(
                "a verb stands only at the end", range, help: "write it after the last segment", &findings)
            return nil
        }
        let word = range.dropFirst()
        guard !word.isEmpty else {
            refuse(
                "the verb is empty", range, help: "write it after the colon, as in `{\(name)}:cancel`", &findings)
            return nil
        }
        if let bad = word.first(where: { !Self.isAlphanumeric(bytes[$0]) && !"_-.".utf8.contains(bytes[$0]) }) {
            refuse(
                "the verb has a character that no verb has", bad..<RouteHost.scalarEnd(bytes, bad),
                help: "a verb is made of letters, digits, '_', '-' and '.'", &findings)
            return nil
        }
        return Array(bytes[word])
    }

    private mutating func name(
        _ range: Range<Int>, _ whole: Range<Int>, _ findings: inout Findings
    ) -> String? {
        guard !range.isEmpty else {
            refuse("the wildcard has no name", whole, help: "name it, as in `{id}`", &findings)
            return nil
        }
        let text = bytes[range]
        let isGood = text.allSatisfy { Self.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        let startsWithDigit = text.first.map { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } ?? false
        guard isGood, !startsWithDigit else {
            let mended = text.map { Self.isAlphanumeric($0) ? $0 : UInt8(ascii: "_") }
            let canMend = !startsWithDigit && text.allSatisfy { $0 < 0x80 && $0 > 0x20 && $0 != UInt8(ascii: "{") }
            let meant = canMend ? String(decoding: mended, as: UTF8.self) : nil
            let rule = "a name has letters, digits and `_`, and no digit first"
            refuse(
                "the wildcard's name is not an identifier", range,
                help: meant.map { "write `\($0)`: \(rule)" } ?? rule + ": it is read as `path.NAME`", suggestion: meant,
                &findings)
            return nil
        }
        let name = String(decoding: text, as: UTF8.self)
        guard !names.contains(name) else {
            refuse(
                "the wildcard `\(name)` stands twice in the pattern", range, help: "give each wildcard its own name",
                &findings)
            return nil
        }
        names.append(name)
        return name
    }
}
