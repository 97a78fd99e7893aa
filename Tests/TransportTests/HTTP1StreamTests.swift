import JSON
import Pipeline
import Testing

@testable import Transport

/// Answers that come bit by bit, with time between: their ends, their trailers, and peers that do not keep up.
@Suite struct HTTP1StreamTests {
    private static func get(_ path: String, method: String = "GET", version: String = "1.1") -> String {
        "\(method) \(path) HTTP/\(version)\r\nhost: a\r\n\r\n"
    }
    private static let hello = ScriptedRoute("/hello", .text("hello"))

    /// Ten bytes a second, `count` times.
    private static func ticks(_ count: Int, last: Step = .done) -> ScriptedResponder {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            _ = exchange.say("0123456789")
            exchange.position += 1
            exchange.wakeAt = exchange.started + Int64(exchange.position) * HTTP1Peer.second
            return exchange.position == count ? last : .wait
        }
        return ScriptedResponder(start: step, resume: step)
    }

    /// All at once, and yet a stream.
    private static let whole = ScriptedResponder(start: { exchange in
        exchange.response.isStreaming = true
        return exchange.say(exchange.head.method == .head ? "" : "all of it")
    })

    @Test func aStreamThatIsWholeAtOnceTellsNoLength() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.whole), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.texts == ["all of it", "hello"])
            #expect(peer.answers[0]["transfer-encoding"] == "chunked")
            #expect(peer.answers[0]["content-length"] == nil)
        }
    }

    /// Zero would be wrong: GET sends more (RFC 9110 section 8.6).
    @Test func aStreamTellsHEADNoLength() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.whole), Self.hello]) { peer in
            peer.send(Self.get("/x", method: "HEAD") + Self.get("/hello"))
            #expect(peer.statuses == [200, 200])
            #expect(peer.answers[0]["content-length"] == nil)
            #expect(peer.answers[0]["transfer-encoding"] == "chunked")
        }
    }

    @Test func anOldClientIsToldTheEndByTheConnections() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.whole), Self.hello]) { peer in
            peer.send("GET /x HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n" + Self.get("/hello"))
            #expect(peer.texts == ["all of it"])
            #expect(peer.answers[0].saysClose)
            #expect(peer.closing == .linger)
        }
    }

    // MARK: Broken off

    @Test(arguments: [1, 3]) func whatIsWrittenBeforeABreakArrives(_ count: Int) {
        HTTP1Peer.run([ScriptedRoute("/x", Self.ticks(count, last: .breakOff)), Self.hello]) { peer in
            peer.send(Self.get("/x"))
            peer.pass(Double(count))
            #expect(peer.answers.map(\.text) == [String(repeating: "0123456789", count: count)])
            #expect(!peer.answers[0].isWhole)
            #expect(peer.closing == .linger)
            #expect(peer.reasons == [.fault])
            #expect(peer.outcomes[0].status == 200)
            #expect(peer.outcomes[0].bodyBytes == count * 10)
            #expect(peer.active == 0)
            peer.send(Self.get("/hello"))
            #expect(peer.answers.count == 1, "nothing is answered behind the break")
        }
    }

    @Test func aBreakBeforeAnythingIsWrittenIsACut() {
        HTTP1Peer.run([ScriptedRoute("/x", ScriptedResponder(start: { _ in .breakOff }))]) { peer in
            peer.send(Self.get("/x"))
            #expect(peer.output.isEmpty)
            #expect(peer.closing == .linger)
            #expect(peer.outcomes.map(\.status) == [0])
        }
    }

    @Test func aBreakClosesWhereTheClientWantedIt() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.ticks(1, last: .breakOff))]) { peer in
            peer.send("GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            #expect(peer.closing == .afterWrite)
            #expect(!peer.answers[0].isWhole)
        }
    }

    // MARK: Peers that do not read

    @Test func timeDoesNotFillTheMemoryOfAPeerThatDoesNotRead() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.ticks(9)), Self.hello]) { peer in
            peer.send(Self.get("/x"))
            peer.writable(false)
            peer.pass(5)
            #expect(peer.answers[0].text.utf8.count == 10, "nothing was added")
            #expect(peer.phase == .blocked)
            peer.writable(true)
            #expect(peer.answers[0].text.utf8.count == 20)
            peer.pass(10)
            #expect(peer.answers[0].isWhole)
            #expect(peer.answers[0].text.utf8.count == 90)
        }
    }

    @Test func aPeerThatNeverReadsEndsTheStream() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.ticks(1000))]) { peer in
            peer.send(Self.get("/x"))
            peer.pass(3)
            peer.writable(false)
            peer.pass(31)
            #expect(peer.reasons == [.sendStall])
        }
    }

    // MARK: Trailers

    private static func trailing(_ steps: Int, declared: Int? = nil) -> ScriptedResponder {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.trailerNames = Array("x-a, x-b".utf8)
            exchange.response.declaredLength = declared
            exchange.response.isStreaming = steps > 1
            _ = exchange.say("body")
            exchange.position += 1
            if exchange.position < steps { return .blocked }
            exchange.response.trailers.append("x-a: 1\r\nx-b: 2\r\n")
            return .done
        }
        return ScriptedResponder(start: step, resume: step)
    }

    @Test(arguments: [(1, nil), (2, nil), (2, 8), (1, 4)] as [(Int, Int?)])
    func trailersFollowTheLastChunk(_ steps: Int, _ declared: Int?) {
        HTTP1Peer.run([ScriptedRoute("/x", Self.trailing(steps, declared: declared)), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.texts == [String(repeating: "body", count: steps), "hello"])
            #expect(peer.answers[0]["trailer"] == "x-a, x-b")
            #expect(peer.answers[0]["content-length"] == nil)
            #expect(peer.answers[0].trailers == [["x-a", "1"], ["x-b", "2"]])
            #expect(peer.answers[1].trailers == [])
        }
    }

    @Test(arguments: [("HEAD", "1.1", ""), ("GET", "1.0", "body")])
    func whoCannotHaveTrailersGetsNone(_ method: String, _ version: String, _ text: String) {
        HTTP1Peer.run([ScriptedRoute("/x", Self.trailing(1))]) { peer in
            peer.send(Self.get("/x", method: method, version: version))
            #expect(peer.texts == [text])
            #expect(peer.answers[0]["trailer"] == nil)
            #expect(peer.answers[0]["content-length"] == "4")
            #expect(peer.answers[0].trailers == [])
        }
    }

    @Test func aFailureHasNoTrailers() {
        let failing = ScriptedResponder(start: { exchange in
            exchange.response.trailerNames = Array("x-a".utf8)
            exchange.response.trailers.append("x-a: 1\r\n")
            exchange.fail(Failure(.unavailable, "not now"))
            return .fail
        })
        HTTP1Peer.run([ScriptedRoute("/x", failing), ScriptedRoute("/y", Self.trailing(1))]) { peer in
            peer.send(Self.get("/x") + Self.get("/y"))
            #expect(peer.statuses == [503, 200])
            #expect(peer.answers[0]["trailer"] == nil)
            #expect(peer.answers[1].trailers == [["x-a", "1"], ["x-b", "2"]])
        }
    }
}
