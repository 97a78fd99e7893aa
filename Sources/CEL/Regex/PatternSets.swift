// Sets in square brackets, and the named sets.
extension PatternParser {
    mutating func set() throws(PatternError) -> PatternSyntax {
        let start = at
        at += 1
        let isInverted = next(is: "^")
        if isInverted { at += 1 }
        var ranges: [ScalarRange] = []
        var named: [ScalarRange] = []
        var isFirst = true
        while isFirst || !next(is: "]") {
            isFirst = false
            let place = at
            guard peek() != nil else {
                throw PatternError("'[' is not closed", bytes(start, start + 1), help: "close it with ']'")
            }
            if let set = try namedSet() {
                named += set.ranges
                continue
            }
            let first = try setMember(start)
            var last = first
            // A minus at the end means itself.
            if next(is: "-"), let behind = peek(1), behind != UnicodeScalar("]").value {
                at += 1
                let second = at
                if next(is: "\\"), try namedSet() != nil {
                    throw PatternError("a range ends in a set", bytes(place, at), help: "write the minus as '\\-'")
                }
                at = second
                last = try setMember(start)
            }
            guard first <= last else {
                throw PatternError("the range '\(text(place, at))' ends before it starts", bytes(place, at))
            }
            try pay(ranges: 1, bytes(place, at))
            ranges.append(ScalarRange(first, last))
        }
        at += 1
        let set = ScalarSet(try finished(ScalarSet(ranges), from: start).ranges + named)
        return number(isInverted ? set.inverted : set)
    }

    /// With the variants of its members where case does not count; these come before the set is turned around, so that
    /// `(?i)\W` does not take what `(?i)\w` takes.
    mutating func finished(
        _ set: ScalarSet, isInverted: Bool = false, from start: Int
    ) throws(PatternError) -> ScalarSet {
        try pay(ranges: set.ranges.count, bytes(start, at))
        var set = set
        if flags.ignoresCase {
            // Beyond ASCII there are some 3,000 variants to look at.
            if let last = set.ranges.last, last.last >= 0x80 { try pay(ranges: 3000, bytes(start, at)) }
            set = CaseFolding.closed(set)
        }
        return isInverted ? set.inverted : set
    }

    /// `\d`, `\W` and the like, at the place.
    mutating func perlSet() throws(PatternError) -> ScalarSet? {
        guard let letter = peek(1), let set = ScalarSet.perl(letter) else { return nil }
        let start = at
        at += 2
        return try finished(set, isInverted: letter < 0x61, from: start)
    }

    private mutating func setMember(_ start: Int) throws(PatternError) -> UInt32 {
        guard let scalar = peek() else {
            throw PatternError("'[' is not closed", bytes(start, start + 1), help: "close it with ']'")
        }
        if scalar == UnicodeScalar("\\").value { return try escapedScalar() }
        at += 1
        return scalar
    }

    /// `[:alpha:]`, `\d` or `\pL` at the place, inside of square brackets.
    private mutating func namedSet() throws(PatternError) -> ScalarSet? {
        if next(is: "["), next(is: ":", 1) { return try posixSet() }
        guard next(is: "\\") else { return nil }
        if let set = try perlSet() { return set }
        return next(is: "p", 1) || next(is: "P", 1) ? try unicodeSet() : nil
    }

    private mutating func posixSet() throws(PatternError) -> ScalarSet? {
        guard mayCloseNamedSet else { return nil }
        var end = at + 2
        while end + 1 < scalars.count,
            scalars[end] != UnicodeScalar(":").value || scalars[end + 1] != UnicodeScalar("]").value
        {
            end += 1
        }
        guard end + 1 < scalars.count else {
            mayCloseNamedSet = false
            return nil
        }
        let isInverted = next(is: "^", 2)
        let name = text(min(end, at + (isInverted ? 3 : 2)), end)
        guard let set = ScalarSet.posix(name) else {
            throw PatternError(
                "there is no set '[:\(name):]'", bytes(at, end + 2),
                help: "the sets are " + ScalarSet.posixNames.joined(separator: ", "))
        }
        let start = at
        at = end + 2
        return try finished(set, isInverted: isInverted, from: start)
    }

    /// `\pL`, `\p{Greek}`, `\P{Lu}`, `\p{^Lu}`.
    mutating func unicodeSet() throws(PatternError) -> ScalarSet {
        let start = at
        var isInverted = next(is: "P", 1)
        at += 2
        var first = at
        if next(is: "{") {
            at += 1
            first = at
            if next(is: "^") {
                isInverted.toggle()
                at += 1
                first = at
            }
            while let scalar = peek(), scalar != UnicodeScalar("}").value { at += 1 }
            guard peek() != nil else {
                throw PatternError("'{' is not closed", bytes(start, at), help: "close it with '}'")
            }
            at += 1
        } else if peek() != nil {
            at += 1
        }
        let name = text(first, scalars[first..<at].last == UnicodeScalar("}").value ? at - 1 : at)
        guard let set = UnicodeCategories.set(name) ?? UnicodeScripts.set(name) else {
            throw PatternError(
                "there is no set of characters '\(text(start, at))'", bytes(start, at),
                help: "there are Unicode's categories, such as \\pL or \\p{Lu}, and the scripts "
                    + UnicodeScripts.names.joined(separator: ", "))
        }
        return try finished(set, isInverted: isInverted, from: start)
    }
}
