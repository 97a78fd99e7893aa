import Pipeline
import Testing

@testable import Transport

/// What the stages of the chain can do to a connection, before and after the body.
@Suite struct HTTP1ChainTests {
    private static func request(_ isLate: Bool) -> String {
        "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nhost: a\r\n\r\n"
    }

    private static func routes(
        _ stage: ScriptedStage, isLate: Bool, _ responder: ScriptedResponder = .wholeBody
    )
        -> [ScriptedRoute]
    {
        [
            ScriptedRoute("POST /x", early: isLate ? [] : [stage], late: isLate ? [stage] : [], responder),
            ScriptedRoute("/hello", .text("hello")),
        ]
    }

    @Test(arguments: [false, true])
    func refuses(_ isLate: Bool) {
        HTTP1Peer.run(Self.routes(.refuse, isLate: isLate)) { peer in
            peer.send(Self.request(isLate))
            #expect(peer.statuses == [403, 200])
            #expect(peer.answers[0].text.contains("\"code\":\"PERMISSION_DENIED\""))
            #expect(peer.texts[1] == "hello")
        }
    }

    @Test(arguments: [false, true])
    func cuts(_ isLate: Bool) {
        HTTP1Peer.run(Self.routes(.cut, isLate: isLate)) { peer in
            peer.send(Self.request(isLate))
            #expect(peer.output.isEmpty)
            #expect(peer.closing == .now)
            #expect(peer.reasons == [.fault])
            #expect(peer.active == 0)
        }
    }

    @Test(arguments: [false, true], [Verdict.proceed, .refuse, .cut])
    func parks(_ isLate: Bool, then verdict: Verdict) {
        HTTP1Peer.run(Self.routes(.park(5, then: verdict), isLate: isLate)) { peer in
            peer.send(Self.request(isLate))
            #expect(peer.phase == (isLate ? .parkedLate : .parked))
            #expect(!peer.takesInput)
            #expect(peer.nextDeadline == peer.now + 5 * HTTP1Peer.second)
            peer.pass(4.9)
            #expect(peer.output.isEmpty)
            peer.pass(0.1)
            switch verdict {
            case .proceed: #expect(peer.texts == ["abc", "hello"])
            case .refuse: #expect(peer.statuses == [503, 200])
            default: #expect(peer.closing == .now && peer.output.isEmpty)
            }
        }
    }

    @Test(arguments: [false, true])
    func parksUntilWoken(_ isLate: Bool) {
        HTTP1Peer.run(Self.routes(.park(nil), isLate: isLate)) { peer in
            peer.send(Self.request(isLate))
            #expect(peer.nextDeadline == .max)
            peer.pass(1_000)
            #expect(peer.output.isEmpty)
            peer.woken()
            #expect(peer.texts == ["abc", "hello"])
            peer.woken()
            #expect(peer.statuses.count == 2, "a wake that comes late is nothing")
        }
    }

    @Test func parksTwiceOnTheWay() {
        let routes = [
            ScriptedRoute(
                "POST /x", early: [ScriptedStage.park(1), ScriptedStage.park(2)], late: [ScriptedStage.park(3)], .echo)
        ]
        HTTP1Peer.run(routes) { peer in
            peer.send(Self.request(false))
            for time in [1, 1, 1] {
                #expect(peer.output.isEmpty)
                peer.pass(Double(time))
            }
            #expect(peer.texts == ["abc", peer.texts.last])
        }
    }

    /// A wake that was under way when the call went on by itself must not end what it waits for now.
    @Test func aWakeIsForWhereItParked() throws {
        let routes = [
            ScriptedRoute("POST /x", early: [ScriptedStage.park(1), ScriptedStage.park(2)], late: [], .echo)
        ]
        try HTTP1Peer.run(routes) { peer in
            peer.send(Self.request(false))
            let first = try #require(peer.parked)
            #expect(peer.isParked(first.ticket, turn: first.turn))
            peer.pass(1)
            #expect(!peer.isParked(first.ticket, turn: first.turn))
            let second = try #require(peer.parked)
            #expect(peer.isParked(second.ticket, turn: second.turn))
            #expect(!peer.isParked(second.ticket &+ 1, turn: second.turn))
            peer.pass(1)
            #expect(!peer.isParked(second.ticket, turn: second.turn))
        }
    }

    /// `Expect` and a stage that parks: the body is asked for when the stage has let the call in.
    @Test func asksForTheBodyBehindAParkedStage() {
        HTTP1Peer.run(Self.routes(.park(1), isLate: false)) { peer in
            peer.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n")
            #expect(peer.output.isEmpty)
            peer.pass(1)
            #expect(peer.statuses == [100])
            peer.send("abc")
            #expect(peer.statuses == [100, 200])
        }
    }

    @Test(arguments: [false, true])
    func endsAtTheDeadlineWhileParked(_ isLate: Bool) {
        let stages = [ScriptedStage.deadline(2)]
        let park = ScriptedStage.park(5)
        let routes = [
            ScriptedRoute(
                "POST /x", early: stages + (isLate ? [] : [park]), late: isLate ? [park] : [], .wholeBody),
            ScriptedRoute("/hello", .text("hello")),
        ]
        HTTP1Peer.run(routes) { peer in
            peer.send(Self.request(isLate))
            #expect(peer.nextDeadline == peer.now + 2 * HTTP1Peer.second)
            peer.pass(2)
            #expect(peer.statuses == [504, 200])
            #expect(peer.reasons == [.timeout, .none])
        }
    }
}
