// Groups of a pattern, and the flags that stand in them.
extension PatternParser {
    mutating func openGroup() throws(PatternError) {
        let start = at
        guard open.count <= PatternLimits.nesting else {
            throw PatternError("groups are nested more than \(PatternLimits.nesting) deep", bytes(at, at + 1))
        }
        guard next(is: "?", 1) else {
            at += 1
            push(addGroup(nil, bytes(start, at)), from: start)
            return
        }
        if let refusal = refusedGroup() { throw refusal }
        if next(is: "P", 2), next(is: "<", 3) {
            try openNamedGroup(from: start, prefix: 4)
        } else if next(is: "<", 2) {
            try openNamedGroup(from: start, prefix: 3)
        } else {
            try openFlags()
        }
    }

    private mutating func push(_ number: Int?, from start: Int, restoring flags: Flags? = nil) {
        finishRepetition()
        open.append(Open(flags: flags ?? self.flags, number: number, range: bytes(start, at)))
    }

    mutating func closeGroup() throws(PatternError) {
        guard open.count > 1 else {
            throw PatternError(
                "')' closes nothing", bytes(at, at + 1), help: "for the character itself write '\\)'")
        }
        finishAlternative()
        let group = open.removeLast()
        flags = group.flags
        at += 1
        let part = Self.joined(group.alternatives)
        add(group.number.map { PatternSyntax(.group(part, $0)) } ?? part)
    }

    static let linear = "patterns are RE2's, which are matched in linear time; compare the parts in the expression"

    /// What other engines have and a linear one cannot.
    private func refusedGroup() -> PatternError? {
        for (opening, name) in [
            ("(?=", "lookahead"), ("(?!", "lookahead"), ("(?<=", "lookbehind"), ("(?<!", "lookbehind"),
        ] where starts(with: opening) {
            return PatternError(
                "\(name) `\(opening)` is not supported", bytes(at, at + opening.unicodeScalars.count),
                help: "patterns are RE2's; write two conditions with `&&` instead")
        }
        if starts(with: "(?>") {
            return PatternError(
                "there are no atomic groups '(?>'", bytes(at, at + 3), help: "write (?:…); no pattern backtracks here")
        }
        if starts(with: "(?P=") {
            return PatternError("a reference back, `(?P=`, is not supported", bytes(at, at + 4), help: Self.linear)
        }
        if starts(with: "(?#") { return PatternError("there are no comments '(?#'", bytes(at, at + 3)) }
        if starts(with: "(?(") {
            return PatternError("a condition, `(?(`, is not supported", bytes(at, at + 3), help: Self.linear)
        }
        return nil
    }

    private func starts(with text: String) -> Bool {
        text.unicodeScalars.enumerated().allSatisfy { next(is: $1, $0) }
    }

    private mutating func openNamedGroup(from start: Int, prefix: Int) throws(PatternError) {
        at += prefix
        let first = at
        while let scalar = peek(), ScalarSet.word.contains(scalar) { at += 1 }
        guard at > first, next(is: ">") else {
            let end = at < scalars.count ? at + 1 : at
            throw PatternError(
                "the name of the group is not valid", bytes(start, end),
                help: "a name has letters, digits and '_': (?P<name>…)")
        }
        let name = text(first, at)
        guard names.insert(name).inserted else {
            throw PatternError("two groups have the name '\(name)'", bytes(first, at))
        }
        at += 1
        push(addGroup(name, bytes(start, at)), from: start)
    }

    /// `(?i)`, `(?i-s:…)`, `(?:…)`.
    private mutating func openFlags() throws(PatternError) {
        let start = at
        let outside = flags
        var changed = flags
        var value = true
        var names = 0
        at += 2
        while let scalar = peek() {
            at += 1
            switch UnicodeScalar(scalar) {
            case "i": changed.ignoresCase = value
            case "m": changed.multiline = value
            case "s": changed.dotTakesNewline = value
            case "U": changed.lazyFirst = value
            case "-" where value:
                value = false
                names = 0
                continue
            case ":" where value || names > 0:
                push(nil, from: start, restoring: outside)
                flags = changed
                return
            case ")" where value || names > 0:
                finishRepetition()
                flags = changed
                return
            default:
                let isFlag = (0x61...0x7A).contains(scalar) || (0x41...0x5A).contains(scalar)
                throw PatternError(
                    isFlag ? "there is no flag '\(text(at - 1, at))'" : "the group starts in an unknown way",
                    isFlag ? bytes(at - 1, at) : bytes(start, at),
                    help: "the flags are i (case), m (^ and $ at lines), s (. takes line breaks) and U (lazy first)")
            }
            names += 1
        }
        throw PatternError("'(' is not closed", bytes(start, start + 1), help: "close it with ')'")
    }
}
