import Pipeline
import Testing

@testable import Transport

/// Bodies of requests: read, refused, dropped.
@Suite struct HTTP1BodyTests {
    private static let routes = [
        ScriptedRoute("POST /whole", .wholeBody), ScriptedRoute("POST /echo", .echo),
        ScriptedRoute("POST /none", .text("ok")), ScriptedRoute("/hello", .text("hello")),
        ScriptedRoute("POST /small", early: [ScriptedStage.limit(10)], .wholeBody),
        ScriptedRoute("POST /smallecho", early: [ScriptedStage.limit(10)], .echo),
        ScriptedRoute("POST /refused", early: [ScriptedStage.refuse], .wholeBody),
        ScriptedRoute("POST /late", late: [ScriptedStage.refuse], .wholeBody),
    ]
    private static let next = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"

    private static func post(_ path: String, _ rest: String) -> String {
        "POST \(path) HTTP/1.1\r\nhost: a\r\n\(rest)"
    }

    @Test(arguments: ["/whole", "/echo"])
    func readsChunkedBodiesAtEverySplit(_ path: String) {
        let text =
            Self.post(path, "transfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nx-t: 1\r\n\r\n")
            + Self.next
        for cut in 0...text.utf8.count {
            HTTP1Peer.run(Self.routes) { peer in
                peer.send(text, cuts: [cut])
                #expect(peer.texts == ["hello!", "hello"], "cut at \(cut)")
                #expect(peer.phase == .idle)
            }
        }
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(text, cuts: Array(0..<text.utf8.count))
            #expect(peer.texts == ["hello!", "hello"])
        }
    }

    @Test(arguments: ["/whole", "/echo"])
    func readsBodiesOfKnownLengthAtEverySplit(_ path: String) {
        let text = Self.post(path, "content-length: 6\r\n\r\nhello!") + Self.next
        for cut in 0...text.utf8.count {
            HTTP1Peer.run(Self.routes) { peer in
                peer.send(text, cuts: [cut])
                #expect(peer.texts == ["hello!", "hello"], "cut at \(cut)")
            }
        }
    }

    /// A body is a body, whatever it looks like.
    @Test func takesNoRequestOutOfABody() {
        let inner = Self.next
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/none", "content-length: \(inner.utf8.count)\r\n\r\n") + inner + Self.next)
            #expect(peer.texts == ["ok", "hello"])
            peer.send(Self.post("/refused", "content-length: \(inner.utf8.count)\r\n\r\n") + inner + Self.next)
            #expect(peer.statuses == [200, 200, 403, 200])
            peer.send(
                Self.post("/refused", "transfer-encoding: chunked\r\n\r\n\(String(inner.utf8.count, radix: 16))\r\n")
                    + inner + "\r\n0\r\n\r\n" + Self.next)
            #expect(peer.statuses == [200, 200, 403, 200, 403, 200])
            #expect(peer.outcomes.count == 6)
        }
    }

    @Test func answersInHTTP10WithoutChunks() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send("POST /echo HTTP/1.0\r\ncontent-length: 6\r\n\r\nhello!")
            #expect(peer.texts == ["hello!"])
            #expect(peer.answers[0]["content-length"] == "6")
            #expect(peer.closing == .afterWrite)
        }
    }

    // MARK: Expect

    @Test(arguments: ["/whole", "/echo", "/none"])
    func asksForABodyThatIsWaitedWith(_ path: String) {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 6\r\nexpect: 100-continue\r\n\r\n"))
            #expect(peer.statuses == [100])
            peer.send("hel")
            peer.send("lo!" + Self.next)
            #expect(peer.statuses == [100, 200, 200])
        }
    }

    @Test(arguments: ["/whole", "/echo", "/none"])
    func asksNotForABodyThatIsThere(_ path: String) {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 6\r\nexpect: 100-continue\r\n\r\nhel"))
            #expect(peer.statuses.allSatisfy { $0 != 100 })
            peer.send("lo!")
            #expect(peer.statuses == [200])
        }
    }

    @Test func asksForNoBodyInHTTP10OrWithoutOne() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n")
            #expect(peer.statuses == [200])
            peer.send("POST /whole HTTP/1.0\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
            #expect(peer.statuses == [200])
            peer.send("x")
            #expect(peer.statuses == [200, 200])
        }
    }

    /// The client may send the body or not: nobody can tell where its next request would start.
    @Test(arguments: ["/refused", "/small"])
    func refusesInsteadOfAsking(_ path: String) {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 60\r\nexpect: 100-continue\r\n\r\n"))
            #expect(peer.statuses == [path == "/small" ? 413 : 403])
            #expect(peer.answers[0].saysClose)
            #expect(peer.closing == .linger)
            peer.send(Self.next)
            #expect(peer.statuses.count == 1)
        }
    }

    /// The head of the answer goes out before the body is asked for: then `100` must come first, or never.
    @Test(arguments: [true, false])
    func asksBeforeTheHeadOrNever(_ writes: Bool) {
        let early = ScriptedRoute(
            "POST /early",
            ScriptedResponder(
                .bytes,
                start: { exchange in
                    exchange.response.isStreaming = true
                    if writes { _ = exchange.say("a") }
                    return .needInput
                },
                input: { $0.inputEnded ? $0.say("z") : .needInput }))
        HTTP1Peer.run([early]) { peer in
            peer.send(Self.post("/early", "content-length: 2\r\nexpect: 100-continue\r\n\r\n"))
            #expect(peer.output.starts(with: Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n".utf8)))
            peer.send("bo")
            #expect(peer.statuses == [100, 200])
            #expect(peer.answers.last?.text == (writes ? "az" : "z"))
        }
    }

    // MARK: Limits

    @Test(arguments: ["/small", "/smallecho"])
    func refusesLargeBodies(_ path: String) {
        let large = String(repeating: "x", count: 11)
        // Known before a byte of it: what is left is little, and dropped.
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 11\r\n\r\n"))
            #expect(peer.statuses == [413])
            #expect(peer.phase == .draining)
            peer.send(large + Self.next)
            #expect(peer.statuses == [413, 200])
            #expect(peer.reasons == [.bodyLimit, .none])
        }
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 10\r\n\r\n0123456789"))
            #expect(peer.statuses == [200], "the limit itself is allowed")
        }
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "content-length: 9223372036854775807\r\n\r\n"))
            #expect(peer.statuses == [413])
            peer.send(large)
            #expect(peer.active <= 1)
        }
    }

    @Test func refusesLargeChunkedBodies() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/small", "transfer-encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n"))
            #expect(peer.statuses == [413])
            #expect(peer.answers[0].text.contains("larger than 10 bytes"))
            #expect(peer.phase == .draining)
            peer.send("0\r\n\r\n" + Self.next)
            #expect(peer.statuses == [413, 200])
        }
        // The answer had begun.
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/smallecho", "transfer-encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n"))
            #expect(peer.statuses == [200])
            #expect(!peer.answers[0].isWhole)
            #expect(peer.closing == .now)
            #expect(peer.reasons == [.bodyLimit])
        }
    }

    /// Too much to drop: the connection ends, but the client may finish reading first.
    @Test(arguments: [true, false])
    func lingersBehindMuchThatIsUnwanted(_ isChunked: Bool) {
        HTTP1Peer.run(Self.routes) { peer in
            let size = 1 << 20
            peer.send(
                Self.post(
                    "/refused",
                    isChunked
                        ? "transfer-encoding: chunked\r\n\r\n100000\r\n" : "content-length: \(size)\r\n\r\n"))
            #expect(peer.statuses == [403])
            #expect(peer.phase == (isChunked ? .draining : .lingering))
            #expect(peer.answers[0].saysClose == !isChunked)
            for _ in 0..<64 { peer.send([UInt8](repeating: 0x78, count: 16 * 1024)) }
            #expect(peer.phase == .lingering)
            #expect(peer.closing == .linger)
            #expect(peer.active == 0)
            #expect(peer.waiting.isEmpty)
            peer.send(Self.next)
            #expect(peer.statuses == [403])
            peer.flush()
            peer.pass(2)
            #expect(peer.closing == .now)
        }
    }

    @Test func dropsWhatNobodyWants() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/none", "content-length: 100000\r\n\r\n"))
            #expect(peer.output.isEmpty, "it is read before the answer")
            peer.send([UInt8](repeating: 0, count: 99_999))
            #expect(peer.output.isEmpty)
            peer.send([0] + Array(Self.next.utf8))
            #expect(peer.texts == ["ok", "hello"])
        }
    }

    @Test(arguments: ["/whole", "/none", "/echo"])
    func refusesBrokenChunks(_ path: String) {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post(path, "transfer-encoding: chunked\r\n\r\nzz\r\n") + Self.next)
            #expect(peer.statuses == [400])
            #expect(peer.answers[0].saysClose)
            #expect(peer.closing == .linger)
            #expect(peer.reasons == [.malformed])
        }
    }

    /// The answer was whole before the chunks broke: it must not end again, nor be cut off.
    @Test func closesBehindBrokenChunksThatAreDropped() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/refused", "transfer-encoding: chunked\r\n\r\n"))
            #expect(peer.statuses == [403])
            #expect(peer.phase == .draining)
            peer.send("zz\r\n" + Self.next)
            #expect(peer.statuses == [403])
            #expect(peer.outcomes.count == 1)
            #expect(peer.closing == .linger)
        }
    }

    @Test func stopsReadingWhileTheClientDoesNot() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/echo", "content-length: 6\r\n\r\nhe"))
            peer.writable(false)
            #expect(!peer.takesInput)
            peer.send("llo!")
            #expect(peer.waiting.count == 4)
            #expect(peer.answers[0].text == "he")
            peer.writable(true)
            #expect(peer.waiting.isEmpty)
            #expect(peer.texts == ["hello!"])
        }
    }

    @Test func keepsBufferedBodiesWithinMemory() {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send(Self.post("/whole", "content-length: \(ConnectionLimits.bufferedBody + 1)\r\n\r\n"))
            #expect(peer.statuses == [413])
        }
    }
}
