import Pipeline
import Testing

@testable import Transport

/// Limits in time: none of them may be missed, and none may be looked at again when it has passed.
@Suite struct HTTP1TimeTests {
    private static let hello = ScriptedRoute("/hello", .text("hello"))
    private static let get = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"

    @Test func endsWhereNoRequestComes() {
        HTTP1Peer.run([Self.hello]) { peer in
            peer.pass(9.9)
            #expect(peer.closing == .open)
            peer.pass(0.1)
            #expect(peer.closing == .afterWrite)
            #expect(peer.output.isEmpty)
            #expect(peer.outcomes.isEmpty)
        }
    }

    @Test func refusesAHeadThatComesTooSlowly() {
        HTTP1Peer.run([Self.hello]) { peer in
            peer.send(Self.get)
            peer.pass(5)
            for byte in "GET /hello".utf8 {
                peer.send([byte])
                peer.pass(0.9)
            }
            #expect(peer.statuses == [200])
            peer.pass(1)
            #expect(peer.statuses == [200, 408])
            #expect(peer.answers.last?.saysClose == true)
            #expect(peer.reasons == [.none, .slowBody])
            #expect(peer.closing == .linger)
        }
    }

    /// Old clients send an empty line behind a body: to answer that would be to answer their next request.
    @Test(arguments: ["\r", "\r\n"])
    func answersNoEmptyLine(_ line: String) {
        HTTP1Peer.run([Self.hello]) { peer in
            peer.send(Self.get + line)
            #expect(peer.phase == .head)
            peer.pass(10)
            #expect(peer.statuses == [200])
            #expect(peer.closing == .afterWrite)
            #expect(peer.active == 0)
        }
        HTTP1Peer.run([Self.hello]) { peer in
            peer.send("\r\n" + Self.get + "\r\n")
            peer.pass(9)
            peer.send(Self.get)
            #expect(peer.statuses == [200, 200])
            #expect(peer.closing == .open)
        }
    }

    @Test func endsWhenIdle() {
        HTTP1Peer.run([Self.hello]) { peer in
            peer.send(Self.get)
            peer.pass(74)
            peer.send(Self.get)
            peer.pass(74.9)
            #expect(peer.closing == .open)
            peer.pass(0.2)
            #expect(peer.closing == .afterWrite)
            #expect(peer.statuses == [200, 200])
        }
    }

    @Test(arguments: [
        (ScriptedResponder.wholeBody, [408]), (.echo, [200]), (.text("none"), [408]),
    ])
    func refusesABodyThatComesTooSlowly(_ responder: ScriptedResponder, _ statuses: [Int]) {
        HTTP1Peer.run([ScriptedRoute("POST /x", responder)]) { peer in
            peer.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\na")
            for _ in 0..<3 {
                peer.pass(29)
                peer.send("b")
            }
            #expect(peer.outcomes.isEmpty)
            peer.pass(30)
            #expect(peer.statuses == statuses)
            #expect(peer.reasons == [.slowBody])
            #expect(peer.closing == (statuses == [408] ? .linger : .now))
        }
    }

    @Test(arguments: [(ScriptedResponder.wholeBody, [504]), (.echo, [200])])
    func endsAtTheDeadlineWhileTheBodyIsRead(_ responder: ScriptedResponder, _ statuses: [Int]) {
        HTTP1Peer.run([ScriptedRoute("POST /x", early: [ScriptedStage.deadline(2)], responder), Self.hello]) { peer in
            peer.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\na")
            peer.pass(2)
            #expect(peer.statuses == statuses)
            #expect(peer.reasons == [.timeout])
            if statuses == [504] {
                peer.send("bc" + Self.get)
                #expect(peer.statuses == [504, 200])
            } else {
                #expect(peer.closing == .now)
            }
        }
    }

    @Test func endsAtTheDeadlineWhileWaiting() {
        let waiting = ScriptedResponder(start: { _ in .wait })
        HTTP1Peer.run([ScriptedRoute("/x", early: [ScriptedStage.deadline(2)], waiting), Self.hello]) { peer in
            peer.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n" + Self.get)
            peer.pass(2)
            #expect(peer.statuses == [504, 200])
            #expect(peer.reasons == [.timeout, .none])
        }
    }

    @Test func cutsAtTheDeadlineWhileBlocked() {
        HTTP1Peer.run([ScriptedRoute("/x", early: [ScriptedStage.deadline(2)], .pieces(9))]) { peer in
            peer.givesRoom = false
            peer.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
            peer.pass(2)
            #expect(peer.statuses == [200])
            #expect(!peer.answers[0].isWhole)
            #expect(peer.reasons == [.timeout])
            #expect(peer.closing == .now)
        }
    }

    // MARK: Peers that do not read

    @Test(arguments: ["/pieces", "/hello", "/close"])
    func endsWhereThePeerDoesNotRead(_ path: String) {
        let routes = [ScriptedRoute("/pieces", .pieces(9)), Self.hello, ScriptedRoute("/close", .text("hello"))]
        HTTP1Peer.run(routes) { peer in
            peer.givesRoom = false
            peer.send("GET \(path) HTTP/1.1\r\nhost: a\r\n\(path == "/close" ? "connection: close\r\n" : "")\r\n")
            peer.writable(false)
            #expect(!peer.takesInput)
            peer.pass(20)
            peer.progress()
            peer.pass(29)
            #expect(peer.closing != .now)
            peer.pass(1)
            #expect(peer.closing == .now)
            #expect(peer.reasons == (path == "/pieces" ? [.sendStall] : [.none]))
        }
    }

    /// Less than a full buffer may wait too, and nobody says that it is not writable.
    @Test(arguments: [HTTP1Connection.Closing.afterWrite, .linger], [true, false])
    func endsWhereThePeerReadsNoEnd(_ closing: HTTP1Connection.Closing, _ isAsked: Bool) {
        HTTP1Peer.run([Self.hello]) { peer in
            if closing == .linger {
                peer.send("GET /hello\n")
            } else if isAsked {
                peer.send("GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            } else {
                peer.send(Self.get)
                peer.pass(75)
            }
            #expect(peer.closing == closing)
            peer.pass(29)
            peer.progress()
            peer.pass(29)
            #expect(peer.closing == closing)
            peer.pass(1)
            #expect(peer.closing == .now)
        }
    }

    /// The time to linger starts when the answer has left, however long that takes.
    @Test func lingersFromTheLastByteOn() {
        HTTP1Peer.run([Self.hello]) { peer in
            peer.send("GET /hello\n")
            peer.writable(false)
            for _ in 0..<10 {
                peer.pass(20)
                peer.progress()
            }
            #expect(peer.closing == .linger)
            peer.flush()
            peer.pass(1.9)
            #expect(peer.closing == .linger)
            peer.pass(0.1)
            #expect(peer.closing == .now)
        }
    }

    /// Reading is what stopped, so the body cannot be late.
    @Test func allowsABodyItsTimeWhileThePeerReadsSlowly() {
        HTTP1Peer.run([ScriptedRoute("POST /x", .echo)]) { peer in
            peer.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na")
            peer.writable(false)
            for _ in 0..<5 {
                peer.pass(20)
                peer.progress()
            }
            #expect(peer.outcomes.isEmpty)
            peer.writable(true)
            peer.pass(20)
            peer.send("b")
            #expect(peer.texts == ["ab"])
        }
    }
}
