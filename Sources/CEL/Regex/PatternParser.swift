/// Reads a regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax). What only a backtracking
/// engine could do, references back and looking around, is refused.
///
/// Groups are kept on a stack of its own, so that the pattern does not choose how deep the program's stack grows.
struct PatternParser {
    struct Flags {
        var ignoresCase = false
        var multiline = false
        var dotTakesNewline = false
        var lazyFirst = false
    }

    /// A capturing group: its name, and the place of its opening bracket.
    struct Group: Sendable {
        let name: String?
        let range: Range<Int>
    }

    /// A group that is still open; the first stands for the whole pattern.
    struct Open {
        var alternatives: [PatternSyntax] = []
        var sequence: [PatternSyntax] = []
        /// What holds again behind the group.
        let flags: Flags
        /// The number of a capturing group.
        var number: Int?
        /// What opens it.
        let range: Range<Int>
    }

    let limits: PatternLimits
    let scalars: [UInt32]
    /// Where each scalar starts in the bytes, and where the last one ends.
    let offsets: [Int]
    var at = 0
    var flags = Flags()
    var open: [Open]
    private(set) var groups: [Group] = []
    private(set) var sets: [ScalarSet] = []
    /// Whether `:]` may still follow: it is looked for in vain once only.
    var mayCloseNamedSet = true
    /// The names of groups. They are ASCII, so that equal strings are equal bytes.
    var names: Set<String> = []
    private var setNumbers: [ScalarSet: Int] = [:]
    private(set) var rangesLeft: Int
    /// The repetition that stands right before, which no other may follow.
    private var lastRepetition: Range<Int>?

    static func parse(_ pattern: String, _ limits: PatternLimits) throws(PatternError) -> (PatternSyntax, PatternParser)
    {
        guard pattern.utf8.count <= limits.length else {
            throw PatternError(
                "the pattern is longer than \(limits.length) bytes", limits.length..<pattern.utf8.count)
        }
        var parser = PatternParser(pattern, limits)
        return (try parser.parse(), parser)
    }

    private init(_ pattern: String, _ limits: PatternLimits) {
        self.limits = limits
        scalars = pattern.unicodeScalars.map(\.value)
        var offsets = [0]
        for scalar in pattern.unicodeScalars { offsets.append((offsets.last ?? 0) + UTF8.width(scalar)) }
        self.offsets = offsets
        rangesLeft = limits.ranges
        open = [Open(flags: Flags(), range: 0..<0)]
    }

    private mutating func parse() throws(PatternError) -> PatternSyntax {
        while let scalar = peek() {
            switch UnicodeScalar(scalar) {
            case "(": try openGroup()
            case ")": try closeGroup()
            case "|":
                finishAlternative()
                at += 1
            case "*": try repetition(0, nil, from: at, length: 1)
            case "+": try repetition(1, nil, from: at, length: 1)
            case "?": try repetition(0, 1, from: at, length: 1)
            case "{":
                if let counts = try counts() {
                    try repetition(counts.least, counts.most, from: at, length: counts.length)
                } else {
                    add(scalar)
                    at += 1
                }
            case "[": add(try set())
            case ".":
                add(PatternSyntax(flags.dotTakesNewline ? .any : .anyButNewline))
                at += 1
            case "^":
                add(PatternSyntax(.assertion(flags.multiline ? .lineStart : .textStart)))
                at += 1
            case "$":
                add(PatternSyntax(.assertion(flags.multiline ? .lineEnd : .textEnd)))
                at += 1
            case "\\": try escape()
            default:
                add(scalar)
                at += 1
            }
        }
        finishAlternative()
        guard open.count == 1 else {
            throw PatternError("'(' is not closed", open.last?.range ?? 0..<0, help: "close it with ')'")
        }
        return Self.joined(open[0].alternatives)
    }

    // MARK: Reading

    func peek(_ ahead: Int = 0) -> UInt32? { at + ahead < scalars.count ? scalars[at + ahead] : nil }

    func next(is character: UnicodeScalar, _ ahead: Int = 0) -> Bool { peek(ahead) == character.value }

    /// The bytes of scalars.
    func bytes(_ start: Int, _ end: Int) -> Range<Int> {
        offsets[min(start, scalars.count)]..<offsets[min(max(start, end), scalars.count)]
    }

