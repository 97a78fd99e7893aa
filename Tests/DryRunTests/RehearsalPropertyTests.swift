import Compiler
import Diagnostics
import DryRun
import Pipeline
import Testing

/// Over generated manifests and requests: the winner is the router's, every other pattern is told of once, and what is
/// said of each is so.
@Suite struct RehearsalPropertyTests {
    @Test(arguments: 1...6) func decidesAsTheRouter(_ seed: Int) throws {
        var random = RandomPatterns(seed: UInt64(seed &+ 1000))
        var routed = 0
        for _ in 0..<25 {
            var texts: [String] = []
            var patterns: [RoutePattern] = []
            for _ in 0..<random.pick([2, 5, 10, 20]) {
                let text = random.patternText()
                let next = try route(text)
                guard RoutePattern.conflicts(among: patterns + [next]).isEmpty else { continue }
                texts.append(text)
                patterns.append(next)
            }
            let manifest = routes(texts.map { "\"\($0)\": { template: hi }" })
            let rehearsal = try #require(Rehearsal(Linted(manifest).compilation), "\(Linted(manifest).human)")
            let naive = NaiveRouter(patterns: patterns)
            for _ in 0..<40 {
                let method = random.pick(["GET", "GET", "HEAD", "POST", "PUT"])
                let host = random.pick(["h.com", "x.h.com", "y.x.h.com", "other.com"])
                let path = random.path()
                let decision = rehearsal.decide(try AskedRequest("\(method) \(path)", headers: ["host: \(host)"]))
                let expected = naive.answer(method, host, path)
                #expect(Self.answer(decision) == expected, "\(method) \(host) \(path) of \(texts)")
                if decision.outcome == .route { routed += 1 }
                expectTrue(decision, method, host, patterns)
            }
        }
        #expect(routed > 100)
    }

    private static func answer(_ decision: RouteDecision) -> String {
        switch decision.outcome {
        case .route: decision.pattern?.description ?? ""
        case .redirect: "308"
        case .methodNotAllowed:
            "405 " + (decision.allow ?? "").replacing("OPTIONS, ", with: "").replacing(", OPTIONS", with: "")
        case .notFound: "404"
        case .badRequest: "400"
        }
    }

    private func expectTrue(_ decision: RouteDecision, _ method: String, _ host: String, _ patterns: [RoutePattern]) {
        let winner = decision.pattern ?? decision.next?.pattern
        let told = decision.others.map(\.pattern) + (winner.map { [$0] } ?? [])
        #expect(told.count == patterns.count && Set(told) == Set(patterns))
        if decision.outcome == .redirect { #expect(decision.next != nil || decision.location?.hasSuffix("/") == false) }
        let path = String(decoding: decision.path, as: UTF8.self)
        for other in decision.others {
            let pattern = other.pattern
            let takesMethod = NaiveRouter.matches(pattern, method: method)
            let takesHost = NaiveRouter.matches(pattern, host: host)
            let takesPath = NaiveRouter.matches(pattern, path: path)
            switch other.reason {
            case .isWider(let than, _):
                #expect(takesMethod && takesHost && takesPath && than == winner)
                #expect(than.compare(pattern) == .moreSpecific)
            case .doesNotTake(let fit):
                #expect(!(takesMethod && takesHost && takesPath), "\(pattern) takes \(method) \(host) \(path)")
                #expect(fit.takesMethod == takesMethod && fit.takesHost == takesHost)
                #expect((fit.path == .takes) == takesPath)
                if fit.path == .lacksSlash { #expect(NaiveRouter.matches(pattern, path: path + "/")) }
            }
            #expect(!decision.words(other).isEmpty)
        }
    }
}
