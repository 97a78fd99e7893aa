/// Runs a program over a text with all its ways in step, as Pike and Thompson did it: at each place of the text every
/// instruction is looked at once at most, so the time is the text's length times the program's, whatever the pattern.
/// The ways are ordered by preference, which gives the match that a backtracking engine would find first.
struct PikeMachine: ~Copyable {
    enum Outcome: Sendable {
        case none
        case found
        /// The work that was allowed is done.
        case exhausted
    }

    private struct Ways {
        /// Where in the program; only instructions that take a character, or the match.
        var places: UnsafeMutablePointer<Int32>
        /// The slots of each way, one row after the other.
        var rows: UnsafeMutablePointer<Int32>
        var count = 0
    }

    private let instructions: UnsafeBufferPointer<PatternInstruction>
    private let sets: UnsafeBufferPointer<PatternSet>
    private let text: UnsafeBufferPointer<UInt8>
    private let slots: Int
    /// For each instruction the round in which it was reached last.
    private let marks: UnsafeMutablePointer<Int32>
    private var round: Int32 = 1
    /// Instructions still to follow; below zero the slot whose old value, one further down, is put back.
    private let stack: UnsafeMutablePointer<Int32>
    private let current: UnsafeMutablePointer<Int32>
    private let found: UnsafeMutablePointer<Int32>
    private var active: Ways
    private var waiting: Ways
    private var work: Int
    private var reachedMatch = false

