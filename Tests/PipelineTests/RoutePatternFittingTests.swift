import Pipeline
import Testing

@Suite struct RoutePatternFittingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: String
        let path: String
        let fit: RoutePattern.PathFit

        init(_ pattern: String, _ path: String, _ fit: RoutePattern.PathFit) {
            self.pattern = pattern
            self.path = path
            self.fit = fit
        }

        var testDescription: String { "\(pattern) \(path)" }
    }

    static let cases = [
        Case("/a/{x}", "/a/b", .takes),
        Case("/a/{x}", "/a", .ends(before: 1)),
        Case("/a/{x}", "/a/", .ends(before: 1)),
        Case("/a/{x}", "/a/b/c", .goesOn(at: 2)),
        Case("/a/{x}", "/a/b/", .goesOn(at: 2)),
        Case("/a/{x}", "/b/b", .differs(at: 0)),
        Case("/a%20b/c", "/a%20b/d", .differs(at: 1)),
        Case("/a%2Fb", "/a%2fb", .takes),
        Case("/a%2Fb", "/a/b", .differs(at: 0)),
        Case("/a/{x}:v", "/a/b:v", .takes),
        Case("/a/{x}:v", "/a/b", .differs(at: 1)),
        Case("/a/{x}:v", "/a/:v", .differs(at: 1)),
        Case("/a/{x}:v", "/a/b%3Av", .differs(at: 1)),
        Case("/a/{x}:v", "/a/b:v/c", .goesOn(at: 2)),
        Case("/a/{r...}:v", "/a/b:v", .takes),
        Case("/a/{r...}:v", "/a/b/c/d:v", .takes),
        Case("/a/{r...}:v", "/a/b:v/c", .differs(at: 1)),
        Case("/a/{r...}:v", "/a/b/:v", .differs(at: 1)),
        Case("/a/{r...}:v", "/a/b:v/", .differs(at: 1)),
        Case("/a/{r...}:v", "/a/", .ends(before: 1)),
        Case("/a/{r...}:v", "/a", .ends(before: 1)),
        Case("/a/{r...}", "/a/b/c/", .takes),
        Case("/a/{r...}", "/a/", .takes),
        Case("/a/{r...}", "/a", .lacksSlash),
        Case("/a/", "/a", .lacksSlash),
        Case("/a/{$}", "/a", .lacksSlash),
        Case("/a/{$}", "/a/", .takes),
        Case("/a/{$}", "/a/b", .goesOn(at: 1)),
        Case("/{$}", "/", .takes),
        Case("/", "/anything/at/all", .takes),
    ]

    @Test(arguments: cases) func pathsPartWhereTheyDo(_ item: Case) throws {
        let fit = try route(item.pattern).fit(method: Array("GET".utf8), host: [], path: Array(item.path.utf8))
        #expect(fit.path == item.fit)
        #expect(fit.takesHost && fit.takesMethod)
    }

    @Test(arguments: [
        ("GET /a", "HEAD", true), ("HEAD /a", "GET", false), ("/a", "ANY", true), ("POST /a", "post", false),
    ])
    func methodsAreTaken(_ pattern: String, _ method: String, _ isTaken: Bool) throws {
        let fit = try route(pattern).fit(method: Array(method.utf8), host: [], path: Array("/a".utf8))
        #expect(fit.takesMethod == isTaken)
    }

    @Test(arguments: [
        ("h.com/a", "H.com:8080", true), ("h.com/a", "h.com.", true), ("h.com/a", "x.h.com", false),
        ("*.h.com/a", "x.h.com", true), ("*.h.com/a", "h.com", false), ("*.h.com/a", "xh.com", false),
        ("[::1]/a", "[::1]:80", true), ("h.com/a", "", false), ("/a", "", true),
    ])
    func hostsAreTaken(_ pattern: String, _ host: String, _ isTaken: Bool) throws {
        let name = RouteHost.name(of: Array(host.utf8))
        let fit = try route(pattern).fit(method: Array("GET".utf8), host: name, path: Array("/a".utf8))
        #expect(fit.takesHost == isTaken)
    }

    @Test(arguments: [
        ("h.com/{x}", "/a", RoutePattern.Advantage.host), ("h.com/a", "*.com/a", .host), ("/a", "/{x}", .segment(0)),
        ("/a/{x}", "/a/", .segment(1)), ("/a/b/c/d", "/a/{r...}", .segment(1)), ("/{x}:v", "/{x}", .segment(0)),
        ("/a/{x}:v", "/{r...}:v", .segment(0)), ("/a/{x}:v", "/a/{r...}:v", .segment(1)),
        ("/{r...}:v", "/", .segment(0)), ("GET /a", "/a", .method), ("HEAD /a", "GET /a", .method),
    ])
    func theFirstAdvantageIsTold(_ winner: String, _ loser: String, _ advantage: RoutePattern.Advantage) throws {
        let (winner, loser) = (try route(winner), try route(loser))
        #expect(winner.advantage(over: loser) == advantage)
        #expect(loser.advantage(over: winner) == nil)
    }

    /// Each fit says of one pattern what the router says of it alone, and each place where they part is one.
    @Test(arguments: 1...8) func fitsAgreeWithTheRouter(_ seed: Int) {
        var random = RandomPatterns(seed: UInt64(seed &+ 100))
        for _ in 0..<1500 {
            let pattern = random.pattern()
            let method = random.pick(["GET", "HEAD", "POST", "PUT"])
            let host = random.pick(["", "h.com", "x.h.com", "y.x.h.com", "other.com"])
            let path = random.path()
            let fit = pattern.fit(
                method: Array(method.utf8), host: RouteHost.name(of: Array(host.utf8)), path: Array(path.utf8))
            let answer = Router([pattern]).answer(method, host, Array(path.utf8), [pattern])
            #expect(fit.takesHost == NaiveRouter.matches(pattern, host: host))
            #expect(fit.takesMethod == NaiveRouter.matches(pattern, method: method))
            #expect((fit.path == .takes) == NaiveRouter.matches(pattern, path: path), "\(pattern) \(path)")
            let isRouted = !answer.hasPrefix("308") && !answer.hasPrefix("40")
            #expect(fit.takesAll == isRouted, "\(pattern) of \(method) \(host) \(path): \(answer)")
            if fit.takesHost, fit.takesMethod { #expect((fit.path == .lacksSlash) == answer.hasPrefix("308")) }
            if fit.takesHost, !fit.takesMethod {
                #expect(answer.hasPrefix("405") == (fit.path == .takes || fit.path == .lacksSlash))
            }
            expectParting(pattern, path, fit.path)
        }
    }

    private func expectParting(_ pattern: RoutePattern, _ path: String, _ fit: RoutePattern.PathFit) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let present = parts.last == "" ? parts.count - 1 : parts.count
        switch fit {
        case .takes, .lacksSlash: break
        case .differs(let place):
            #expect(place < present && place < pattern.segments.count, "\(pattern) \(path)")
            let before = RoutePattern.parts(of: Array(path.utf8)).prefix(place).map {
                "/" + String(decoding: $0, as: UTF8.self)
            }
            // What comes before it agrees: the path cut there is not said to differ.
            if place > 0 {
                let cut = pattern.fit(method: [], host: [], path: Array(before.joined().utf8)).path
                #expect(cut == .ends(before: place) || cut == .lacksSlash, "\(pattern) \(path) \(cut)")
            }
        case .ends(let place): #expect(place == present && place < pattern.segments.count, "\(pattern) \(path)")
        case .goesOn(let place):
            #expect(place < parts.count && place >= pattern.segments.count - 1, "\(pattern) \(path)")
        }
    }
}
