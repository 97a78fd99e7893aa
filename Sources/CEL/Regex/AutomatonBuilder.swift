/// Makes the table of states of a program: a state is the set of instructions that wait behind a character, together
/// with that character's side of what assertions look at (the subset construction).
struct AutomatonBuilder {
    /// What stands before or behind a place, as far as assertions can tell.
    private enum Side: Int32 {
        case edge
        case newline
        case word
        case other
    }

    private static let tableLimit = 16_384
    private static let workLimit = 20_000

    private let program: PatternProgram
    private let looksAtLines: Bool
    private let looksAtWords: Bool
    private var starts: [UInt32] = []
    private var kinds: [UInt8] = []
    /// A scalar of each kind.
    private var examples: [UInt32] = []
    private var work = Self.workLimit
    private var marks: [Int] = []
    private var round = 0

    private var states: [[Int32]: UInt16] = [:]
    private var pending: [(key: [Int32], row: Int)] = []
    private var table: [UInt16] = []
    private var rowLength: Int { examples.count + 1 }

    /// Nil if the table would be large.
    static func build(_ program: PatternProgram) -> PatternAutomaton? {
        var builder = AutomatonBuilder(program)
        return builder.build()
    }

    private init(_ program: PatternProgram) {
        self.program = program
        let assertions = program.instructions.filter { $0.operation == .assertion }
            .compactMap { PatternAssertion(rawValue: $0.argument) }
        looksAtLines = assertions.contains { $0 == .lineStart || $0 == .lineEnd }
        looksAtWords = assertions.contains { $0 == .wordBoundary || $0 == .noWordBoundary }
        marks = Array(repeating: 0, count: program.instructions.count)
    }

    private mutating func build() -> PatternAutomaton? {
        guard divide() else { return nil }
        // The rows of the match and of the failure lead to themselves.
        table = Array(repeating: 0, count: rowLength) + Array(repeating: UInt16(rowLength), count: rowLength)
        guard let start = state([0], behind: .edge) else { return nil }
        while let (key, row) = pending.popLast() {
            guard fill(key, row) else { return nil }
        }
        return PatternAutomaton(
            failed: UInt16(rowLength), start: start, table: table, starts: starts, kinds: kinds,
            end: UInt8(examples.count))
    }

    // MARK: Kinds of characters

    /// Puts characters together that no instruction tells apart.
    private mutating func divide() -> Bool {
        var tests: [ScalarSet] = program.sets.map(\.set)
        var scalars: Set<UInt32> = []
        var needsNewline = looksAtLines
        for instruction in program.instructions {
            if instruction.operation == .scalar { scalars.insert(instruction.argument) }
            if instruction.operation == .anyButNewline { needsNewline = true }
        }
        if needsNewline { scalars.insert(0x0A) }
        if looksAtWords { tests.append(.word) }
        tests += scalars.sorted().map { ScalarSet([ScalarRange($0, $0)]) }
        var bounds: Set<UInt32> = [0]
        for test in tests {
            for range in test.ranges {
                bounds.insert(range.first)
                if range.last < ScalarSet.last { bounds.insert(range.last + 1) }
            }
            work -= test.ranges.count
        }
        work -= bounds.count * tests.count / 8
        guard work > 0 else { return false }
        starts = bounds.sorted()
        var numbers = Array(repeating: 0, count: starts.count)
        for test in tests {
            var renumbered: [Int: Int] = [:]
            for place in starts.indices {
                let key = 2 * numbers[place] + (test.contains(starts[place]) ? 1 : 0)
                let number = renumbered[key] ?? renumbered.count
                renumbered[key] = number
                numbers[place] = number
            }
            // One kind is the end's.
            guard renumbered.count < 255 else { return false }
        }
        examples = Array(repeating: 0, count: (numbers.max() ?? 0) + 1)
        for (place, number) in numbers.enumerated().reversed() { examples[number] = starts[place] }
        kinds = numbers.map { UInt8($0) }
        return true
    }

    private func side(of scalar: UInt32) -> Side {
        if looksAtLines, scalar == 0x0A { return .newline }
        return looksAtWords && ScalarSet.word.contains(scalar) ? .word : .other
    }

    // MARK: States

    /// The state of instructions that wait behind a character; nil if there are too many.
    private mutating func state(_ waiting: [Int32], behind side: Side) -> UInt16? {
        if waiting.isEmpty { return UInt16(rowLength) }
        let key = waiting + [side.rawValue]
        if let known = states[key] { return known }
        let row = table.count
        guard row + rowLength <= Self.tableLimit else { return nil }
        table += Array(repeating: 0, count: rowLength)
        states[key] = UInt16(row)
        pending.append((key, row))
        return UInt16(row)
    }

    private mutating func fill(_ key: [Int32], _ row: Int) -> Bool {
        guard let last = key.last, let before = Side(rawValue: last) else { return false }
        let waiting = key.dropLast()
        var closures: [Side: [Int32]?] = [:]
        for kind in 0..<rowLength {
            let isEnd = kind == examples.count
            let behind = isEnd ? .edge : side(of: examples[kind])
            if closures[behind] == nil { closures[behind] = .some(closure(waiting, before, behind)) }
            // No closure: it holds the match.
            guard let taking = closures[behind] ?? nil else { continue }
            if isEnd {
                table[row + kind] = UInt16(rowLength)
                continue
            }
            let next = self.waiting(behind: examples[kind], taking)
            guard work > 0, let state = state(next, behind: behind) else { return false }
            table[row + kind] = state
        }
        return true
    }

    /// What waits behind a character, in order.
    private mutating func waiting(behind scalar: UInt32, _ taking: [Int32]) -> [Int32] {
        round += 1
        // An attempt begins at every place.
        var waiting: [Int32] = program.isAnchored ? [] : [0]
        marks[0] = round
        for place in taking where program.takes(program.instructions[Int(place)], scalar) {
            let next = program.instructions[Int(place)].next
            if marks[Int(next)] == round { continue }
            marks[Int(next)] = round
            waiting.append(next)
        }
        work -= taking.count + 2 * waiting.count + 1
        waiting.sort()
        return waiting
    }

    /// What takes a character here; nil if the match is reached.
    private mutating func closure(_ waiting: ArraySlice<Int32>, _ before: Side, _ behind: Side) -> [Int32]? {
        round += 1
        var taking: [Int32] = []
        var places = Array(waiting)
        while let place = places.popLast() {
            if marks[Int(place)] == round { continue }
            marks[Int(place)] = round
            work -= 1
            let instruction = program.instructions[Int(place)]
            switch instruction.operation {
            case .match: return nil
            case .jump, .save: places.append(instruction.next)
            case .split: places += [instruction.next, Int32(instruction.argument)]
            case .assertion: if holds(instruction.argument, before, behind) { places.append(instruction.next) }
            case .scalar, .set, .any, .anyButNewline: taking.append(place)
            }
        }
        return taking
    }

    private func holds(_ assertion: UInt32, _ before: Side, _ behind: Side) -> Bool {
        switch PatternAssertion(rawValue: assertion) {
        case .textStart: before == .edge
        case .textEnd: behind == .edge
        case .lineStart: before == .edge || before == .newline
        case .lineEnd: behind == .edge || behind == .newline
        case .wordBoundary: (before == .word) != (behind == .word)
        case .noWordBoundary: (before == .word) == (behind == .word)
        case nil: false
        }
    }
}
