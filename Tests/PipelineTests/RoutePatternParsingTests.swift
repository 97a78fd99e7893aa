import Diagnostics
import Pipeline
import Testing

@Suite struct RoutePatternParsingTests {
    /// What is written, its canonical text, the names of its wildcards.
    static let good: [(String, String, [String])] = [
        ("/", "/", []),
        ("/{$}", "/{$}", []),
        ("/a", "/a", []),
        ("/a/", "/a/", []),
        ("/{x}", "/{x}", ["x"]),
        ("/{x...}", "/{x...}", ["x"]),
        ("/{_x9}/", "/{_x9}/", ["_x9"]),
        ("/a/{x}/b/{y...}", "/a/{x}/b/{y...}", ["x", "y"]),
        ("GET /", "GET /", []),
        ("GET \t  /a", "GET /a", []),
        ("GET\t/a", "GET /a", []),
        ("PURGE /a", "PURGE /a", []),
        ("M-SEARCH /a", "M-SEARCH /a", []),
        ("!#$%&'*+-.^_`|~ /a", "!#$%&'*+-.^_`|~ /a", []),
        ("Purge /a", "Purge /a", []),
        ("example.com/", "example.com/", []),
        ("GET Example.COM/a", "GET example.com/a", []),
        ("*.example.com/a", "*.example.com/a", []),
        ("*.com/a", "*.com/a", []),
        ("POST [::1]/a", "POST [::1]/a", []),
        ("127.0.0.1/a", "127.0.0.1/a", []),
        ("a_b.example/", "a_b.example/", []),
        ("/o/{id}:cancel", "/o/{id}:cancel", ["id"]),
        ("/{id}:v1.x_y-z", "/{id}:v1.x_y-z", ["id"]),
        ("/a/{x}/{r...}:v", "/a/{x}/{r...}:v", ["x", "r"]),
        ("/o:batch", "/o:batch", []),
        ("/:id", "/:id", []),
        ("/*", "/*", []),
        ("/a}", "/a}", []),
        ("/é/日本", "/é/日本", []),
        ("/%C3%A9", "/é", []),
        ("/%c3", "/%C3", []),
        ("/a%20b", "/a%20b", []),
        ("/a%2fb", "/a%2Fb", []),
        ("/%7Bx%7D", "/%7Bx}", []),
        ("/%25", "/%25", []),
        ("/%3Fq%23", "/%3Fq%23", []),
        ("/%61bc", "/abc", []),
        ("/a\\b", "/a\\b", []),
        ("/.well-known/x", "/.well-known/x", []),
        ("/...", "/...", []),
        ("CONNECT /a//b", "CONNECT /a//b", []),
        ("CONNECT /a/../b", "CONNECT /a/../b", []),
        (
            "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/",
            "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/", "abcdefghijklmnop".map { String($0) }
        ),
    ]

    @Test(arguments: good)
    func reads(_ text: String, _ canonical: String, _ names: [String]) throws {
        let pattern = try route(text)
        #expect(pattern.description == canonical)
        #expect(pattern.wildcardNames == names)
        #expect(try route(canonical) == pattern)
        #expect(canonical.hasSuffix(pattern.path))
    }

