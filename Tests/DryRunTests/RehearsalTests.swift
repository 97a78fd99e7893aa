import Compiler
import Diagnostics
import DryRun
import JSON
import Pipeline
import Testing

@Suite struct RehearsalTests {
    // MARK: Routes

    @Test func theRouterDecides() throws {
        let manifest = routes("GET /a/{x}: { template: hi }", "/a/: { template: all }", "POST /a/b: { echo: body }")
        let decision = try decide(manifest, "GET /a/b%2Fc")
        #expect(decision.outcome == .route && decision.status == 200)
        #expect(decision.pattern?.description == "GET /a/{x}" && decision.responder == "template")
        #expect(decision.wildcards.map(\.value) == ["b/c"])
        #expect(
            decision.reasons == [
                "/a/": "takes it too, but is less specific: all that follows instead of `{x}` in segment 2",
                "POST /a/b": "has `b` where the path has `b%2Fc`",
            ])
    }

    @Test func missesSayWhatIsNear() throws {
        let manifest = routes("GET /Orders/{id}: { template: hi }", "GET /orders: { template: hi }")
        let decision = try decide(manifest, "/orders/7")
        #expect(decision.outcome == .notFound && decision.status == 404 && decision.route == nil)
        #expect(decision.reasons["GET /Orders/{id}"] == "has `Orders` where the path has `orders`: case matters")
        #expect(decision.reasons["GET /orders"] == "ends where the path goes on with `/7`")
    }

    @Test func otherMethodsAreAllowed() throws {
        let manifest = routes("GET /a: { template: hi }", "POST /a: { template: hi }")
        let decision = try decide(manifest, "DELETE /a")
        #expect(decision.outcome == .methodNotAllowed && decision.status == 405)
        #expect(decision.allow == "GET, HEAD, OPTIONS, POST")
        let options = try decide(manifest, "OPTIONS /a")
        #expect(options.status == 204 && options.allow == "GET, HEAD, OPTIONS, POST")
        #expect(try decide(manifest, "OPTIONS *").status == 204)
        #expect(try decide(manifest, "TRACE /a").status == 501)
        #expect(try decide(manifest, "CONNECT a.example:443").status == 405)
    }

    @Test func redirectsAreFollowed() throws {
        let manifest = routes("GET /a/{$}: { template: hi }", "/b/c: { template: hi }")
        let slash = try decide(manifest, "/a?q=1")
        #expect(slash.outcome == .redirect && slash.status == 308 && slash.location == "/a/?q=1")
        #expect(slash.next?.pattern.description == "GET /a/{$}" && slash.message?.contains("slash") == true)
        let cleaned = try decide(manifest, "//b/./c")
        #expect(cleaned.location == "/b/c" && cleaned.next?.pattern.description == "/b/c")
        #expect(cleaned.message == "the path has empty or dot segments")
        #expect(cleaned.reasons["GET /a/{$}"] == "has `a` where the path has `b`")
        let nowhere = try decide(manifest, "//x")
        #expect(nowhere.outcome == .redirect && nowhere.next == nil && nowhere.human().contains("then      404"))
    }

    @Test func hostsAreTold() throws {
        let manifest =
            "radicle: 1\nservices:\n  api:\n    host: [a.example, b.example]\n    routes: { GET /x: { echo: } }\n"
        let decision = try decide(manifest, "http://b.example:81/x")
        #expect(decision.pattern?.description == "GET b.example/x" && decision.status == 200)
        // The same route on its other host is nothing that lost.
        #expect(decision.others.isEmpty)
        let missed = try decide(manifest, "/x")
        #expect(missed.status == 404)
        #expect(missed.reasons["GET a.example/x"] == "takes the path, but only on the host `a.example`")
        #expect(missed.human().contains("localhost (none was given)"))
    }

    @Test(arguments: [
        ("GET /%zz", "hexadecimal"), ("GET /a%00", "zero byte"), ("OPTIONS noslash", "target"), ("G(T /a", "token"),
    ])
    func whatCannotBeReadIsRefused(_ request: String, _ reason: String) throws {
        let decision = try decide(routes("/: { template: hi }"), request)
        #expect(decision.outcome == .badRequest && decision.status == 400)
        #expect(decision.message?.contains(reason) == true, "\(decision.message ?? "")")
        #expect(decision.others.isEmpty)
    }

    @Test func theManifestsLimitsHold() throws {
        let manifest = routes("/: { template: hi }", top: "limits: { header_count: 3 }")
        #expect(try decide(manifest, "/", headers: ["a: 1", "b: 2"]).status == 200)
        #expect(try decide(manifest, "/", headers: ["a: 1", "b: 2", "c: 3"]).status == 431)
    }

    // MARK: Conditions

    static let cases = routes(
        "POST /a: { template: own, cases: [{ when: body.n > 10, template: { status: 202, text: big } }, { when: query.?x.hasValue(), redirect: /x }] }"
    )

    @Test func theFirstTrueCaseAnswers() throws {
        let decision = try decide(Self.cases, "POST /a?x=1", body: #"{"n":11}"#)
        #expect(decision.chosenCase == 1 && decision.status == 202 && decision.responder == "template")
        #expect(try decision.cases[0].result?.get() == true && decision.cases[1].result == nil)
        let second = try decide(Self.cases, "POST /a?x=1", body: #"{"n":1}"#)
        #expect(second.chosenCase == 2 && second.status == 308 && second.location == "/x?x=1")
        #expect(try second.cases[0].result?.get() == false && second.cases[1].isChosen)
        let own = try decide(Self.cases, "POST /a", body: #"{"n":1}"#)
        #expect(own.chosenCase == 0 && own.status == 200 && own.responder == "template")
        #expect(own.human().contains("none is true"))
    }

    @Test func aConditionThatFailsIsTold() throws {
        let decision = try decide(Self.cases, "POST /a", body: "{}")
        #expect(decision.status == 400 && decision.refusedBy == "cases" && decision.message?.contains("n") == true)
        guard case .failure(let wrong)? = decision.cases[0].result else {
            Issue.record("the condition did not fail")
            return
        }
        #expect(wrong.message == decision.message)
        #expect(decision.cases[1].result == nil)
    }

    @Test func conditionsSeeWhatTheChainChanged() throws {
        let manifest = routes(
            "/a: { template: own, cases: [{ when: 'headers[?\"x-a\"].orValue(\"\") == \"set\"', template: { status: 201 } }] }",
            top: "middleware: { headers: { request: { set: { x-a: set } } } }")
        #expect(try decide(manifest, "/a", headers: ["x-a: sent"]).status == 201)
    }

    @Test func aTemplateThatFailsIsTold() throws {
        let decision = try decide(routes("/a: { template: '{{ query.name }}' }"), "/a")
        #expect(decision.status == 400 && decision.message?.contains("name") == true && decision.refusedBy == nil)
    }

    @Test func errorPagesSayTheStatus() throws {
        let manifest = routes("/a: { template: hi }", top: "errors: { 404: { status: 410, text: gone } }")
        #expect(try decide(manifest, "/b").status == 410)
    }

    // MARK: Stages

    @Test func aBodyOverTheLimitIsRefused() throws {
        let manifest = routes(
            "POST /a: { echo: body, delay: 5ms }", top: "middleware: { body_limit: 4 }")
        let decision = try decide(manifest, "POST /a", body: "12345")
        #expect(decision.status == 413 && decision.refusedBy == "body_limit")
        #expect(decision.act("body_limit") == .refuses && decision.act("delay") == .isNotReached)
        #expect(decision.human().contains("=> refuses with 413"))
        let chunked = try decide(manifest, "POST /a", headers: ["transfer-encoding: chunked"], body: "12345")
        #expect(chunked.status == 413)
        #expect(try decide(manifest, "POST /a", body: "1234").status == 200)
    }

    @Test func whatWaitsOrDrawsIsToldAndNotDone() throws {
        let manifest = routes(
            "/a: { template: hi, delay: { uniform: [1h, 2h] }, fault: [{ share: 12.5%, cut: true }, { share: 0.1%, abort: { status: 429 } }] }",
            top: "middleware: { concurrency: { limit: 3, queue: 2 } }")
        for _ in 0..<50 {
            let decision = try decide(manifest, "/a")
            #expect(decision.status == 200)
            #expect(decision.act("delay") == .foretold("waits 1h to 2h"))
            #expect(
                decision.act("fault")
                    == .foretold("cuts the connection of 12.5% of the calls, else answers 429 to 0.1% of the calls"))
            #expect(
                decision.act("concurrency")
                    == .foretold(
                        "goes on while fewer than 3 run; 2 more wait up to 1s, and what is more is refused with 503"))
        }
    }

    @Test func whatAlwaysFailsIsDone() throws {
        let cut = try decide(routes("/a: { template: hi, fault: { cut: true } }"), "/a")
        #expect(cut.status == nil && cut.act("fault") == .cuts && cut.human().contains("answer  none, from fault"))
        let abort = try decide(routes("/a: { template: hi, fault: { abort: { code: UNAVAILABLE } } }"), "/a")
        #expect(abort.status == 503 && abort.refusedBy == "fault")
    }

    @Test func aDelayIsTheChosenCases() throws {
        let manifest = routes(
            "/a: { template: own, delay: 1s, cases: [{ when: query.?x.hasValue(), template: x, delay: 'duration(query.x)' }] }"
        )
        #expect(try decide(manifest, "/a").act("delay") == .foretold("waits 1s"))
        #expect(try decide(manifest, "/a?x=3h").act("delay") == .foretold("waits 3h"))
        let broken = try decide(manifest, "/a?x=long")
        #expect(broken.status == 400 && broken.refusedBy == "delay")
    }

    @Test func settingsSayWhoWroteThem() throws {
        let manifest = """
            radicle: 1
            middleware: { timeout: 2s, access_log: { format: json } }
            services:
              web:
                middleware: { access_log: { output: stderr } }
                routes:
                  /a: { template: hi, middleware: { timeout: 3s } }
            """
        let decision = try decide(manifest, "/a")
        func settings(_ name: String) -> [String] {
            decision.stages.first { $0.summary.name == name }?.summary.settings.map {
                "\($0.key)=\($0.value) \($0.origin.rawValue) \($0.place?.from.line ?? 0)"
            } ?? []
        }
        #expect(settings("timeout") == ["default=3s route 7"])
        #expect(settings("access_log").prefix(2) == ["format=json root 2", "output=stderr service 5"])
        #expect(settings("body_limit") == ["size=1MiB default 0"])
        let origins = decision.stages.map(\.summary.origin.rawValue)
        #expect(origins == ["default", "default", "service", "default", "route", "default"])
    }

    // MARK: `when` and `mode`

    @Test func aStageWhoseConditionIsFalseStaysOut() throws {
        let manifest = routes(
            "/{x}: { template: hi }",
            top: """
                middleware:
                  body_limit: { size: 2, when: request.path == '/a' }
                  timeout: { default: 1s, when: query.t == 'x' }
                """
        )
        let other = try decide(manifest, "/b?t=y", body: "12345")
        #expect(other.act("body_limit") == .staysOut && other.act("timeout") == .staysOut && other.status == 200)
        #expect(other.human().contains("=> stays out: its `when` is false"))
        let limited = try decide(manifest, "/a?t=x", body: "12345")
        #expect(limited.status == 413 && limited.act("body_limit") == .refuses && limited.act("timeout") == .passes)
        let broken = try decide(manifest, "/b")
        #expect(broken.status == 400 && broken.refusedBy == "timeout")
    }

    @Test func whatIsForetoldAsksItsConditionFirst() throws {
        let manifest = routes(
            "/{x}: { template: hi }", top: "middleware: { concurrency: { limit: 1, when: request.path == '/a' } }")
        #expect(
            try decide(manifest, "/a").act("concurrency")
                == .foretold("goes on while fewer than 1 run; what is more is refused with 503"))
        #expect(try decide(manifest, "/b").act("concurrency") == .staysOut)
    }

    @Test func aPolicyOnTrialSaysWhatItWouldDo() throws {
        let manifest = routes(
            "/a: { template: '{{ size(request.body) }}' }",
            top: "middleware: { body_limit: { size: 2, mode: shadow }, concurrency: { limit: 1, mode: shadow } }")
        let decision = try decide(manifest, "POST /a", body: "12345")
        #expect(decision.status == 200 && decision.act("body_limit") == .wouldRefuse)
        #expect(
            decision.act("concurrency")
                == .foretold(
                    "is on trial, so nothing comes of it: goes on while fewer than 1 run; what is more is refused with 503"
                ))
        #expect(decision.human().contains("body_limit(shadow)"))
        #expect(try decide(manifest, "POST /a", body: "1").act("body_limit") == .passes)
    }

    @Test(
        arguments: [
            ("192.0.2.7", [], nil), ("198.51.100.1", [], "ip_filter"), ("2001:db8::1", [], "ip_filter"),
            ("10.0.0.1", ["x-forwarded-for: 192.0.2.9"], nil),
            ("10.0.0.1", ["x-forwarded-for: 198.51.100.1"], "ip_filter"),
        ] as [(String, [String], String?)])
    func theClientIsAsSaid(_ client: String, _ headers: [String], _ refusedBy: String?) throws {
        let manifest = routes(
            "/a: { template: '{{ client.address }}' }",
            top: "trusted_proxies: [10.0.0.0/8]\nmiddleware: { ip_filter: { allow: [192.0.2.0/24] } }")
        let decision = try decide(manifest, "/a", headers: headers, client: client)
        #expect(decision.refusedBy == refusedBy)
        #expect(decision.human().contains("client  \(client)"))
        #expect(decision.jsonText.contains("\"client\": \"\(client)\""))
    }

    @Test func aCompressedBodyIsReadAsByTheServer() throws {
        let manifest = routes("/a: { template: '{{ size(request.body) }}' }")
        let unknown = try decide(manifest, "POST /a", headers: ["content-encoding: br"], body: "12345")
        #expect(unknown.status == 415 && unknown.refusedBy == "content-encoding")
        #expect(try decide(manifest, "POST /a", headers: ["content-encoding: gzip"], body: "12345").status == 400)
        #expect(try decide(manifest, "POST /a", headers: ["content-encoding: identity"], body: "12345").status == 200)
    }

    @Test func valuesFromOutsideAreNotShown() throws {
        let manifest = routes("/a: { template: hi }", top: "middleware: { timeout: \"${SECONDS}s\" }")
        let decision = try decide(manifest, "/a")
        #expect(decision.human().contains("${SECONDS}s") && !decision.human().contains(" 5s"))
        #expect(decision.jsonText.contains("${SECONDS}s"))
    }

    @Test func aManifestWithMistakesIsNotAsked() {
        #expect(Rehearsal(Linted("radicle: 2\n").compilation) == nil)
    }

    @Test func oneRehearsalAnswersMany() throws {
        let rehearsal = try #require(Rehearsal(Linted(Self.cases).compilation))
        for count in 0..<20 {
            let decision = rehearsal.decide(try AskedRequest("POST /a", body: Array("{\"n\":\(count)}".utf8)))
            #expect(decision.chosenCase == (count > 10 ? 1 : 0))
            #expect(rehearsal.decide(try AskedRequest("/b")).cases.isEmpty)
        }
    }

    @Test func namesCannotMoveTheCursor() throws {
        let decision = try decide(routes("/{x}: { template: hi }"), "/a%1B[31m", headers: ["host: a"])
        #expect(!decision.human().contains("\u{1B}"))
        #expect(decision.wildcards.map(\.value) == ["a\u{1B}[31m"])
    }
}
