import Pipeline
import Testing

@Suite struct RoutePatternComparingTests {
    /// `=` equivalent, `<` the first is more specific, `!` disjoint, else an example that both match.
    static let pairs: [(String, String, String)] = [
        ("/", "/", "="),
        ("/a", "/a", "="),
        ("/{x}", "/{y}", "="),
        ("/{x...}", "/{y...}", "="),
        ("/{x...}", "/", "="),
        ("/a/", "/a/{x...}", "="),
        ("/{$}", "/{$}", "="),
        ("/é", "/%C3%A9", "="),
        ("/%61", "/a", "="),
        ("GET /", "GET /", "="),
        ("EXAMPLE.com/", "example.com/", "="),
        ("*.e.com/", "*.E.com/", "="),
        ("/{x}:v", "/{y}:v", "="),
        ("/a", "/b", "!"),
        ("/a", "/a/b", "!"),
        ("/a", "/a/", "!"),
        ("/a", "/a/{$}", "!"),
        ("/{x}", "/{$}", "!"),
        ("/{x}", "/{x}/{y}", "!"),
        ("/{x}/a", "/{x}/b", "!"),
        ("/a/{x}", "/b/{x}", "!"),
        ("/a/", "/b/", "!"),
        ("/a/{$}", "/b/{$}", "!"),
        ("/a/b/{$}", "/a/{$}", "!"),
        ("/a/{x}/", "/a/{y}", "!"),
        ("GET /a", "POST /a", "!"),
        ("HEAD /a", "POST /{x}", "!"),
        ("GET /a", "get2 /a", "!"),
        ("a.com/", "b.com/", "!"),
        ("*.a.com/", "*.b.com/", "!"),
        ("a.com/", "*.a.com/", "!"),
        ("xa.com/", "*.a.com/", "!"),
        ("a.com/x", "/y", "!"),
        ("/{x}:v", "/{x}:w", "!"),
        ("/{x}:v", "/{$}", "!"),
        ("/{x}:v", "/v", "!"),
        ("/{x}:v", "/:v", "!"),
        ("/{x}:v", "/a:vv", "!"),
        ("/{x}:v", "/a:v/b", "!"),
        ("/{x}:v", "/{x}/b", "!"),
        ("/é", "/e\u{301}", "!"),
        ("/a", "/{x}", "<"),
        ("/a", "/", "<"),
        ("/a/", "/", "<"),
        ("/{x}", "/", "<"),
        ("/{$}", "/", "<"),
        ("/a/{$}", "/a/", "<"),
        ("/a/{$}", "/", "<"),
        ("/{x}/{$}", "/{x}/", "<"),
        ("/a/b", "/a/{x}", "<"),
        ("/a/b", "/{x}/{y}", "<"),
        ("/a/{x}", "/{x}/{y}", "<"),
        ("/a/{x}/", "/a/", "<"),
        ("/a/{x}", "/a/{x...}", "<"),
        ("/a/b/c/{x...}", "/a/{x...}", "<"),
        ("GET /", "/", "<"),
        ("HEAD /", "GET /", "<"),
        ("HEAD /a", "GET /{x}", "<"),
        ("GET /a", "/{x}", "<"),
        ("GET /a", "GET /", "<"),
        ("a.com/", "/", "<"),
        ("a.com/", "/a", "<"),
        ("a.com/{x}", "GET /a", "<"),
        ("x.a.com/", "*.a.com/", "<"),
        ("x.a.com/", "*.a.com/b", "<"),
        ("*.x.a.com/", "*.a.com/", "<"),
        ("*.a.com/", "/", "<"),
        ("/{x}:v", "/{x}", "<"),
        ("/{x}:v", "/", "<"),
        ("/a:v", "/{x}:v", "<"),
        ("/a:b:v", "/{x}:v", "<"),
        ("POST /o/{x}:v", "/o/{x}", "<"),
        ("/a/{x}", "/{x}/b", "GET /a/b"),
        ("/a/{x}/c", "/{x}/b/{y}", "GET /a/b/c"),
        ("/a/{x}", "/{x...}", "<"),
        ("/{x}/b", "/a/", "GET /a/b"),
        ("/{x}/b/{y...}", "/a/{z...}", "GET /a/b/"),
        ("/{x}/{$}", "/a/", "GET /a/"),
        ("/{x}/b/{$}", "/a/{y}/{$}", "GET /a/b/"),
        ("GET /{x}", "/a", "GET /a"),
        ("GET /", "/a/{x}", "GET /a/x"),
        ("GET /a", "HEAD /{x}", "HEAD /a"),
        ("HEAD /", "GET /a", "HEAD /a"),
        ("POST /", "/a", "POST /a"),
        ("GET h.com/", "h.com/a", "GET h.com/a"),
        ("GET *.h.com/", "*.h.com/a", "GET www.h.com/a"),
        ("POST /{x}:v", "/a:v", "POST /a:v"),
        ("/a/{x}", "/{y}/{x}:v", "GET /a/x:v"),
        ("/{x}/a%20b", "/é/{x}", "GET /é/a%20b"),
        ("/{r...}:v", "/{s...}:v", "="),
        ("/{r...}:v", "/{s...}:w", "!"),
        ("/a/{r...}:v", "/a", "!"),
        ("/a/{r...}:v", "/a/{$}", "!"),
        ("/a/{r...}:v", "/a/b", "!"),
        ("/a/{r...}:v", "/a/b/{$}", "!"),
        ("/a/{r...}:v", "/b/{x}:v", "!"),
        ("/a/{r...}:v", "/a/{x}:w", "!"),
        ("/a/{r...}:v", "/a/{x}/{s...}:w", "!"),
        ("/{r...}:v", "/{s...}", "<"),
        ("/a/{r...}:v", "/{s...}", "<"),
        ("/a/{r...}:v", "/a/", "<"),
        ("/{x}:v", "/{r...}:v", "<"),
        ("/a:v", "/{r...}:v", "<"),
        ("/{x}/{y}:v", "/{r...}:v", "<"),
        ("/{x}/b/c:v", "/{r...}:v", "<"),
        ("/{x}/{r...}:v", "/{r...}:v", "<"),
        ("/a/{r...}:v", "/{x}/{r...}:v", "<"),
        ("/{r...}:v", "/{x}", "GET /x:v"),
        ("/{r...}:v", "/a/{x}", "GET /a/x:v"),
        ("/{r...}:v", "/{x}/{y}/", "GET /x/x/x:v"),
        ("/a/{r...}:v", "/{x}/b:v", "GET /a/b:v"),
        ("/{x}/{r...}:v", "/a/{y}", "GET /a/x:v"),
        ("POST /{r...}:v", "/{x}:v", "POST /x:v"),
    ]

    @Test(arguments: pairs)
    func compares(_ a: String, _ b: String, _ expected: String) throws {
        let (first, second) = (try route(a), try route(b))
        let forth: RoutePattern.Relation =
            switch expected {
            case "=": .equivalent
            case "<": .moreSpecific
            case "!": .disjoint
            default: .overlaps(example: expected)
            }
        #expect(first.compare(second) == forth)
        #expect(second.compare(first) == (forth == .moreSpecific ? .moreGeneral : forth))
        #expect(first.compare(first) == .equivalent)
        // An example is matched by each of the two when it stands alone.
        if case .overlaps(let example) = forth {
            let words = example.split(separator: " ")
            let slash = try #require(words[1].firstIndex(of: "/"))
            for pattern in [first, second] {
                let answer = Router([pattern]).answer(
                    String(words[0]), String(words[1][..<slash]), Array(words[1][slash...].utf8), [pattern])
                #expect(answer.hasPrefix(pattern.description))
            }
        }
    }
}
