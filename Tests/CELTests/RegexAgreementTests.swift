import Testing

@testable import CEL

/// The table of states and the machine, with and without groups, must agree on any pattern and any text.
@Suite struct RegexAgreementTests {
    /// A generator of patterns that repeats from its seed (SplitMix64).
    struct Generator {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
        }

        mutating func pick(_ choices: [String]) -> String { choices[next(choices.count)] }

        mutating func text() -> String {
            (0..<next(12)).map { _ in pick(["a", "b", "c", "A", "1", "_", " ", "\n", "-", "é", "😀"]) }.joined()
        }

        mutating func pattern(_ depth: Int) -> String {
            (0..<next(3) + 1).map { _ in sequence(depth) }.joined(separator: "|")
        }

        private mutating func sequence(_ depth: Int) -> String {
            (0..<next(4)).map { _ in
                let atom = atom(depth)
                return next(3) == 0
                    ? atom + pick(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"]) : atom
            }.joined()
        }

        private mutating func atom(_ depth: Int) -> String {
            let simple = [
                "a", "b", "c", "1", "-", "é", "😀", ".", "\\d", "\\W", "\\s", "[a-c]", "[^a]", "[é-😀]", "^", "$", "\\b",
                "\\B", "\\z", "\\p{Greek}",
            ]
            guard depth > 0, next(3) == 0 else { return pick(simple) }
            return pick(["(", "(?:", "(?i:", "(?m:", "(?s:", "(?U:"]) + pattern(depth - 1) + ")"
        }
    }

    @Test(arguments: 0..<8) func tableAndMachineAgree(_ seed: Int) throws {
        let withoutTable = PatternLimits(length: 4096, instructions: 10_000, ranges: 50_000, makesAutomaton: false)
        var generator = Generator(state: UInt64(seed))
        for _ in 0..<200 {
            let pattern = generator.pattern(3)
            let expression = try RegularExpression(pattern)
            let program = try RegularExpression(pattern, withoutTable)
            for _ in 0..<3 {
                var text = generator.text()
                text.withUTF8 { bytes in
                    var work = 1_000_000
                    var none: [Int32] = []
                    var slots = Array(repeating: Int32(-1), count: 2 * (expression.groups.count + 1))
                    let byTable = expression.matches(bytes, &work)
                    let plain = PikeMachine.search(expression.program, bytes, from: 0, &none, &work)
                    let withGroups = program.firstMatch(in: bytes, from: 0, &slots, &work)
                    #expect(byTable == (plain == .found), "\(pattern) on \(bytes.map { $0 })")
                    #expect(plain == withGroups, "\(pattern) on \(bytes.map { $0 })")
                    // A match from its own start on is the same match.
                    guard withGroups == .found, slots[0] > 0 else { return }
                    var again = slots
                    #expect(program.firstMatch(in: bytes, from: Int(slots[0]), &again, &work) == .found)
                    #expect(again == slots, "\(pattern) on \(bytes.map { $0 })")
                }
            }
        }
    }
}