    /// Looks for the first match at or behind `start`.
    ///
    /// - Parameters:
    ///   - slots: how many places to note: none to learn only whether there is a match, else two for each group that
    ///     is wanted, the first for the whole match. They are bytes of the text; -1 for a group that took no part.
    ///   - work: how many instructions may still be looked at. It may end a little below zero.
    static func search(
        _ program: PatternProgram, _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ slots: inout [Int32],
        _ work: inout Int
    ) -> Outcome {
        // Places are kept in 32 bits.
        guard text.count < Int(Int32.max) else { return .exhausted }
        if program.isAnchored, start > 0 { return .none }
        let count = program.instructions.count
        let width = slots.count
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 5 * count + 8 + (2 * count + 2) * width) {
            room in
            guard let base = room.baseAddress else { return .exhausted }
            return program.instructions.withUnsafeBufferPointer { instructions in
                program.sets.withUnsafeBufferPointer { sets in
                    var machine = PikeMachine(instructions, sets, text, base, width, work)
                    let outcome = machine.search(from: start, program.isAnchored, program.firstBytes)
                    work = machine.work
                    for slot in slots.indices { slots[slot] = machine.found[slot] }
                    return outcome
                }
            }
        }
    }

    private init(
        _ instructions: UnsafeBufferPointer<PatternInstruction>, _ sets: UnsafeBufferPointer<PatternSet>,
        _ text: UnsafeBufferPointer<UInt8>, _ room: UnsafeMutablePointer<Int32>, _ slots: Int, _ work: Int
    ) {
        let count = instructions.count
        self.instructions = instructions
        self.sets = sets
        self.text = text
        self.slots = slots
        // Clearing the marks is work as well, which counts where one text is searched many times.
        self.work = work - 8 - count / 16
        marks = room
        marks.initialize(repeating: 0, count: count)
        active = Ways(places: room + count, rows: room + 5 * count + 8)
        waiting = Ways(places: room + 2 * count, rows: room + 5 * count + 8 + count * slots)
        // A split leaves one entry behind and a save two, once in a round each.
        stack = room + 3 * count
        current = room + 5 * count + 8 + 2 * count * slots
        found = current + slots
        current.initialize(repeating: -1, count: 2 * slots)
    }

    private mutating func search(from start: Int, _ isAnchored: Bool, _ firstBytes: [Bool]) -> Outcome {
        var at = start
        var isFound = false
        while true {
            if waiting.count == 0 {
                if isFound { return .found }
                if isAnchored, at > 0 { return .none }
                if !firstBytes.isEmpty, !isAnchored {
                    let next = skip(from: at, firstBytes)
                    work -= (next - at) >> 4
                    at = next
                    // What was marked was so for the place before.
                    round &+= 1
                    if at == text.count { return .none }
                }
            }
            if !isFound, !isAnchored || at == 0 {
                for slot in 0..<slots { current[slot] = -1 }
                if slots > 0 { current[0] = Int32(truncatingIfNeeded: at) }
                add(0, at)
            }
            if reachedMatch { return .found }
            if work < 0 { return .exhausted }
            swap(&active, &waiting)
            waiting.count = 0
            round &+= 1
            let scalar: (value: UInt32, width: Int) = at < text.count ? decodedScalar(text, at) : (.max, 0)
            if step(scalar.value, at, at + scalar.width) { isFound = true }
            if reachedMatch { return .found }
            if at == text.count { return isFound ? .found : .none }
            at += scalar.width
        }
    }

    private func skip(from start: Int, _ firstBytes: [Bool]) -> Int {
        var at = start
        firstBytes.withUnsafeBufferPointer { first in
            while at < text.count, !first[Int(text[at])] { at += 1 }
        }
        return at
    }

    /// Lets all ways take one scalar; true if one of them is the match and those behind it are dropped.
    private mutating func step(_ scalar: UInt32, _ at: Int, _ next: Int) -> Bool {
        work -= active.count
        for way in 0..<active.count {
            let instruction = instructions[Int(active.places[way])]
            let takes: Bool
            switch instruction.operation {
            case .scalar: takes = instruction.argument == scalar
            case .set: takes = scalar != .max && sets[Int(instruction.argument)].contains(scalar)
            case .any: takes = scalar != .max
            case .anyButNewline: takes = scalar != .max && scalar != 0x0A
            case .match:
                copySlots(active.rows + way * slots, to: found)
                if slots > 1 { found[1] = Int32(truncatingIfNeeded: at) }
                return true
            case .split, .jump, .save, .assertion: takes = false
            }
            guard takes else { continue }
            copySlots(active.rows + way * slots, to: current)
            add(instruction.next, next)
            if reachedMatch { return true }
        }
        return false
    }

    /// Adds to `waiting` a way and all that it leads to without taking a character, in the order of preference.
    private mutating func add(_ place: Int32, _ at: Int) {
        stack[0] = place
        var depth = 1
        while depth > 0 {
            depth -= 1
            var place = stack[depth]
            if place < 0 {
                depth -= 1
                current[Int(~place)] = stack[depth]
                continue
            }
            // Follows the preferred way as far as it goes without the stack.
            follow: while true {
                if marks[Int(place)] == round { break }
                marks[Int(place)] = round
                work -= 1
                let instruction = instructions[Int(place)]
                switch instruction.operation {
                case .jump: place = instruction.next
                case .split:
                    stack[depth] = Int32(truncatingIfNeeded: instruction.argument)
                    depth += 1
                    place = instruction.next
                case .save:
                    let slot = Int(instruction.argument)
                    if slot < slots {
                        stack[depth] = current[slot]
                        stack[depth + 1] = ~Int32(truncatingIfNeeded: slot)
                        depth += 2
                        current[slot] = Int32(truncatingIfNeeded: at)
                    }
                    place = instruction.next
                case .assertion:
                    guard holds(instruction.argument, at) else { break follow }
                    place = instruction.next
                case .match where slots == 0:
                    reachedMatch = true
                    return
                case .scalar, .set, .any, .anyButNewline, .match:
                    waiting.places[waiting.count] = place
                    copySlots(current, to: waiting.rows + waiting.count * slots)
                    waiting.count += 1
                    break follow
                }
            }
        }
    }

    /// Most often there are none, or those of the whole match.
    @inline(__always) private func copySlots(
        _ source: UnsafeMutablePointer<Int32>, to target: UnsafeMutablePointer<Int32>
    ) {
        if slots == 0 { return }
        target[0] = source[0]
        target[1] = source[1]
        if slots > 2 { (target + 2).update(from: source + 2, count: slots - 2) }
    }

    private func holds(_ assertion: UInt32, _ at: Int) -> Bool {
        switch PatternAssertion(rawValue: assertion) {
        case .textStart: at == 0
        case .textEnd: at == text.count
        case .lineStart: at == 0 || text[at - 1] == 0x0A
        case .lineEnd: at == text.count || text[at] == 0x0A
        case .wordBoundary: isWord(at - 1) != isWord(at)
        case .noWordBoundary: isWord(at - 1) == isWord(at)
        case nil: false
        }
    }

    private func isWord(_ at: Int) -> Bool {
        guard at >= 0, at < text.count else { return false }
        switch text[at] {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
        default: return false
        }
    }
}

/// The scalar at a place of a text that is valid UTF-8, and how many bytes it takes.
@inline(__always) func decodedScalar(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (value: UInt32, width: Int) {
    let first = UInt32(text[at])
    if first < 0x80 { return (first, 1) }
    let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard at + width <= text.count else { return (0xFFFD, text.count - at) }
    var value = first & (0xFF >> UInt32(width + 1))
    for place in 1..<width { value = value << 6 | UInt32(text[at + place] & 0x3F) }
    return (value, width)
}
