import JSON
import Pipeline
import Testing

@testable import Transport

/// One request after the other on one connection.
@Suite struct HTTP1ConnectionTests {
    private static let hello = [
        ScriptedRoute("/hello", .text("hello")), ScriptedRoute("POST /whole", .wholeBody),
        ScriptedRoute("GET /wait", early: [ScriptedStage.park(1)], .text("waited")),
    ]

    struct Keeping: Sendable {
        let head: String
        let keeps: Bool
        let connection: String?
    }

    @Test(arguments: [
        Keeping(head: "GET /hello HTTP/1.1\r\nhost: a\r\n", keeps: true, connection: nil),
        Keeping(head: "GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n", keeps: false, connection: "close"),
        Keeping(head: "GET /hello HTTP/1.1\r\nhost: a\r\nConnection: x, Close\r\n", keeps: false, connection: "close"),
        Keeping(head: "GET /hello HTTP/1.0\r\n", keeps: false, connection: "close"),
        Keeping(head: "GET /hello HTTP/1.0\r\nconnection: keep-alive\r\n", keeps: true, connection: "keep-alive"),
        Keeping(head: "GET /hello HTTP/1.0\r\nconnection: keep-alive, close\r\n", keeps: false, connection: "close"),
    ])
    func keepsTheConnectionAsAsked(_ example: Keeping) {
        HTTP1Peer.run(Self.hello) { peer in
            peer.send(example.head + "\r\n")
            #expect(peer.texts == ["hello"])
            #expect(peer.answers[0]["connection"] == example.connection)
            #expect(peer.answers[0]["content-length"] == "5")
            #expect(peer.answers[0]["x-request-id"] == "id-7")
            #expect((peer.closing == .open) == example.keeps)
            #expect((peer.phase == .idle) == example.keeps)
            #expect(peer.takesInput == example.keeps)
            #expect(peer.active == 0)
        }
    }

