/// Makes a program of a parsed pattern. Counted repetitions are written out; a place to go to is known only when the
/// part in front of it is done, so it is put in afterwards.
struct PatternCompiler {
    private var program = PatternProgram()
    private let limit: Int
    private let whole: Range<Int>

    static func compile(
        _ syntax: PatternSyntax, _ sets: [ScalarSet], _ limits: PatternLimits, _ whole: Range<Int>
    ) throws(PatternError) -> PatternProgram {
        var compiler = PatternCompiler(limit: limits.instructions, whole: whole)
        try compiler.emit(syntax)
        _ = try compiler.emit(.match)
        compiler.resolveJumps()
        compiler.program.sets = sets.map(PatternSet.init)
        compiler.program.isAnchored = isAnchored(syntax)
        compiler.program.firstBytes = compiler.firstBytes()
        return compiler.program
    }

    private init(limit: Int, whole: Range<Int>) {
        self.limit = limit
        self.whole = whole
    }

    private var end: Int32 { Int32(program.instructions.count) }

    private mutating func emit(
        _ operation: PatternInstruction.Operation, _ argument: UInt32 = 0
    ) throws(PatternError) -> Int {
        guard program.instructions.count < limit else {
            throw PatternError(
                "the pattern is too large: it takes more than \(limit) instructions", whole,
                help: "a counted repetition takes as many as its count times what is repeated")
        }
        let place = program.instructions.count
        program.instructions.append(
            PatternInstruction(operation: operation, argument: argument, next: Int32(place + 1)))
        return place
    }

    private mutating func emit(_ syntax: PatternSyntax) throws(PatternError) {
        switch syntax.kind {
        // Also what does nothing takes an instruction, so that the limit bounds the work that is done here.
        case .empty: _ = try emit(.jump)
        case .scalar(let scalar): _ = try emit(.scalar, scalar)
        case .set(let number): _ = try emit(.set, UInt32(number))
        case .any: _ = try emit(.any)
        case .anyButNewline: _ = try emit(.anyButNewline)
        case .assertion(let assertion): _ = try emit(.assertion, assertion.rawValue)
        case .sequence(let parts): for part in parts { try emit(part) }
        case .alternatives(let parts): try emit(alternatives: parts)
        case .group(let part, let number):
            _ = try emit(.save, UInt32(2 * number))
            try emit(part)
            _ = try emit(.save, UInt32(2 * number + 1))
        case .repetition(let part, let least, let most, let lazy): try emit(part, least, most, lazy)
        }
    }

    private mutating func emit(alternatives parts: [PatternSyntax]) throws(PatternError) {
        var ends: [Int] = []
        for part in parts.dropLast() {
            let split = try emit(.split)
            try emit(part)
            ends.append(try emit(.jump))
            program.instructions[split].argument = UInt32(end)
        }
        if let last = parts.last { try emit(last) }
        for jump in ends { program.instructions[jump].next = end }
    }

    private mutating func emit(
        _ part: PatternSyntax, _ least: Int, _ most: Int?, _ lazy: Bool
    ) throws(PatternError) {
        guard let most else {
            for _ in 0..<max(0, least - 1) { try emit(part) }
            if least > 0 { return try emit(part, atLeastOnce: lazy) }
            // `(|a)*` as `((|a)+)?`: a round that takes nothing ends the loop, and still counts.
            if part.canBeEmpty {
                let split = try emit(.split)
                try emit(part, atLeastOnce: lazy)
                return leave(split, to: end, lazy)
            }
            let split = try emit(.split)
            try emit(part)
            program.instructions[try emit(.jump)].next = Int32(split)
            return leave(split, to: end, lazy)
        }
        if most == 0 { _ = try emit(.jump) }
        for _ in 0..<least { try emit(part) }
        var splits: [Int] = []
        for _ in least..<max(least, most) {
            splits.append(try emit(.split))
            try emit(part)
        }
        for split in splits { leave(split, to: end, lazy) }
    }

    private mutating func emit(_ part: PatternSyntax, atLeastOnce lazy: Bool) throws(PatternError) {
        let start = end
        try emit(part)
        let split = try emit(.split)
        program.instructions[split].next = start
        leave(split, to: end, lazy)
    }

    /// Lets a split whose first way is in place end its loop at `target`.
    private mutating func leave(_ split: Int, to target: Int32, _ lazy: Bool) {
        let inside = program.instructions[split].next
        program.instructions[split].next = lazy ? target : inside
        program.instructions[split].argument = UInt32(lazy ? inside : target)
    }

    /// Lets every way lead past the jumps. A jump backwards leads to a split, so one pass from the end is enough.
    private mutating func resolveJumps() {
        var targets = program.instructions.indices.map(Int32.init)
        for place in program.instructions.indices.reversed() {
            let next = Int(program.instructions[place].next)
            guard next < targets.count else { continue }
            program.instructions[place].next = targets[next]
            if program.instructions[place].operation == .jump { targets[place] = targets[next] }
        }
        for place in program.instructions.indices where program.instructions[place].operation == .split {
            program.instructions[place].next = targets[Int(program.instructions[place].next)]
            program.instructions[place].argument = UInt32(targets[Int(program.instructions[place].argument)])
        }
    }

    private static func isAnchored(_ syntax: PatternSyntax) -> Bool {
        switch syntax.kind {
        case .assertion(let assertion): assertion == .textStart
        case .sequence(let parts): parts.first.map(isAnchored) ?? false
        case .alternatives(let parts): parts.allSatisfy(isAnchored)
        case .repetition(let part, let least, _, _): least > 0 && isAnchored(part)
        case .group(let part, _): isAnchored(part)
        case .empty, .scalar, .set, .any, .anyButNewline: false
        }
    }

    // MARK: How a match can begin

    private func firstBytes() -> [Bool] {
        var bytes = Array(repeating: false, count: 256)
        var seen = Array(repeating: false, count: program.instructions.count)
        var places: [Int32] = [0]
        while let place = places.popLast() {
            if seen[Int(place)] { continue }
            seen[Int(place)] = true
            let instruction = program.instructions[Int(place)]
            switch instruction.operation {
            case .match: return []
            case .jump, .save, .assertion: places.append(instruction.next)
            case .split: places += [instruction.next, Int32(instruction.argument)]
            case .scalar: Self.mark(ScalarRange(instruction.argument, instruction.argument), &bytes)
            case .set: for range in program.sets[Int(instruction.argument)].set.ranges { Self.mark(range, &bytes) }
            case .any, .anyButNewline: Self.mark(ScalarRange(0, ScalarSet.last), &bytes)
            }
        }
        return bytes.allSatisfy { $0 } ? [] : bytes
    }

    private static func mark(_ range: ScalarRange, _ bytes: inout [Bool]) {
        if range.first < 0x80 { for byte in range.first...min(range.last, 0x7F) { bytes[Int(byte)] = true } }
        if range.last >= 0x80 {
            for byte in leadByte(max(range.first, 0x80))...leadByte(range.last) { bytes[Int(byte)] = true }
        }
    }

    /// The first byte of a scalar in UTF-8 that is not ASCII (RFC 3629).
    private static func leadByte(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case ..<0x800: 0xC0 | scalar >> 6
        case ..<0x10000: 0xE0 | scalar >> 12
        default: 0xF0 | scalar >> 18
        }
    }
}
