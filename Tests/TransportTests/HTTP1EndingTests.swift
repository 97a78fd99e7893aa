import Pipeline
import Testing

@testable import Transport

/// The client goes, or the server does, in each phase.
@Suite struct HTTP1EndingTests {
    struct Scene: Sendable, CustomTestStringConvertible {
        let phase: HTTP1Connection.Phase
        let input: String
        /// Calls that have not ended by then.
        let open: Int
        /// Calls that have.
        let done: Int
        var testDescription: String { "\(phase)" }
    }

    static let scenes = [
        Scene(phase: .idle, input: "", open: 0, done: 0),
        Scene(phase: .idle, input: "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n", open: 0, done: 1),
        Scene(phase: .head, input: "GET /hel", open: 0, done: 0),
        Scene(phase: .parked, input: "GET /park HTTP/1.1\r\nhost: a\r\n\r\n", open: 1, done: 0),
        Scene(phase: .body, input: "POST /whole HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na", open: 1, done: 0),
        Scene(phase: .parkedLate, input: "GET /parklate HTTP/1.1\r\nhost: a\r\n\r\n", open: 1, done: 0),
        Scene(
            phase: .streaming, input: "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na", open: 1, done: 0),
        Scene(phase: .waiting, input: "GET /wait HTTP/1.1\r\nhost: a\r\n\r\n", open: 1, done: 0),
        Scene(phase: .blocked, input: "GET /pieces HTTP/1.1\r\nhost: a\r\n\r\n", open: 1, done: 0),
        Scene(phase: .draining, input: "POST /no HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na", open: 0, done: 1),
        Scene(phase: .lingering, input: "GET\n", open: 0, done: 1),
        Scene(phase: .closed, input: "GET /hello HTTP/1.0\r\n\r\n", open: 0, done: 1),
    ]

    private static let routes = [
        ScriptedRoute("/hello", .text("hello")),
        ScriptedRoute("/park", early: [ScriptedStage.park(5)], .text("parked")),
        ScriptedRoute("/parklate", late: [ScriptedStage.park(5)], .text("parked")),
        ScriptedRoute("POST /whole", .wholeBody), ScriptedRoute("POST /echo", .echo),
        ScriptedRoute("POST /no", early: [ScriptedStage.refuse], .wholeBody),
        ScriptedRoute("/pieces", .pieces(3)),
        ScriptedRoute(
            "/wait",
            ScriptedResponder(
                start: { exchange in
                    exchange.wakeAt = exchange.started + 5_000_000_000
                    return .wait
                }, resume: { $0.say("waited") })),
    ]

    private static func run(_ scene: Scene, _ body: (HTTP1Peer) -> Void) {
        HTTP1Peer.run(routes) { peer in
            peer.givesRoom = false
            peer.send(scene.input)
            #expect(peer.phase == scene.phase)
            #expect(peer.outcomes.count == scene.done)
            body(peer)
        }
    }

    @Test(arguments: scenes)
    func theClientDisappears(_ scene: Scene) {
        Self.run(scene) { peer in
            peer.disappear()
            #expect(peer.outcomes.count == scene.done + scene.open)
            #expect(peer.outcomes.suffix(scene.open).allSatisfy { $0.reason == .clientGone })
            #expect(peer.active == 0)
            #expect(peer.phase == .closed)
            peer.disappear()
            peer.closeInput()
            peer.woken()
            peer.room()
            peer.pass(1000)
            peer.forceClose()
            #expect(peer.outcomes.count == scene.done + scene.open)
        }
    }

    @Test(arguments: scenes)
    func theClientSendsNoMore(_ scene: Scene) {
        Self.run(scene) { peer in
            peer.closeInput()
            if scene.phase == .blocked {
                // It may still be reading.
                #expect(peer.outcomes.isEmpty)
                peer.room()
                peer.room()
                #expect(peer.texts == ["012345678901234567890123456789"])
                #expect(peer.closing == .afterWrite)
            } else {
                #expect(peer.outcomes.count == scene.done + scene.open)
                #expect(peer.outcomes.suffix(scene.open).allSatisfy { $0.reason == .clientGone })
                #expect(peer.closing != .open)
            }
            peer.pass(1000)
            #expect(peer.closing == .now)
        }
    }

    /// Answers from before that are still on their way must arrive.
    @Test(arguments: scenes.filter { [.head, .body, .parked, .parkedLate, .waiting].contains($0.phase) })
    func theClientSendsNoMoreBehindAnAnswer(_ scene: Scene) {
        HTTP1Peer.run(Self.routes) { peer in
            peer.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n" + scene.input)
            peer.closeInput()
            #expect(peer.texts == ["hello"])
            #expect(peer.closing == .afterWrite)
            #expect(peer.active == 0)
        }
    }

    @Test(arguments: scenes)
    func theServerDrains(_ scene: Scene) {
        Self.run(scene) { peer in
            peer.drain()
            #expect(peer.outcomes.count == scene.done)
            peer.givesRoom = true
            peer.drain()
            switch scene.phase {
            case .idle:
                #expect(peer.closing == .afterWrite)
                return
            case .head: peer.send("lo HTTP/1.1\r\nhost: a\r\n\r\n")
            case .body, .streaming, .draining: peer.send("b")
            case .blocked: peer.room()
            default: break
            }
            peer.pass(5)
            #expect(peer.closing != .open)
            #expect(peer.outcomes.allSatisfy { $0.reason == .none || $0.reason == .malformed })
            #expect(peer.reading.isWhole)
            #expect(peer.active == 0)
            // Where the head had not left by then, it says that the connection ends.
            if [.head, .parked, .body, .parkedLate, .waiting].contains(scene.phase) {
                #expect(peer.answers.last?.saysClose == true)
            }
        }
    }

    @Test(arguments: scenes)
    func theGraceIsOver(_ scene: Scene) {
        Self.run(scene) { peer in
            peer.drain()
            peer.forceClose()
            #expect(peer.closing == .now)
            #expect(peer.active == 0)
            #expect(peer.outcomes.count == scene.done + scene.open)
            #expect(peer.outcomes.suffix(scene.open).allSatisfy { $0.reason == .drained })
            peer.forceClose()
            peer.pass(1000)
            #expect(peer.outcomes.count == scene.done + scene.open)
        }
    }
}
