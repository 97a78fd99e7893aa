import Pipeline
import Testing

@testable import Transport

/// What the peer's windows let out, and what becomes of the rest.
@Suite struct HTTP2WindowTests {
    private static let zero: [(UInt16, UInt32)] = [(HTTP2Setting.initialWindowSize, 0)]
    private static func big(_ count: Int) -> ScriptedRoute {
        ScriptedRoute("/big", .text(String(repeating: "x", count: count)))
    }

    @Test func aWholeAnswerWaitsForItsWindow() {
        HTTP2Peer.run([Self.big(100)], settings: Self.zero) { peer in
            peer.get(1, "/big")
            #expect(peer.status(1) == 200)
            #expect(peer.text(1) == "")
            #expect(peer.outcomes.isEmpty)
            peer.send(.window(1, 30))
            #expect(peer.answers[1]?.body.count == 30)
            #expect(peer.answers[1]?.isWhole == false)
            peer.send(.window(1, 70))
            #expect(peer.answers[1]?.body.count == 100)
            #expect(peer.answers[1]?.isWhole == true)
            #expect(peer.outcomes.map(\.status) == [200])
        }
    }

    @Test func anEmptyBodyNeedsNoWindow() {
        HTTP2Peer.run([ScriptedRoute("/empty", .text(""))], settings: Self.zero) { peer in
            peer.get(1, "/empty")
            #expect(peer.answers[1]?.isWhole == true)
        }
    }

    /// Frames of 16 KiB at most, together no more than the windows.
    @Test func theConnectionsWindowHoldsAll() {
        HTTP2Peer.run([Self.big(50_000)]) { peer in
            peer.get(1, "/big")
            peer.get(3, "/big")
            #expect((peer.answers[1]?.body.count ?? 0) + (peer.answers[3]?.body.count ?? 0) == 65_535)
            #expect(peer.frames.allSatisfy { $0.payload.count <= 16_384 })
            peer.send(.window(0, 100_000))
            #expect(peer.answers[3]?.isWhole == true)
        }
    }

    @Test func windowsShrinkBelowZero() {
        HTTP2Peer.run([Self.big(70_000)]) { peer in
            peer.get(1, "/big")
            #expect(peer.answers[1]?.body.count == 65_535)
            // Section 6.9.2: 65,535 are out, so a window of 1,000 is 64,535 short.
            peer.send(.settings([(4, 1_000)]), .window(0, 100_000), .window(1, 64_535))
            #expect(peer.answers[1]?.body.count == 65_535)
            peer.send(.window(1, 10))
            #expect(peer.answers[1]?.body.count == 65_545)
        }
    }

    @Test func streamsTakeTurns() {
        HTTP2Peer.run([Self.big(200_000)], settings: [(HTTP2Setting.initialWindowSize, 1 << 20)]) { peer in
            // The connection's window is used up, so both wait.
            peer.get(1, "/big")
            peer.get(3, "/big")
            peer.forget()
            peer.send(.window(0, 1 << 20))
            let order = peer.frames.filter { $0.kind == FrameKind.data }.map(\.stream)
            #expect(order.prefix(6).elementsEqual([1, 3, 1, 3, 1, 3]))
            #expect(peer.answers[3]?.isWhole == true)
        }
    }

    @Test func aRespondersStepsWaitForTheWindow() {
        HTTP2Peer.run([ScriptedRoute("/stream", .pieces(20))], settings: Self.zero) { peer in
            peer.get(1, "/stream")
            peer.pass(1)
            // One piece is made, and no more of them.
            #expect(peer.connection.pointee.waitingOutput == 10)
            for _ in 0..<20 { peer.send(.window(1, 10)) }
            #expect(peer.answers[1]?.body.count == 200)
            #expect(peer.answers[1]?.isWhole == true)
        }
    }

