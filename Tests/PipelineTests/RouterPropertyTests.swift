import JSON
import Pipeline
import Testing

@Suite struct RouterPropertyTests {
    @Test(arguments: 1...8)
    func answersAsTheNaiveRouter(_ seed: Int) {
        var random = RandomPatterns(seed: UInt64(seed))
        var routed = 0
        for _ in 0..<150 {
            var patterns: [RoutePattern] = []
            for _ in 0..<random.pick([2, 5, 10, 20]) {
                let next = random.pattern()
                if RoutePattern.conflicts(among: patterns + [next]).isEmpty { patterns.append(next) }
            }
            let router = Router(patterns)
            let naive = NaiveRouter(patterns: patterns)
            for _ in 0..<60 {
                let method = random.pick(["GET", "GET", "HEAD", "POST", "PUT"])
                let host = random.pick(["", "h.com", "x.h.com", "y.x.h.com", "other.com"])
                let path = random.path()
                let full = router.answer(method, host, Array(path.utf8), patterns)
                let expected = naive.answer(method, host, path)
                // Captures and the target have their own tests.
                let cut = full.hasPrefix("308") ? "308" : full.split(separator: " ; ").first.map(String.init) ?? full
                #expect(cut == expected, "\(method) \(host) \(path) of \(patterns.map(\.description))")
                if !cut.hasPrefix("40"), cut != "308" { routed += 1 }
            }
        }
        #expect(routed > 1000)
    }

    @Test func anyBytesGetAnAnswer() throws {
        let patterns = try ["/", "/a/{x}", "/a/{x}:v", "GET /t/{$}", "*.h.com/{a}/{b}/"].map(route)
        let router = Router(patterns)
        var random = RandomPatterns(seed: 99)
        let alphabet = Array("//..%%2eE2fF00:a?\\\u{0}é*".utf8)
        for _ in 0..<20_000 {
            let path = (0..<random.pick([0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 80])).map { _ in
                random.pick(alphabet)
            }
            let rooted = random.pick([true, true, true, false]) ? [UInt8(ascii: "/")] + path : path
            let host = String(
                decoding: (0..<random.pick([0, 1, 5, 300])).map { _ in random.pick(Array("a.:[]".utf8)) }, as: UTF8.self
            )
            let answer = router.answer(random.pick(["GET", "", "X"]), host, rooted, patterns)
            // A redirect leads to a path that is not redirected to another, or clients would go in circles.
            if answer.hasPrefix("308 ") {
                let target = Array(answer.dropFirst(4).utf8)
                #expect(target.first == UInt8(ascii: "/") && !target.starts(with: "//".utf8))
                let again = router.answer("GET", host, target, patterns)
                #expect(!again.hasPrefix("308") || again == answer + "/")
            }
        }
    }

    /// A trie in which every level can go two ways, and paths that fail at the very end.
    @Test func backtrackingIsBounded() throws {
        // 2^12 leaves: each level literal or wildcard. A walk visits each node once at most.
        var patterns: [RoutePattern] = []
        for mask in 0..<4096 {
            let text = (0..<12).map { mask >> $0 & 1 == 0 ? "/a" : "/{w\($0)}" }.joined() + "/end\(mask)"
            patterns.append(try route(text))
        }
        let router = Router(patterns)
        let path = String(repeating: "/a", count: 12)
        #expect(router.answer("GET", "", Array((path + "/none").utf8), patterns) == "404")
        #expect(
            router.answer("GET", "", Array((path + "/end4095").utf8), patterns).hasPrefix(patterns[4095].description))
        // Each of these fails only at the last segment of every way through the levels.
        for _ in 0..<100 { #expect(router.answer("PUT", "", Array((path + "/end").utf8), patterns) == "404") }
    }

    @Test func deepPathsDoNotRecurseDeeply() throws {
        let patterns =
            try [route("/{w}"), route("/a/{r...}")]
            + [route(String(repeating: "/a", count: 63) + "/{x}")]
        let router = Router(patterns)
        let path = Array(String(repeating: "/a", count: 100_000).utf8)
        #expect(router.answer("GET", "", path, patterns).hasPrefix("/a/{r...} ; r=a/a"))
        let dots = Array(String(repeating: "/a/..", count: 50_000).utf8)
        #expect(router.answer("GET", "", dots, patterns) == "308 /")
        let slashes = [UInt8](repeating: UInt8(ascii: "/"), count: 100_000)
        #expect(router.answer("GET", "", slashes, patterns) == "308 /")
    }

    @Test func sixteenWildcardsAndASlash() throws {
        let patterns = [try route((0..<16).map { "/{w\($0)}" }.joined() + "/")]
        let path = (0..<16).map { "/\($0)" }.joined()
        let expected = patterns[0].description + " ; " + (0..<16).map { "w\($0)=\($0)" }.joined(separator: " ")
        let router = Router(patterns)
        #expect(router.answer("GET", "", Array((path + "/x").utf8), patterns) == expected)
        #expect(router.answer("GET", "", Array(path.utf8), patterns) == "308 " + path + "/")
    }

    @Test func manyMethods() throws {
        let patterns = try (0..<300).map { try route("M\($0) /a") }
        let router = Router(patterns)
        #expect(router.answer("M3", "", Array("/a".utf8), patterns) == "M3 /a")
        #expect(router.answer("M300", "", Array("/a".utf8), patterns).hasPrefix("405 M0, M1"))
    }

    @Test func emptyRouter() {
        #expect(Router([]).answer("GET", "h.com", Array("/a".utf8), []) == "404")
        #expect(Router([]).answer("OPTIONS", "", Array("*".utf8), []) == "405 OPTIONS")
    }
}
