import Testing

@testable import CEL

/// Time and memory stay bounded, whatever the pattern and the text. Work is counted, not timed.
@Suite struct RegexLimitTests {
    static let long = String(repeating: "a", count: 100_000)

    /// What makes a backtracking engine run for ever.
    @Test(arguments: [
        ("(a+)+$", "!"), ("(a|aa)+$", "!"), ("^(a*)*$", "!"), ("^(a|a)*$", "!"), ("(a*)*x", "!"), ("(.*)*x", "!"),
        ("^(a+)+$", "!"), ("(a?){50}a{50}$", "!"),
        ("(.*)(.*)(.*)(.*)x", "!"), ("(a*a*)*b", "!"), ("^([a-zA-Z]+)*$", "!"), ("(a|b|ab)*c", "!"),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "!"),
        ("(x+x+)+y", "x!"), ("^(?:a|(?:a|(?:a|a)))*$", "!"), ("a*a*a*a*a*a*a*a*b", "!"),
    ]) func workIsLinear(_ pattern: String, _ end: String) throws {
        let expression = try RegularExpression(pattern)
        var text = Self.long + end
        text.withUTF8 { bytes in
            var slots: [Int32] = [-1, -1]
            var work = Int.max / 2
            #expect(PikeMachine.search(expression.program, bytes, from: 0, &slots, &work) == .none)
            let used = Int.max / 2 - work
            // Each instruction is reached once and passed on once at each place.
            #expect(used <= (bytes.count + 1) * (2 * expression.size + 2) + expression.size + 8)
            work = Int.max / 2
            #expect(expression.matches(bytes, &work) == false)
        }
    }

    @Test func workThatIsAllowedIsNotExceeded() throws {
        let expression = try RegularExpression("(x?a?){100}(a+)+y")
        var text = Self.long
        text.withUTF8 { bytes in
            for allowed in [0, 1, 1000, 100_000] {
                var slots: [Int32] = [-1, -1]
                var work = allowed
                #expect(PikeMachine.search(expression.program, bytes, from: 0, &slots, &work) == .exhausted)
                // It is looked at once for each place of the text.
                #expect(work >= -3 * expression.size - 8)
            }
        }
    }

    /// Looking for all matches can be quadratic in any engine: each time it looks to the end in vain.
    @Test func allMatchesStopWhenTheWorkIsDone() throws {
        let expression = try RegularExpression("a*b|a")
        var text = Self.long
        var work = 1_000_000
        var found = 0
        let isDone = text.withUTF8 { bytes in
            expression.forEachMatch(in: bytes, slots: 2, &work) { _ in
                found += 1
                return true
            }
        }
        #expect(!isDone && found > 0 && found < 100)
    }

    @Test func largeProgramsAreRefused() throws {
        for pattern in [
            "(a{1000}b{1000}){1}" + String(repeating: "c{1000}", count: 9), String(repeating: "(?:){1000}", count: 11),
        ] {
            let error = try #require(throws: PatternError.self) { try RegularExpression(pattern) }
            #expect(error.message == "the pattern is too large: it takes more than 10000 instructions")
        }
        #expect(try RegularExpression("((a{10}){10}){10}").size < 1300)
        #expect(try RegularExpression("a{1000}").size < 1100)
        let evaluated = try #require(throws: PatternError.self) { try RegularExpression("(ab){600}", .evaluated) }
        #expect(evaluated.message == "the pattern is too large: it takes more than 1000 instructions")
    }

    @Test func longPatternsAreRefused() throws {
        let error = try #require(throws: PatternError.self) {
            try RegularExpression(String(repeating: "é", count: 9000))
        }
        #expect(error.message == "the pattern is longer than 16384 bytes")
        #expect(try RegularExpression(String(repeating: "a", count: 9000)).size == 9001)
    }

    @Test func deepGroupsAreRefused() throws {
        let fine = String(repeating: "(", count: 200) + "a" + String(repeating: ")", count: 200)
        #expect(try RegularExpression(fine).groups.count == 200)
        #expect(throws: PatternError.self) { try RegularExpression("(" + fine + ")") }
        let mixed = String(repeating: "(?:a|b", count: 200) + String(repeating: ")?c", count: 200)
        #expect(try RegularExpression(mixed).size > 1000)
        #expect(throws: PatternError.self) { try RegularExpression(String(repeating: "(", count: 16_000)) }
        #expect(throws: PatternError.self) { try RegularExpression(String(repeating: "(?:a|", count: 3000)) }
    }

    @Test func largeSetsAreRefused() throws {
        let error = try #require(throws: PatternError.self) {
            try RegularExpression("[" + String(repeating: "\\pL", count: 5000) + "]")
        }
        #expect(error.message == "the sets of the pattern are too large")
        #expect(throws: PatternError.self) { try RegularExpression(String(repeating: "(?i)\\pL", count: 1000)) }
        #expect(try RegularExpression("(?i)[\\pL\\pN]\\PL").size == 3)
    }

    /// Patterns of many states are left to the machine, which gives the same.
    @Test func largeTablesAreNotMade() throws {
        #expect(try RegularExpression("^[a-z]+@[a-z]+\\.com$").hasAutomaton)
        #expect(try RegularExpression("\\pL+").hasAutomaton)
        let large = try RegularExpression("(a|b)*a(a|b){14}c")
        #expect(!large.hasAutomaton)
        var text = "ababab" + String(repeating: "b", count: 13) + "c"
        text.withUTF8 { bytes in
            var work = 1_000_000
            #expect(large.matches(bytes, &work) == true)
        }
    }

    @Test func matchesDoNotOverlap() throws {
        func all(_ pattern: String, _ text: String) throws -> [String] {
            let expression = try RegularExpression(pattern)
            var text = text
            var work = 1_000_000
            var found: [String] = []
            text.withUTF8 { bytes in
                _ = expression.forEachMatch(in: bytes, slots: 2, &work) { slots in
                    found.append("\(slots[0])-\(slots[1])")
                    return true
                }
            }
            return found
        }
        #expect(try all("a", "aba") == ["0-1", "2-3"])
        #expect(try all("ana", "banana") == ["1-4"])
        #expect(try all("", "aé") == ["0-0", "1-1", "3-3"])
        // An empty match right behind a match is none.
        #expect(try all("a*", "baac") == ["0-0", "1-3", "4-4"])
        #expect(try all("a*", "aa") == ["0-2"])
        #expect(try all("^a", "aa") == ["0-1"])
        #expect(try all("(?m)^", "a\nb") == ["0-0", "2-2"])
        #expect(try all("\\b", "ab c") == ["0-0", "2-2", "3-3", "4-4"])
        #expect(try all("$", "ab") == ["2-2"])
        #expect(try all("x", "") == [])
        #expect(try all("a|", "ba") == ["0-0", "1-2"])
    }
}
