import JSON
import Pipeline
import Testing

@testable import Transport

/// What responders can do, step by step.
@Suite struct HTTP1StepTests {
    private static func get(_ path: String, method: String = "GET", version: String = "1.1") -> String {
        "\(method) \(path) HTTP/\(version)\r\nhost: a\r\n\r\n"
    }
    private static let hello = ScriptedRoute("/hello", .text("hello"))

    private static let waiting = ScriptedResponder(
        start: { exchange in
            exchange.wakeAt = exchange.started + 3_000_000_000
            return .wait
        }, resume: { $0.say("waited") })

    @Test func waits() {
        HTTP1Peer.run([ScriptedRoute("/x", Self.waiting), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.phase == .waiting)
            #expect(peer.output.isEmpty)
            peer.pass(2.9)
            #expect(peer.output.isEmpty)
            peer.pass(0.1)
            #expect(peer.texts == ["waited", "hello"])
            #expect(peer.answers[0]["content-length"] == "6")
        }
    }

    @Test func waitsBetweenPieces() {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            exchange.position += 1
            _ = exchange.say("\(exchange.position)")
            exchange.wakeAt = exchange.started + Int64(exchange.position) * 1_000_000_000
            return exchange.position == 3 ? .done : .wait
        }
        HTTP1Peer.run([ScriptedRoute("/x", ScriptedResponder(start: step, resume: step)), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.answers.map(\.text) == ["1"])
            #expect(!peer.answers[0].isWhole)
            peer.pass(1)
            #expect(peer.answers.map(\.text) == ["12"])
            peer.pass(1)
            #expect(peer.texts == ["123", "hello"])
            #expect(peer.answers[0]["transfer-encoding"] == "chunked")
            #expect(peer.outcomes[0].bodyBytes == 3)
        }
    }

    struct Streaming: Sendable {
        let method: String
        let version: String
        let declared: Int?
        let text: String
        let framing: [String?]
        let keeps: Bool
    }

    @Test(arguments: [
        Streaming(
            method: "GET", version: "1.1", declared: nil, text: "01234567890123456789", framing: [nil, "chunked"],
            keeps: true),
        Streaming(
            method: "GET", version: "1.1", declared: 20, text: "01234567890123456789", framing: ["20", nil], keeps: true
        ),
        Streaming(
            method: "GET", version: "1.0", declared: nil, text: "01234567890123456789", framing: [nil, nil],
            keeps: false),
        Streaming(
            method: "GET", version: "1.0", declared: 20, text: "01234567890123456789", framing: ["20", nil], keeps: true
        ),
        Streaming(method: "HEAD", version: "1.1", declared: nil, text: "", framing: [nil, "chunked"], keeps: true),
        Streaming(method: "HEAD", version: "1.1", declared: 20, text: "", framing: ["20", nil], keeps: true),
    ])
    func streams(_ example: Streaming) {
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(2, declared: example.declared)), Self.hello]) { peer in
            let head = "\(example.method) /x HTTP/\(example.version)\r\nhost: a\r\nconnection: keep-alive\r\n\r\n"
            peer.send(head + Self.get("/hello"))
            #expect(peer.answers[0].text == example.text)
            #expect(peer.answers[0]["content-length"] == example.framing[0])
            #expect(peer.answers[0]["transfer-encoding"] == example.framing[1])
            #expect(peer.answers.count == (example.keeps ? 2 : 1))
            #expect(peer.answers[0].saysClose == !example.keeps)
            #expect(peer.outcomes[0].bodyBytes == example.text.utf8.count)
        }
    }

    @Test func blocksUntilThereIsRoom() {
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(3, declared: 30)), Self.hello]) { peer in
            peer.givesRoom = false
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.phase == .blocked)
            #expect(peer.wantsRoom)
            #expect(!peer.takesInput)
            #expect(peer.answers[0].text == "0123456789")
            peer.room()
            #expect(peer.answers[0].text.utf8.count == 20)
            #expect(peer.wantsRoom)
            peer.room()
            #expect(!peer.wantsRoom)
            #expect(peer.texts.last == "hello")
            peer.room()
            #expect(peer.answers.count == 2)
        }
    }

    /// A length that does not hold must not move the start of the next answer.
    @Test(arguments: [29, 31, 10, 15, 1000])
    func cutsWhereTheDeclaredLengthDoesNotHold(_ declared: Int) {
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(3, declared: declared)), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.closing == .now)
            #expect(peer.reasons == [.fault])
            #expect(peer.active == 0)
            let text = String(decoding: peer.output, as: UTF8.self)
            let body = text.split(separator: "\r\n\r\n", omittingEmptySubsequences: false).dropFirst().joined()
            #expect(body.utf8.count <= declared, "no byte more than was declared")
        }
    }

    @Test func failsWhereTheFirstPieceIsLongerThanDeclared() {
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(3, declared: 5)), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.statuses == [500, 200])
        }
    }

    @Test func failsBeforeTheHead() {
        let failing = ScriptedResponder(start: { exchange in
            _ = exchange.say("half an answer")
            exchange.response.status = 201
            exchange.response.add("x-half") { $0.append("1") }
            exchange.fail(Failure(.unavailable, "not now", retryAfter: 7))
            return .fail
        })
        HTTP1Peer.run([ScriptedRoute("/x", failing), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.statuses == [503, 200])
            #expect(peer.answers[0]["x-half"] == nil)
            #expect(peer.answers[0]["retry-after"] == "7")
            #expect(!peer.answers[0].text.contains("half"))
        }
    }

    @Test func failsWithoutAReason() {
        HTTP1Peer.run([ScriptedRoute("/x", ScriptedResponder(start: { _ in .fail }))]) { peer in
            peer.send(Self.get("/x"))
            #expect(peer.statuses == [500])
        }
    }

    @Test(arguments: [Step.fail, .cut])
    func cutsBehindTheHead(_ last: Step) {
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(2, last: last)), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/hello"))
            #expect(peer.closing == .now)
            #expect(peer.answers.map(\.text) == ["0123456789"])
            #expect(!peer.answers[0].isWhole)
            #expect(peer.reasons == [.fault])
        }
    }

    @Test func cutsBeforeTheHead() {
        HTTP1Peer.run([Self.hello, ScriptedRoute("/x", ScriptedResponder(start: { _ in .cut }))]) { peer in
            peer.send(Self.get("/hello") + Self.get("/x") + Self.get("/hello"))
            #expect(peer.statuses == [200])
            #expect(peer.closing == .now)
            #expect(peer.outcomes.count == 2)
        }
    }

    /// What a responder wrote before it gave up belongs to nobody else.
    @Test func leavesNothingInTheLoopsWriter() {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            _ = exchange.say("secret")
            return .cut
        }
        HTTP1Peer.run([ScriptedRoute("/x", ScriptedResponder(start: step))]) { peer in
            peer.send(Self.get("/x"))
            #expect(peer.loop.state.pointee.body.count == 0)
            #expect(peer.loop.state.pointee.wire.count == 0)
        }
        HTTP1Peer.run([ScriptedRoute("/x", .pieces(2, declared: 15))]) { peer in
            peer.send(Self.get("/x"))
            #expect(peer.loop.state.pointee.body.count == 0)
        }
    }

    @Test(arguments: [204, 304])
    func sendsNoBodyWhereNoneMayBe(_ status: Int) {
        let whole = ScriptedResponder(start: { exchange in
            exchange.response.status = status
            return exchange.say("body")
        })
        let streamed = ScriptedResponder(
            start: { exchange in
                exchange.response.status = status
                exchange.response.isStreaming = true
                _ = exchange.say("body")
                return .blocked
            }, resume: { $0.say("more") })
        HTTP1Peer.run([ScriptedRoute("/x", whole), ScriptedRoute("/y", streamed), Self.hello]) { peer in
            peer.send(Self.get("/x") + Self.get("/y") + Self.get("/hello"))
            #expect(peer.statuses == [status, status, 200])
            #expect(peer.texts == ["", "", "hello"])
        }
    }

    @Test func withholdsTheBodyOfHEADOnly() {
        let withheld = ScriptedResponder(start: { exchange in
            exchange.response.declaredLength = 5
            exchange.response.isStreaming = true
            exchange.response.bodyIsWithheld = true
            return .done
        })
        HTTP1Peer.run([ScriptedRoute("/x", withheld), Self.hello]) { peer in
            peer.send(Self.get("/x", method: "HEAD") + Self.get("/x") + Self.get("/hello"))
            #expect(peer.statuses == [200, 200, 200])
            #expect(peer.answers[0]["content-length"] == "5")
            #expect(peer.texts == ["", "", "hello"], "no promise of a body that was not made")
        }
    }
}