    /// What is written, the text under the caret, the message, the suggestion.
    static let bad: [(String, String, String, String?)] = [
        ("", "", "the route pattern is empty", nil),
        (" /a", " ", "the route pattern starts with a space", nil),
        ("GET", "GET", "the route pattern has no path", nil),
        ("GET ", "", "the route pattern has no path", nil),
        ("a", "a", "the route pattern has no path: a path starts with '/'", "/a"),
        ("GET users", "users", "the route pattern has no path: a path starts with '/'", "/users"),
        ("get /a", "get", "the method `get` is not `GET`: methods are case-sensitive", "GET"),
        ("Post /a", "Post", "the method `Post` is not `POST`: methods are case-sensitive", "POST"),
        ("GET,POST /a", ",", "the method has a character that no method has", nil),
        ("É /a", "É", "the method has a character that no method has", nil),
        ("GET POST /a", " ", "the host has a character that no host name has", nil),
        ("/a b", " ", "the path has a space", "%20"),
        ("GET /a ", " ", "the path has a space", "%20"),
        ("GET /a\tb", "\t", "the path has a control character", nil),
        ("/a?x=1", "?x=1", "a query is not part of a route pattern", nil),
        ("/a#x", "#x", "a fragment is not part of a route pattern", nil),
        ("{x}/a", "{x}", "a wildcard cannot stand in the host", nil),
        ("a{x}/a", "{x}", "a wildcard cannot stand in the host", nil),
        ("example.com:80/a", ":80", "a host here cannot have a port", ""),
        ("http://example.com/a", ":", "a host here cannot have a port", ""),
        ("*/a", "*", "`*` can stand only at the start of a host", nil),
        ("a.*.com/a", "*", "`*` can stand only at the start of a host", nil),
        ("*./a", ".", "the host has an empty label", nil),
        ("a..b/a", ".", "the host has an empty label", nil),
        ("a./a", ".", "the host has an empty label", nil),
        (".a/a", ".", "the host has an empty label", nil),
        ("bücher.de/a", "ü", "the host has a byte that is not ASCII", nil),
        ("[::1/a", "[::1", "this is not an IPv6 address in brackets", nil),
        ("[::1]:80/a", "[::1]:80", "this is not an IPv6 address in brackets", nil),
        ("//", "//", "the path has an empty segment", "/"),
        ("GET /a//b", "//", "the path has an empty segment", "/"),
        ("/a///", "//", "the path has an empty segment", "/"),
        ("/a/./b", ".", "a dot segment never matches", nil),
        ("/a/..", "..", "a dot segment never matches", nil),
        ("/a/%2e%2E/b", "%2e%2E", "a dot segment never matches", nil),
        ("/a/.%2e", ".%2e", "a dot segment never matches", nil),
        ("/%zz", "%zz", "a `%` needs two hexadecimal digits after it", nil),
        ("/a%4", "%4", "a `%` needs two hexadecimal digits after it", nil),
        ("/a%/b", "%", "a `%` needs two hexadecimal digits after it", nil),
        ("/a%00b", "%00", "the path has a zero byte", nil),
        ("CONNECT /a%00b", "%00", "the path has a zero byte", nil),
        ("/{x", "{x", "the wildcard is not closed", nil),
        ("/b_{bad", "{bad", "the wildcard is not closed", nil),
        ("/b_{bad}", "{bad}", "a wildcard must be a whole segment", nil),
        ("/{x}y", "y", "a wildcard must be a whole segment", nil),
        ("/{x}{y}", "{y}", "a wildcard must be a whole segment", nil),
        ("/{x}.json", ".json", "a wildcard must be a whole segment", nil),
        ("/v{x...}", "{x...}", "a wildcard must be a whole segment", nil),
        ("/{$}/", "{$}", "`{$}` stands only at the end", nil),
        ("/{$}x", "{$}", "`{$}` stands only at the end", nil),
        ("/{$}/a", "{$}", "`{$}` stands only at the end", nil),
        ("/{x...}/", "{x...}", "`{x...}` can stand only at the end", "{x}"),
        ("/{x...}/a", "{x...}", "`{x...}` can stand only at the end", "{x}"),
        ("/{x...}:v/a", "{x...}", "`{x...}` can stand only at the end", "{x}"),
        ("/{x...}y", "y", "a wildcard must be a whole segment", nil),
        ("/{x...}:", ":", "the verb is empty", nil),
        ("/{}", "{}", "the wildcard has no name", nil),
        ("/{...}", "{...}", "the wildcard has no name", nil),
        ("/{9a}", "9a", "the wildcard's name is not an identifier", nil),
        ("/{a-b}", "a-b", "the wildcard's name is not an identifier", "a_b"),
        ("/{a.b}", "a.b", "the wildcard's name is not an identifier", "a_b"),
        ("/{$...}", "$", "the wildcard's name is not an identifier", "_"),
        ("/{é}", "é", "the wildcard's name is not an identifier", nil),
        ("/{{x}}", "{x", "the wildcard's name is not an identifier", nil),
        ("/{x}/{x}", "x", "the wildcard `x` stands twice in the pattern", nil),
        ("/{x}/{x...}", "x", "the wildcard `x` stands twice in the pattern", nil),
        ("/{x}:", ":", "the verb is empty", nil),
        ("/{x}:v/a", ":v", "a verb stands only at the end", nil),
        ("/{x}:v/", ":v", "a verb stands only at the end", nil),
        ("/{x}:a:b", ":", "the verb has a character that no verb has", nil),
        ("/{x}:{y}", "{", "the verb has a character that no verb has", nil),
    ]

    @Test(arguments: bad)
    func refuses(_ text: String, _ caret: String, _ message: String, _ suggestion: String?) throws {
        // The pattern stands behind something, as in a file.
        let source = Source(name: "test", text: "\"" + text + "\"")
        var findings = Findings()
        let placed = PlacedText(verbatim: Array(text.utf8), in: source, at: 1)
        #expect(RoutePattern.parse(placed, &findings) == nil)
        let all = findings.ordered()
        try #require(all.count == 1)
        #expect(all[0].rule.id == "bad-route")
        #expect(all[0].message == message)
        #expect(all[0].suggestion == suggestion)
        #expect(all[0].help != nil)
        #expect(String(decoding: source.bytes[all[0].range.start..<all[0].range.end], as: UTF8.self) == caret)
    }

