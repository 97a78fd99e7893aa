import JSON
import Pipeline
import Testing

@testable import Transport

/// Requests and answers over HTTP/2, without a channel.
@Suite struct HTTP2ConnectionTests {
    @Test func saysItsPrefaceFirst() {
        let peer = HTTP2Peer([])
        #expect(peer.frames.map(\.kind) == [FrameKind.settings, FrameKind.windowUpdate])
        #expect(peer.frames[0].payload.count == 24)
        #expect(TestFrame.word(peer.frames[1].payload, 0) == 1024 * 1024 - 65535)
        peer.send(.settings())
        #expect(peer.frames.last == .settingsAck)
        peer.finish()
    }

    @Test func answers() {
        HTTP2Peer.run { peer in
            peer.get(1)
            peer.get(3, "/nowhere")
            #expect(peer.text(1) == "hello")
            #expect(peer.answers[1]?["content-length"] == "5")
            #expect(peer.answers[1]?["x-request-id"] == "id-7")
            #expect(peer.answers[1]?["date"] != nil)
            #expect(peer.answers[1]?["connection"] == nil)
            #expect(peer.status(3) == 404)
            #expect(peer.outcomes.map(\.status) == [200, 404])
            #expect(peer.outcomes[0].bodyBytes == 5)
        }
    }

    @Test func answersHeadWithoutBody() {
        HTTP2Peer.run { peer in
            peer.get(1, method: "HEAD")
            #expect(peer.answers[1]?.isWhole == true)
            #expect(peer.text(1) == "")
            #expect(peer.answers[1]?["content-length"] == "5")
            #expect(peer.count(FrameKind.data) == 0)
        }
    }

    /// However the bytes are cut, the answers are the same.
    @Test func takesBytesInPieces() {
        let bytes =
            TestFrame.headers(1, TestFrame.fields("POST", "/echo"), ends: false).bytes + TestFrame.data(1, "abc").bytes
            + TestFrame.data(1, "def", ends: true).bytes + TestFrame.ping().bytes
        for size in 1...bytes.count {
            HTTP2Peer.run([ScriptedRoute("/echo", .wholeBody)]) { peer in
                var at = 0
                while at < bytes.count {
                    peer.send(Array(bytes[at..<min(bytes.count, at + size)]))
                    at += size
                }
                #expect(peer.text(1) == "abcdef")
                #expect(peer.count(FrameKind.ping) == 1)
            }
        }
    }