    /// Whatever the cuts, the answers are the same and in order.
    @Test func answersPipelinedRequestsInOrder() {
        let text =
            "GET /hello HTTP/1.1\r\nhost: a\r\n\r\nPOST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"
            + "GET /no HTTP/1.1\r\nhost: a\r\n\r\nHEAD /hello HTTP/1.1\r\nhost: a\r\n\r\n"
            + "POST /whole HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        for cut in 0...text.utf8.count {
            HTTP1Peer.run(Self.hello) { peer in
                peer.send(text, cuts: [cut])
                #expect(peer.statuses == [200, 200, 404, 200, 200], "cut at \(cut)")
                #expect(peer.texts[0] == "hello" && peer.texts[1] == "abc" && peer.texts[4] == "de")
                #expect(peer.answers[3]["content-length"] == "5")
                #expect(peer.phase == .idle)
            }
        }
        HTTP1Peer.run(Self.hello) { peer in
            peer.send(text, cuts: Array(0..<text.utf8.count))
            #expect(peer.statuses == [200, 200, 404, 200, 200])
        }
    }

    @Test func keepsLaterRequestsWaitingWhileOneIsParked() {
        HTTP1Peer.run(Self.hello) { peer in
            peer.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.output.isEmpty)
            #expect(peer.phase == .parked)
            #expect(!peer.takesInput)
            #expect(peer.waiting.starts(with: Array("GET /hello".utf8)))
            peer.pass(0.999)
            #expect(peer.output.isEmpty)
            peer.pass(0.002)
            #expect(peer.texts == ["waited", "hello"])
            #expect(peer.waiting.isEmpty)
        }
    }

    @Test func stopsTakingWhenMuchIsWaitingToBeSent() {
        let long = String(repeating: "x", count: 100_000)
        HTTP1Peer.run([ScriptedRoute("/long", .text(long))]) { peer in
            let request = Array("GET /long HTTP/1.1\r\nhost: a\r\n\r\n".utf8)
            let many = (0..<20).flatMap { _ in request }
            let used = peer.receiveOnce(many)
            #expect(used < many.count)
            #expect(peer.output.count < 512 * 1024)
            peer.send(Array(many[used...]))
            #expect(peer.statuses.count == 20)
        }
    }

    struct Malformed: Sendable {
        let head: String
        let status: Int
    }

    @Test(arguments: [
        Malformed(head: "GET /hello HTTP/1.1\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\nhost: a\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\r\nhost: a\r\n x: b\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\r\nhost: a\r\nx : b\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n", status: 400),
        Malformed(head: "POST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", status: 400),
        Malformed(
            head: "POST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n", status: 400),
        Malformed(
            head: "POST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            status: 400),
        Malformed(head: "POST /whole HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", status: 501),
        Malformed(head: "GET /hello HTTP/3.0\r\nhost: a\r\n\r\n", status: 505),
        Malformed(head: "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", status: 400),
        Malformed(head: "GET /hello HTTP/1.1\r\nhost: a\r\nexpect: more\r\n\r\n", status: 417),
        Malformed(head: "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\n\r\n", status: 414),
        Malformed(
            head: "GET /hello HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "x", count: 20_000))\r\n\r\n", status: 431),
    ])
    func refusesMalformedHeads(_ example: Malformed) {
        HTTP1Peer.run(Self.hello) { peer in
            peer.send(
                "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n" + example.head + "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.statuses == [200, example.status])
            let answer = peer.answers[1]
            #expect(answer["content-type"] == "application/problem+json")
            #expect(answer["x-request-id"] == "id-7")
            #expect(answer.text.contains("\"request_id\":\"id-7\""))
            #expect(answer.text.contains("\"status\":\(example.status)"))
            #expect(answer.saysClose)
            #expect(peer.reasons == [.none, .malformed])
            #expect(peer.closing == .linger)
            #expect(peer.waiting.isEmpty, "what follows is dropped")
            #expect(peer.active == 0)
            peer.flush()
            peer.pass(1.9)
            #expect(peer.closing == .linger)
            peer.pass(0.1)
            #expect(peer.closing == .now)
        }
    }

    @Test func answersPathsWithoutARoute() {
        HTTP1Peer.run(Self.hello) { peer in
            peer.send(
                "GET /no HTTP/1.1\r\nhost: a\r\n\r\nPUT /whole HTTP/1.1\r\nhost: a\r\n\r\n"
                    + "GET //hello?q HTTP/1.1\r\nhost: a\r\n\r\nOPTIONS /whole HTTP/1.1\r\nhost: a\r\n\r\n"
                    + "TRACE /no HTTP/1.1\r\nhost: a\r\n\r\nGET /%zz HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.statuses == [404, 405, 308, 204, 501, 400])
            #expect(peer.answers[1]["allow"] == "OPTIONS, POST")
            #expect(peer.answers[2]["location"] == "/hello?q")
            #expect(peer.answers[3]["allow"] == "OPTIONS, POST")
            #expect(peer.answers.allSatisfy { !$0.saysClose })
        }
    }

    @Test func endsAfterItsNumberOfRequests() {
        var limits = ConnectionLimits()
        limits.requestsPerConnection = 3
        HTTP1Peer.run(Self.hello, limits: limits) { peer in
            for _ in 0..<5 { peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n") }
            #expect(peer.statuses == [200, 200, 200])
            #expect(peer.answers.map(\.saysClose) == [false, false, true])
            #expect(peer.closing != .open)
        }
    }

    @Test func endsAtItsAge() {
        var limits = ConnectionLimits()
        limits.connectionAge = 100 * HTTP1Peer.second
        HTTP1Peer.run(Self.hello, limits: limits) { peer in
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            peer.pass(50)
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.answers.map(\.saysClose) == [false, false])
            peer.skip(51 * HTTP1Peer.second)
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.answers.map(\.saysClose) == [false, false, true])
        }
        HTTP1Peer.run(Self.hello, limits: limits) { peer in
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            peer.pass(50)
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            peer.pass(50)
            #expect(peer.closing == .afterWrite, "idle at that age")
        }
    }

    /// The server ends it, so the client may have sent more: a reset for that would take the last answer with it.
    @Test func lingersWhereTheClientMayHaveSentMore() {
        var limits = ConnectionLimits()
        limits.requestsPerConnection = 1
        HTTP1Peer.run(Self.hello, limits: limits) { peer in
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.statuses == [200])
            #expect(peer.closing == .linger)
            #expect(peer.waiting.isEmpty)
        }
    }

    @Test func keepsNothingOfOneRequestForTheNext() {
        let leaky = ScriptedRoute(
            "POST /leaky",
            ScriptedResponder(
                .wholeBody,
                start: { exchange in
                    exchange.response.status = 201
                    exchange.response.add("x-secret") { $0.append("s") }
                    exchange.phase = 7
                    exchange.position = 7
                    exchange.remaining = 7
                    exchange.reason = .fault
                    return exchange.say("leaky")
                }))
        let clean = ScriptedRoute(
            "/clean/{a}",
            ScriptedResponder(
                .wholeBody,
                start: { exchange in
                    let isClean =
                        exchange.phase == 0 && exchange.position == 0 && exchange.remaining == 0
                        && exchange.body.count == 0 && exchange.received == 0 && exchange.sent == 0
                        && exchange.failure == nil && exchange.reason == .none && exchange.deadline == .max
                        && exchange.bodyLimit == ConnectionLimits.bufferedBody && exchange.file == -1
                        && exchange.head.field(.other, Array("x-old".utf8)) == nil
                        && exchange.response.fieldCount == 0 && exchange.inputEnded
                    let captured = String(decoding: exchange.captured(0), as: UTF8.self)
                    return exchange.say(isClean ? "clean \(captured)" : "dirty")
                }))
        HTTP1Peer.run([leaky, clean]) { peer in
            peer.send(
                "POST /leaky HTTP/1.1\r\nhost: a\r\nx-old: 1\r\ncontent-length: 2\r\n\r\nab"
                    + "GET /clean/%31 HTTP/1.1\r\nhost: a\r\n\r\nGET /clean/2 HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.statuses == [201, 200, 200])
            #expect(peer.texts == ["leaky", "clean 1", "clean 2"])
            #expect(peer.answers[1]["x-secret"] == nil)
            #expect(peer.reasons == [.fault, .none, .none])
        }
    }

    @Test func failsWithMoreFieldsThanItSends() {
        let many: @Sendable (inout Exchange) -> Void = { exchange in
            for _ in 0..<100 { exchange.response.add("x-many") { $0.append("1") } }
        }
        let routes = [
            ScriptedRoute(
                "/start",
                ScriptedResponder(start: { exchange in
                    many(&exchange)
                    return exchange.say("ok")
                })),
            ScriptedRoute(
                "/stream",
                ScriptedResponder(
                    start: { exchange in
                        many(&exchange)
                        exchange.response.isStreaming = true
                        _ = exchange.say("ok")
                        return .blocked
                    },
                    resume: { $0.say("more") })),
        ]
        HTTP1Peer.run(routes) { peer in
            peer.send("GET /start HTTP/1.1\r\nhost: a\r\n\r\nGET /stream HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(peer.statuses == [500, 500])
            #expect(peer.answers.allSatisfy { $0["x-many"] == nil && $0["x-request-id"] == "id-7" })
            #expect(peer.texts.allSatisfy { $0.contains("header fields") })
        }
    }
}
