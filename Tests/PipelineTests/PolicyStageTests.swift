import CEL
import Diagnostics
import Pipeline
import Synchronization
import Testing

/// `when` and `mode` around stages that know nothing of them.
@Suite struct PolicyStageTests {
    /// Does what it is told, and writes down what it was asked.
    private final class Policy: Middleware {
        let moments: Moments
        private let verdict: Verdict
        private let body: @Sendable (inout Exchange) -> Void
        private let notes = Mutex("")

        init(
            _ verdict: Verdict = .proceed, _ moments: Moments = [.admit, .decorate, .finish],
            body: @escaping @Sendable (inout Exchange) -> Void = { _ in }
        ) {
            self.verdict = verdict
            self.moments = moments
            self.body = body
        }

        var asked: String { notes.withLock { $0 } }
        private func note(_ letter: String) { notes.withLock { $0 += letter } }

        func admit(_ exchange: inout Exchange) -> Verdict {
            note("+")
            body(&exchange)
            if verdict == .refuse { exchange.fail(Failure(.unavailable, "no", reason: .shed)) }
            if verdict == .park { exchange.wakeAt = 5 }
            return verdict
        }
        func resume(_ exchange: inout Exchange) -> Verdict {
            note("~")
            return .proceed
        }
        func withdraw(_ exchange: inout Exchange) { note("w") }
        func decorate(_ exchange: inout Exchange) { note("*") }
        func finish(_ exchange: inout Exchange, _ outcome: Outcome) { note("-") }
    }

    private func program(_ text: String) throws -> Program {
        var findings = Findings()
        let source = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
        let program = Expression.parse(source, &findings)?.check(
            Names.route(wildcards: ["rest"]), expecting: .bool, &findings)
        return try #require(program, "\(findings.ordered().map(\.message))")
    }

    /// What becomes of a call to /a?n=1 with this stage alone in its chain.
    private func run(
        _ stage: any Middleware, _ words: StageWords, isAdmitted: Bool = true, received: Int = 0, took: Int64 = 0
    ) -> (verdict: Verdict?, status: Int?, shadows: [String], wakeAt: Int64) {
        let call = RequestExchange(path: "/a", query: "n=1", stages: [stage], bodyStage: 1, words: words)
        return withExtendedLifetime(call) {
            call.begin()
            call.exchange.pointee.received = received
            let verdict = isAdmitted ? call.exchange.pointee.admit(untilBody: true) : nil
            call.exchange.pointee.decorate()
            call.exchange.pointee.finish(now: call.exchange.pointee.started + took)
            var shadows: [String] = []
            call.exchange.pointee.forEachShadow { shadows.append(String(decoding: $0, as: UTF8.self)) }
            return (verdict, call.exchange.pointee.failure?.status, shadows, call.exchange.pointee.wakeAt)
        }
    }

    @Test(arguments: [
        ("query.n == '1'", "+*-", Verdict.proceed, nil), ("query.n == '2'", "", .proceed, nil),
        ("query.m == '1'", "", .refuse, 400), ("1 / (call.count - 1) == 1", "", .refuse, 500),
    ])
    func takesPartWhereTheConditionHolds(_ text: String, _ asked: String, _ verdict: Verdict, _ status: Int?) throws {
        let (policy, words) = (Policy(), StageWords())
        let outcome = run(
            ConditionalStage(policy, when: try program(text), isObserver: false, words: words), words)
        #expect(policy.asked == asked)
        #expect(outcome.verdict == verdict)
        #expect(outcome.status == status)
    }

    /// What is only on the way out is left out as well, and a failing condition refuses on the way in.
    @Test func aStageThatOnlyDecoratesIsAskedOnTheWayIn() throws {
        let (policy, words) = (Policy(.proceed, [.decorate]), StageWords())
        let stage = ConditionalStage(policy, when: try program("query.m == '1'"), isObserver: false, words: words)
        #expect(run(stage, words).status == 400)
        #expect(policy.asked == "")
    }

    @Test(arguments: [("query.n == '1'", "*-"), ("query.n == '2'", ""), ("query.m == '1'", "")])
    func aCallThatWasRefusedBeforeIsAskedLate(_ text: String, _ asked: String) throws {
        let (policy, words) = (Policy(), StageWords())
        let stage = ConditionalStage(policy, when: try program(text), isObserver: false, words: words)
        #expect(run(stage, words, isAdmitted: false).status == nil)
        #expect(policy.asked == asked)
    }

