import Testing

@testable import CEL

@Suite struct PatternCacheTests {
    @Test func aPatternThatComesBackIsNotCompiledAgain() throws {
        let cache = PatternCache()
        let first = try cache.expression("a+")
        #expect(try cache.expression("a+") === first)
        #expect(try cache.expression("a*") !== first)
    }

    @Test func whatIsInUseOutlivesWhatPassesThrough() throws {
        let cache = PatternCache()
        let first = try cache.expression("in use")
        for round in 0..<1000 {
            _ = try cache.expression("made up \(round)")
            #expect(try cache.expression("in use") === first)
        }
        let passed = try cache.expression("made up 0")
        #expect(try cache.expression("made up 0") === passed)
    }

    @Test func aPatternThatIsWrongOrLongIsNotKept() throws {
        let cache = PatternCache()
        #expect(throws: PatternError.self) { try cache.expression("a(") }
        #expect(throws: PatternError.self) { try cache.expression("a(") }
        let long = String(repeating: "a", count: 257)
        #expect(try cache.expression(long) !== cache.expression(long))
    }
}