    @Test func limits() {
        func message(_ text: String) -> String? {
            var findings = Findings()
            let placed = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
            _ = RoutePattern.parse(placed, &findings)
            return findings.ordered().first?.message
        }
        let names = (0..<17).map { "/{x\($0)}" }.joined()
        #expect(message(names) == "the path has 17 wildcards, more than 16")
        #expect(message(String(repeating: "/a", count: 64)) == nil)
        #expect(message(String(repeating: "/a", count: 65)) == "the path has more than 64 segments")
        let host = String(repeating: "a.", count: 126) + "a"
        #expect(message(host + "/") == nil)
        #expect(message(host + "a/") == "the host is longer than 253 bytes")
    }

    @Test func staysCalmOnAnyBytes() {
        // Every byte at every place of a pattern that has everything: none may trap, and what is read reads again.
        let text = Array("GET *.a.bc/x%41/{id}/{y}:v".utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = text
                bytes[index] = byte
                var findings = Findings()
                let source = Source(name: "test", bytes: bytes)
                let pattern = RoutePattern.parse(PlacedText(verbatim: bytes, in: source), &findings)
                #expect((pattern == nil) == findings.hasErrors)
                if let pattern { #expect((try? route(pattern.description)) == pattern) }
            }
        }
    }

    @Test func rulesAreDescribed() {
        for rule in RouteRules.all {
            #expect(rule.bad != rule.good && rule.bad.hasPrefix("radicle: 1\n"))
            #expect(rule.summary.first?.isLowercase == true && !rule.summary.hasSuffix("."))
        }
        #expect(Set(RouteRules.all.map(\.id)).count == RouteRules.all.count)
    }
}

@Suite struct RouteHostTests {
    private func host(_ text: String) -> (RouteHost?, [String]) {
        var findings = Findings()
        let placed = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
        let host = RouteHost.parse(placed, &findings)
        return (host, findings.ordered().map { $0.rule.id + ": " + $0.message })
    }

    private func prefix(_ text: String) -> (RoutePrefix?, [String]) {
        var findings = Findings()
        let placed = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
        let prefix = RoutePrefix.parse(placed, &findings)
        return (prefix, findings.ordered().map { $0.rule.id + ": " + $0.message })
    }

    @Test func hosts() {
        #expect(host("Example.com").0?.description == "example.com")
        #expect(host("*.Example.com").0?.description == "*.example.com")
        #expect(host("").1 == ["bad-host: the host is empty"])
        #expect(host("a/b").1 == ["bad-host: a host cannot have a path"])
        #expect(host("*").1 == ["bad-host: `*` can stand only at the start of a host"])
        #expect(host("*.").1 == ["bad-host: the host has an empty label"])
        #expect(host("[").1 == ["bad-host: this is not an IPv6 address in brackets"])
        #expect(host("[]").1 == ["bad-host: this is not an IPv6 address in brackets"])
    }

    @Test func prefixes() {
        #expect(prefix("/api").0?.description == "/api")
        #expect(prefix("/api/v1/").0?.description == "/api/v1")
        #expect(prefix("/").0?.description == "/")
        #expect(prefix("").1 == ["bad-prefix: a prefix starts with `/`"])
        #expect(prefix("api").1 == ["bad-prefix: a prefix starts with `/`"])
        #expect(prefix("/{x}").1 == ["bad-prefix: a prefix cannot have wildcards"])
        #expect(prefix("/a/{x...}").1 == ["bad-prefix: a prefix cannot have wildcards"])
        #expect(prefix("/a/{$}").1 == ["bad-prefix: a prefix cannot have wildcards"])
        #expect(prefix("/a//b").1 == ["bad-prefix: the path has an empty segment"])
        #expect(prefix("/../b").1 == ["bad-prefix: a dot segment never matches"])
    }

    @Test func patternsInsideAService() throws {
        let api = prefix("/api/").0
        let wide = host("*.example.com").0
        #expect(try route("GET /a/{x}").with(host: wide, prefix: api).description == "GET *.example.com/api/a/{x}")
        #expect(try route("/").with(host: nil, prefix: api).description == "/api/")
        #expect(try route("/{$}").with(host: nil, prefix: api).path == "/api/{$}")
        #expect(try route("own.net/a").with(host: wide, prefix: prefix("/").0).description == "own.net/a")
        #expect(try route("/a").with(host: nil, prefix: nil) == route("/a"))
    }
}
