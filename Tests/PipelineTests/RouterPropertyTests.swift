import JSON
import Pipeline
import Testing

/// Patterns and paths over a few words, so that they meet often.
struct RandomPatterns: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// xorshift64 (Marsaglia 2003): the same on every machine.
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() >> 33) % elements.count]
    }

    static let words = ["a", "b", "a:v", ":v", "a/b", "é", "longer-than-eight"]

    mutating func pattern() -> RoutePattern {
        var text = pick(["", "", "GET ", "GET ", "HEAD ", "POST "])
        text += pick(["", "", "", "", "h.com", "x.h.com", "*.h.com", "*.com"])
        for place in 0..<pick([0, 1, 1, 2, 2, 3]) {
            text += "/" + pick(["{w\(place)}", "{w\(place)}", pick(Self.words).replacing("/", with: "%2F")])
        }
        text += pick(["", "", "/", "/{r...}", "/{$}", "/{z}:v", "/{z}:w", "/a"])
        do {
            return try route(text.contains("/") ? text : text + "/")
        } catch {
            fatalError("not a pattern: \(text)")
        }
    }

    mutating func path() -> String {
        var path = ""
        for _ in 0..<pick([1, 1, 2, 2, 3, 4]) {
            path +=
                "/"
                + pick(["a", "b", "c", "a:v", "c:v", "c:w", ":v", "%61", "a%2Fb", "c%3Av", "é", "longer-than-eight"])
        }
        return path + pick(["", "", "/"])
    }
}

/// What each rule says, taken literally: all patterns are tried, and of those that match the most specific wins.
struct NaiveRouter {
    let patterns: [RoutePattern]

    static func decoded(_ segment: String) -> [UInt8] {
        var out = ByteWriter()
        Array(segment.utf8).withUnsafeBufferPointer { PathEscapes.append(decoded: $0, to: &out) }
        return Array(out.bytes)
    }

    static func matches(_ pattern: RoutePattern, path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        for (index, segment) in pattern.segments.enumerated() {
            guard index < parts.count else { return false }
            let part = parts[index]
            let isLastSlash = index == parts.count - 1 && part.isEmpty
            switch segment {
            case .rest: return true
            case .end: return isLastSlash
            case .literal(let text): if isLastSlash || decoded(part) != text { return false }
            case .wildcard: if isLastSlash { return false }
            case .verb(_, let verb):
                guard index == parts.count - 1, let colon = part.utf8.lastIndex(of: UInt8(ascii: ":")),
                    colon != part.startIndex
                else { return false }
                if decoded(String(part[colon...].dropFirst())) != verb { return false }
            }
        }
        return pattern.segments.count == parts.count
    }

    static func matches(_ pattern: RoutePattern, host: String) -> Bool {
        guard let own = pattern.host else { return true }
        let text = String(decoding: own.bytes, as: UTF8.self)
        return own.isSuffix ? host.hasSuffix("." + text) && host.count > text.count + 1 : host == text
    }

    static func matches(_ pattern: RoutePattern, method: String) -> Bool {
        pattern.method == nil || pattern.method == method || (method == "HEAD" && pattern.method == "GET")
    }

    func winner(_ method: String, _ host: String, _ path: String) -> RoutePattern? {
        let all = patterns.filter {
            Self.matches($0, method: method) && Self.matches($0, host: host) && Self.matches($0, path: path)
        }
        return all.first { one in all.allSatisfy { $0 == one || one.compare($0) == .moreSpecific } }
    }

    /// Whether the pattern ends where the path ends.
    private func isExact(_ pattern: RoutePattern?, _ path: String) -> Bool {
        guard let pattern else { return false }
        guard case .rest? = pattern.segments.last else { return true }
        return path.hasSuffix("/") && pattern.segments.count == path.utf8.count { $0 == UInt8(ascii: "/") }
    }

    func answer(_ method: String, _ host: String, _ path: String) -> String {
        let winner = winner(method, host, path)
        if !isExact(winner, path), !path.hasSuffix("/"),
            isExact(self.winner(method, host, path + "/"), path + "/")
        {
            return "308"
        }
        if let winner { return winner.description }
        var methods: Set<String> = []
        for pattern in patterns where Self.matches(pattern, host: host) {
            for path in path.hasSuffix("/") ? [path] : [path, path + "/"] where Self.matches(pattern, path: path) {
                if let method = pattern.method { methods.insert(method) }
            }
        }
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.isEmpty ? "404" : "405 " + methods.sorted().joined(separator: ", ")
    }
}

extension String.UTF8View {
    fileprivate func count(where isCounted: (UInt8) -> Bool) -> Int { reduce(0) { $0 + (isCounted($1) ? 1 : 0) } }
}

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