    @Test func anEchoThatDoesNotLeaveOpensNoWindow() {
        let piece = String(repeating: "x", count: 16_384)
        HTTP2Peer.run([ScriptedRoute("/echo", .echo)], settings: Self.zero) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/echo"), ends: false))
            for _ in 0..<4 { peer.send(.data(1, piece)) }
            #expect(peer.count(FrameKind.windowUpdate) == 0)
            peer.send(.window(1, 1 << 20), .window(0, 1 << 20))
            #expect(peer.frames.contains { $0.kind == FrameKind.windowUpdate && $0.stream == 1 })
            peer.send(.data(1, "end", ends: true))
            #expect(peer.answers[1]?.body.count == 4 * 16_384 + 3)
        }
    }

    @Test func manyAnswersThatDoNotLeaveAreNotMade() {
        HTTP2Peer.run([Self.big(400_000)], settings: Self.zero) { peer in
            for id in 0..<20 { peer.get(UInt32(id * 2 + 1), "/big") }
            // Beyond a mebibyte, no responder is started.
            #expect(peer.connection.pointee.waitingOutput <= 2 * 1024 * 1024)
            #expect(peer.phase(39) == .held)
            peer.send(.settings([(4, 1 << 20)]), .window(0, 1 << 30))
            for id in 0..<20 { #expect(peer.answers[UInt32(id * 2 + 1)]?.body.count == 400_000) }
        }
    }

    @Test func closedWindowsEndTheConnection() {
        HTTP2Peer.run([Self.big(100)], settings: Self.zero) { peer in
            peer.get(1, "/big")
            peer.pass(29)
            #expect(peer.closing == .open)
            peer.pass(1)
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
            #expect(peer.outcomes.map(\.reason) == [.sendStall])
        }
    }

    @Test func oneClosedWindowEndsItsStream() {
        HTTP2Peer.run([Self.big(100)], settings: Self.zero) { peer in
            peer.get(1, "/big")
            for round in 0..<5 {
                let id = UInt32(round * 2 + 3)
                peer.get(id)
                peer.send(.window(id, 10))
                #expect(peer.text(id) == "hello")
                peer.pass(6)
            }
            #expect(peer.answers[1]?.reset == HTTP2Error.cancel.rawValue)
            #expect(peer.closing == .open)
        }
    }

    @Test func aChannelThatIsFullTakesNothing() {
        HTTP2Peer.run([Self.big(100)]) { peer in
            peer.writable(false)
            peer.get(1, "/big")
            #expect(peer.status(1) == nil)
            peer.writable(true)
            #expect(peer.answers[1]?.isWhole == true)
            peer.writable(false)
            peer.pass(31)
            #expect(peer.closing == .now)
        }
    }

    /// The client hears of what was taken in halves of a window.
    @Test func opensBothWindowsForWhatIsTaken() {
        let piece = String(repeating: "x", count: 16_384)
        HTTP2Peer.run([ScriptedRoute("/none", .text("ok", .nothing))]) { peer in
            peer.send(.headers(1, TestFrame.fields("POST", "/none"), ends: false))
            for _ in 0..<64 { peer.send(.data(1, piece)) }
            let stream = peer.frames.filter { $0.kind == FrameKind.windowUpdate && $0.stream == 1 }
            #expect(stream.map { TestFrame.word($0.payload, 0) }.reduce(0, +) == 64 * 16_384)
            let connection = peer.frames.filter { $0.kind == FrameKind.windowUpdate && $0.stream == 0 }
            #expect(connection.map { TestFrame.word($0.payload, 0) } == [512 * 1024, 512 * 1024])
            peer.send(.data(1, "", ends: true))
            #expect(peer.text(1) == "ok")
        }
    }

    /// Whatever becomes of streams, what they took of the connection's window is given back.
    @Test func nothingOfTheWindowIsLost() {
        let piece = String(repeating: "x", count: 16_384)
        let routes = [
            ScriptedRoute("/late", early: [ScriptedStage.park(9)], .wholeBody), ScriptedRoute("/echo", .echo),
            ScriptedRoute("/refuse", early: [ScriptedStage.refuse], .wholeBody),
        ]
        HTTP2Peer.run(routes, settings: Self.zero) { peer in
            var id: UInt32 = 1
            for round in 0..<60 {
                let path = ["/late", "/echo", "/refuse"][round % 3]
                peer.send(.headers(id, TestFrame.fields("POST", path), ends: false))
                for _ in 0..<4 { peer.send(.data(id, piece)) }
                peer.send(.reset(id))
                id += 2
            }
            #expect(peer.closing == .open)
            #expect(peer.connection.pointee.receiveWindow + peer.connection.pointee.taken == 1024 * 1024)
        }
    }
}