    @Test(arguments: [("query.n == '1'", "-"), ("query.n == '2'", ""), ("query.m == '1'", "-")])
    func anObserverIsAskedAtTheEndAndNeverRefuses(_ text: String, _ asked: String) throws {
        let (policy, words) = (Policy(.proceed, [.finish]), StageWords())
        let stage = ConditionalStage(policy, when: try program(text), isObserver: true, words: words)
        #expect(stage.moments == [.finish])
        #expect(run(stage, words).status == nil)
        #expect(policy.asked == asked)
    }

    @Test(arguments: [
        (Verdict.proceed, "+-", [String]()), (.refuse, "+-", ["limit"]), (.cut, "+-", ["limit"]),
        (.park, "+w-", ["limit"]),
    ])
    func onTrialItOnlyNotes(_ verdict: Verdict, _ asked: String, _ shadows: [String]) {
        let (policy, words) = (Policy(verdict), StageWords())
        let outcome = run(ShadowStage(policy, name: Array("limit".utf8), words: words), words)
        #expect(policy.asked == asked)
        #expect(outcome.verdict == .proceed)
        #expect(outcome.status == nil)
        #expect(outcome.shadows == shadows)
        #expect(outcome.wakeAt == .max)
    }

    @Test func aConditionThatFailsOnTrialIsNoted() throws {
        let (policy, words) = (Policy(), StageWords())
        let condition = ConditionalStage(policy, when: try program("query.m == '1'"), isObserver: false, words: words)
        let outcome = run(ShadowStage(condition, name: Array("limit".utf8), words: words), words)
        #expect(outcome.verdict == .proceed)
        #expect(outcome.status == nil)
        #expect(outcome.shadows == ["limit"])
        #expect(policy.asked == "")
    }

    @Test(arguments: [(5, false), (6, true)]) func aDeadlineOnTrialIsComparedAtTheEnd(_ took: Int64, _ isNoted: Bool) {
        let policy = Policy(.proceed, [.admit]) { $0.deadline = $0.started + 5 }
        let words = StageWords()
        let outcome = run(ShadowStage(policy, name: Array("timeout".utf8), words: words), words, took: took)
        #expect(outcome.shadows == (isNoted ? ["timeout"] : []))
    }

    @Test(arguments: [(0, 0, false), (0, 1, true), (5, 5, false), (5, 6, true), (Int.max - 1, 9, false)])
    func aBodyLimitOnTrialIsComparedAtTheEnd(_ limit: Int, _ received: Int, _ isNoted: Bool) {
        let policy = Policy(.proceed, [.admit]) { $0.bodyLimit = limit }
        let words = StageWords()
        let outcome = run(ShadowStage(policy, name: Array("body_limit".utf8), words: words), words, received: received)
        #expect(outcome.shadows == (isNoted ? ["body_limit"] : []))
    }

    @Test func whatItWouldHaveSetDoesNotCount() {
        let policy = Policy(.proceed, [.admit]) { exchange in
            exchange.deadline = 1
            exchange.bodyLimit = 1
        }
        let words = StageWords()
        let call = RequestExchange(
            stages: [ShadowStage(policy, name: [], words: words)], bodyStage: 1, words: words)
        call.begin()
        #expect(call.exchange.pointee.admit(untilBody: true) == .proceed)
        #expect(call.exchange.pointee.deadline == .max)
        #expect(call.exchange.pointee.bodyLimit == .max)
    }

    /// An exchange is used again and again, by routes with more and with fewer words.
    @Test func wordsAreClearedForEachCall() {
        let words = StageWords()
        let all = (0..<20).map { _ in words.take() }
        let call = RequestExchange(words: words)
        withExtendedLifetime(call) {
            for _ in 0..<3 {
                call.begin()
                for (index, word) in all.enumerated() {
                    #expect(call.exchange.pointee[word] == 0)
                    call.exchange.pointee[word] = Int64(index + 1)
                }
                #expect(all.map { call.exchange.pointee[$0] } == Array(1...20))
            }
        }
    }
}
