import Pipeline
import Testing

@Suite struct RouteConflictsTests {
    @Test func namesBothAndAnExample() throws {
        let found = RoutePattern.conflicts(among: [try route("GET /a/{x}"), try route("/b"), try route("/a/b")])
        try #require(found.count == 1)
        #expect(found[0].first == 0 && found[0].second == 2)
        #expect(
            found[0].message
                == "the routes `GET /a/{x}` and `/a/b` both match `GET /a/b`, and neither is more specific")
        #expect(
            found[0].help.hasPrefix("the first has the more specific method, the second the more specific path"))
    }

    @Test func sameRequests() throws {
        let found = RoutePattern.conflicts(among: [try route("/a/{x}"), try route("/a/{y}")])
        #expect(
            found.map(\.message) == ["the routes `/a/{x}` and `/a/{y}` match the same requests, for example `GET /a/x`"]
        )
    }

    @Test func headAgainstGet() throws {
        #expect(RoutePattern.conflicts(among: [try route("GET /a/b"), try route("HEAD /a/{x}")]).count == 1)
        #expect(RoutePattern.conflicts(among: [try route("HEAD /a/b"), try route("GET /a/{x}")]).isEmpty)
    }

    @Test func hostsDecideFirst() throws {
        #expect(RoutePattern.conflicts(among: [try route("a.com/{x}"), try route("GET /a")]).isEmpty)
        #expect(RoutePattern.conflicts(among: [try route("a.com/{x}"), try route("GET a.com/")]).count == 1)
    }

    @Test func copiesAreToldOfAFewTimes() throws {
        let pattern = try route("/a/{x}")
        #expect(RoutePattern.conflicts(among: Array(repeating: pattern, count: 100)).count == 4 * 99 - 6)
    }

    @Test func spareOnesGiveWay() throws {
        let spare = try ["GET /a", "GET /b", "GET /c/{x}", "GET /d/{x}", "GET /e", "GET /e"].map(route)
        let others = try ["GET /a", "POST /b", "GET /{y}/d", "/d", "GET /d/e"].map(route)
        #expect(RoutePattern.standing(spare, beside: others) == [false, true, false, false, true, false])
        #expect(RoutePattern.standing([], beside: others) == [])
    }

    /// The index finds what comparing all pairs finds.
    @Test func findsAllThatPairsFind() {
        var random = RandomPatterns(seed: 7)
        for _ in 0..<300 {
            let patterns = (0..<12).map { _ in random.pattern() }
            var expected: [[Int]] = []
            for second in patterns.indices {
                for first in 0..<second {
                    switch patterns[first].compare(patterns[second]) {
                    case .equivalent, .overlaps: expected.append([first, second])
                    case .moreSpecific, .moreGeneral, .disjoint: break
                    }
                }
            }
            #expect(
                RoutePattern.conflicts(among: patterns, limit: .max).map { [$0.first, $0.second] } == expected)
        }
    }
}