    func text(_ start: Int, _ end: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<min(end, scalars.count)].compactMap(UnicodeScalar.init))
        return String(text)
    }

    // MARK: Adding

    mutating func add(_ part: PatternSyntax) {
        lastRepetition = nil
        open[open.count - 1].sequence.append(part)
    }

    /// A character that means itself, or also its variants where case does not count.
    mutating func add(_ scalar: UInt32) {
        if flags.ignoresCase {
            let variants = CaseFolding.variants(scalar)
            if variants.count > 1 {
                add(number(ScalarSet(variants.map { ScalarRange($0, $0) })))
                return
            }
        }
        add(PatternSyntax(.scalar(scalar)))
    }

    /// The same set is kept once.
    mutating func number(_ set: ScalarSet) -> PatternSyntax {
        if let number = setNumbers[set] { return PatternSyntax(.set(number)) }
        setNumbers[set] = sets.count
        sets.append(set)
        return PatternSyntax(.set(sets.count - 1))
    }

    /// Counts the ranges of sets before they are put together.
    mutating func pay(ranges: Int, _ range: Range<Int>) throws(PatternError) {
        rangesLeft -= ranges
        if rangesLeft < 0 { throw PatternError("the sets of the pattern are too large", range) }
    }

    mutating func finishRepetition() { lastRepetition = nil }

    mutating func addGroup(_ name: String?, _ range: Range<Int>) -> Int {
        groups.append(Group(name: name, range: range))
        return groups.count
    }

    mutating func finishAlternative() {
        lastRepetition = nil
        let sequence = open[open.count - 1].sequence
        open[open.count - 1].sequence = []
        let part: PatternSyntax =
            switch sequence.count {
            case 0: PatternSyntax(.empty)
            case 1: sequence[0]
            default: PatternSyntax(.sequence(sequence))
            }
        open[open.count - 1].alternatives.append(part)
    }

    static func joined(_ alternatives: [PatternSyntax]) -> PatternSyntax {
        alternatives.count == 1 ? alternatives[0] : PatternSyntax(.alternatives(alternatives))
    }

    // MARK: Repetitions

    private mutating func repetition(
        _ least: Int, _ most: Int?, from start: Int, length: Int
    ) throws(PatternError) {
        at += length
        var lazy = flags.lazyFirst
        if next(is: "?") {
            lazy.toggle()
            at += 1
        }
        let range = bytes(start, at)
        if let before = lastRepetition {
            let whole = before.lowerBound..<range.upperBound
            let isPossessive = length == 1 && scalars[start] == UnicodeScalar("+").value
            throw PatternError(
                "a repetition follows a repetition", whole,
                help: isPossessive
                    ? "there are no possessive repetitions; no pattern backtracks here"
                    : "put what is repeated in a group: (?:…)")
        }
        guard let part = open[open.count - 1].sequence.last else {
            throw PatternError(
                "there is nothing to repeat before '\(text(start, at))'", range,
                help: length == 1 ? "for the character itself write '\\\(text(start, start + 1))'" : nil)
        }
        let repeated = PatternSyntax(.repetition(part, least: least, most: most, lazy: lazy))
        guard repeated.copies <= PatternLimits.repetitions else {
            throw PatternError(
                "repetitions inside one another count up to more than \(PatternLimits.repetitions)", range)
        }
        open[open.count - 1].sequence[open[open.count - 1].sequence.count - 1] = repeated
        lastRepetition = range
    }

    /// `{n}`, `{n,}` or `{n,m}` at the place; nil if it is no repetition, then the brace means itself.
    private func counts() throws(PatternError) -> (least: Int, most: Int?, length: Int)? {
        var place = at + 1
        func number() -> Int? {
            let start = place
            var value = 0
            while place < scalars.count, (0x30...0x39).contains(scalars[place]) {
                value = min(value * 10 + Int(scalars[place] - 0x30), 1_000_000)
                place += 1
            }
            // As in RE2 `{02}` is no repetition.
            if place > start + 1, scalars[start] == 0x30 { return nil }
            return place > start ? value : nil
        }
        guard let least = number() else { return nil }
        var most: Int? = least
        if place < scalars.count, scalars[place] == UnicodeScalar(",").value {
            place += 1
            let start = place
            most = number()
            if most == nil, place > start { return nil }
        }
        guard place < scalars.count, scalars[place] == UnicodeScalar("}").value else { return nil }
        let range = bytes(at, place + 1)
        if max(least, most ?? 0) > PatternLimits.repetitions {
            throw PatternError("a repetition counts to at most \(PatternLimits.repetitions)", range)
        }
        if let most, most < least {
            throw PatternError("the repetition ends at \(most), before it starts at \(least)", range)
        }
        return (least, most, place + 1 - at)
    }
}
