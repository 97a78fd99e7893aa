/// What a compiled pattern does, one scalar at a time.
struct PatternInstruction: Sendable {
    enum Operation: UInt8, Sendable {
        /// The scalar in `argument`.
        case scalar
        /// A scalar of the set with the number in `argument`.
        case set
        case any
        case anyButNewline
        /// Goes on at `next`, and if that fails at `argument`.
        case split
        case jump
        /// Notes the place in the slot in `argument`.
        case save
        /// Goes on if what `argument` says holds here.
        case assertion
        case match
    }

    var operation: Operation
    var argument: UInt32 = 0
    var next: Int32 = 0
}

/// The instructions of a pattern, and what a search wants to know beforehand.
struct PatternProgram: Sendable {
    /// The first is where every attempt starts.
    var instructions: [PatternInstruction] = []
    var sets: [PatternSet] = []
    /// Whether it can match at the start of the text only.
    var isAnchored = false
    /// For each byte whether a match can begin with it; empty if a match can be empty.
    var firstBytes: [Bool] = []

    func takes(_ instruction: PatternInstruction, _ scalar: UInt32) -> Bool {
        switch instruction.operation {
        case .scalar: instruction.argument == scalar
        case .set: sets[Int(instruction.argument)].contains(scalar)
        case .any: true
        case .anyButNewline: scalar != 0x0A
        case .split, .jump, .save, .assertion, .match: false
        }
    }
}

/// A set as it is looked up: ASCII by its bits, the rest by its ranges.
struct PatternSet: Sendable {
    let set: ScalarSet
    private let low: UInt64
    private let high: UInt64

    init(_ set: ScalarSet) {
        self.set = set
        var bits: (UInt64, UInt64) = (0, 0)
        for range in set.ranges where range.first < 0x80 {
            for scalar in range.first...min(range.last, 0x7F) {
                if scalar < 64 { bits.0 |= 1 << UInt64(scalar) } else { bits.1 |= 1 << UInt64(scalar - 64) }
            }
        }
        low = bits.0
        high = bits.1
    }

    @inline(__always) func contains(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return low >> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return high >> UInt64(scalar - 64) & 1 != 0 }
        return set.contains(scalar)
    }
}