    @Test func runsRequestsSideBySide() {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(2)], .text("late"))]) { peer in
            peer.get(1, "/late")
            peer.get(3)
            #expect(peer.status(1) == nil)
            #expect(peer.text(3) == "hello")
            peer.pass(2)
            #expect(peer.text(1) == "late")
        }
    }

    @Test func wakesWhoIsParked() throws {
        try HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(nil)], .text("late"))]) { peer in
            peer.get(1, "/late")
            let (ticket, turn) = try #require(peer.parked(1))
            peer.wake(ticket, turn: turn + 1)
            #expect(peer.status(1) == nil)
            peer.wake(ticket, turn: turn)
            #expect(peer.text(1) == "late")
        }
    }

    @Test func echoesAsItComes() {
        HTTP2Peer.run([ScriptedRoute("/echo", .echo)]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/echo"), ends: false))
            peer.send(.data(1, "one"))
            #expect(peer.text(1) == "one")
            #expect(peer.answers[1]?.isWhole == false)
            peer.send(.data(1, "two", ends: true))
            #expect(peer.text(1) == "onetwo")
            #expect(peer.answers[1]?.isWhole == true)
        }
    }

    @Test func holdsWhatComesWhileParked() {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(2)], .wholeBody)]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/late"), ends: false))
            peer.send(.data(1, "abc"), .data(1, "def", ends: true))
            peer.pass(2)
            #expect(peer.text(1) == "abcdef")
        }
    }

    /// Nobody opens a window for a body that nobody takes.
    @Test func parkedStreamsGetNoWindow() {
        let piece = String(repeating: "x", count: 16384)
        let late = ScriptedRoute("/late", early: [ScriptedStage.park(2)], .wholeBody)
        HTTP2Peer.run([late], settings: [(HTTP2Setting.initialWindowSize, 1 << 20)]) { peer in
            peer.send(.window(0, 1 << 20), .headers(1, TestFrame.fields("POST", "/late"), ends: false))
            for _ in 0..<4 { peer.send(.data(1, piece)) }
            #expect(peer.count(FrameKind.windowUpdate) == 0)
            peer.pass(2)
            #expect(peer.frames.contains { $0.kind == FrameKind.windowUpdate && $0.stream == 1 })
            peer.send(.data(1, "end", ends: true))
            #expect(peer.answers[1]?.body.count == 4 * 16384 + 3)
        }
    }

    @Test func saysContinueOnceItWantsTheBody() {
        HTTP2Peer.run([ScriptedRoute("/echo", .wholeBody)]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/echo", [("expect", "100-continue")]), ends: false))
            #expect(peer.answers[1]?.early == [100])
            peer.send(.data(1, "x", ends: true))
            #expect(peer.answers[1]?.early == [100])
            #expect(peer.text(1) == "x")
        }
    }

    @Test func sendsTrailers() {
        let responder = ScriptedResponder(start: { exchange in
            exchange.response.trailerNames = Array("x-sum, x-two".utf8)
            exchange.response.trailers.append("x-sum: abc\r\nx-two: \r\n")
            return exchange.say("body")
        })
        HTTP2Peer.run([ScriptedRoute("/x", responder)]) { peer in
            peer.get(1, "/x")
            #expect(peer.text(1) == "body")
            #expect(peer.answers[1]?.trailers.map { "\($0.0)=\($0.1)" } == ["x-sum=abc", "x-two="])
            #expect(peer.answers[1]?.isWhole == true)
        }
    }

    @Test func answerLongerThanOneFrameOfFieldsIsContinued() {
        let responder = ScriptedResponder(start: { exchange in
            exchange.response.add("x-long") { $0.append(String(repeating: "y", count: 40_000)) }
            return exchange.say("body")
        })
        HTTP2Peer.run([ScriptedRoute("/x", responder)]) { peer in
            peer.get(1, "/x")
            #expect(peer.count(FrameKind.continuation) == 2)
            #expect(peer.answers[1]?["x-long"]?.count == 40_000)
            #expect(peer.text(1) == "body")
        }
    }

    @Test func bodyOverTheLimitIsRefused() {
        HTTP2Peer.run([ScriptedRoute("/x", early: [ScriptedStage.limit(5)], .wholeBody)]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/x", [("content-length", "6")]), ends: false))
            #expect(peer.status(1) == 413)
            peer.send(.headers(3, TestFrame.fields("POST", "/x"), ends: false), .data(3, "123456"))
            #expect(peer.status(3) == 413)
            #expect(peer.outcomes.map(\.reason) == [.bodyLimit, .bodyLimit])
            // The client may end its body by itself; if it does not, it is told that nobody wants it.
            #expect(peer.phase(3) == .draining)
            peer.send(.data(1, "123456", ends: true))
            #expect(peer.phase(1) == nil)
            peer.pass(2)
            #expect(peer.answers[3]?.reset == 0)
        }
    }

    @Test func faultsOfRespondersResetTheirStreamAlone() {
        HTTP2Peer.run([
            ScriptedRoute("/cut", early: [ScriptedStage.cut], .text("x")),
            ScriptedRoute("/off", .pieces(2, last: .breakOff)),
            ScriptedRoute("/long", .pieces(2, declared: 15)),
        ]) { peer in
            peer.get(1, "/cut")
            peer.get(3, "/off")
            peer.get(5, "/long")
            peer.get(7)
            #expect(peer.answers[1]?.reset == HTTP2Error.internal.rawValue)
            #expect(peer.text(3) == "01234567890123456789")
            #expect(peer.answers[3]?.reset == HTTP2Error.internal.rawValue)
            #expect(peer.answers[5]?.reset == HTTP2Error.internal.rawValue)
            #expect(peer.text(7) == "hello")
            #expect(
                peer.outcomes.map(\.reason).sorted { $0.rawValue < $1.rawValue } == [.none, .fault, .fault, .fault])
        }
    }

    @Test func clientTakesItBack() {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(2)], .text("late"))]) { peer in
            peer.get(1, "/late")
            peer.send(.reset(1))
            #expect(peer.outcomes.map(\.reason) == [.clientGone])
            #expect(peer.active == 0)
            peer.get(3)
            #expect(peer.text(3) == "hello")
        }
    }

    @Test(arguments: [(1.0, 504, "/late"), (30.0, 408, "/body")])
    func timesOut(seconds: Double, status: Int, path: String) {
        HTTP2Peer.run([
            ScriptedRoute("/late", early: [ScriptedStage.deadline(1), ScriptedStage.park(9)], .text("late")),
            ScriptedRoute("/body", .wholeBody),
        ]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", path), ends: false))
            peer.pass(seconds)
            #expect(peer.status(1) == status)
            #expect(peer.closing == .open)
        }
    }
}
