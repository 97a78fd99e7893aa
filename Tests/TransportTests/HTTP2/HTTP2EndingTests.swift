import Pipeline
import Testing

@testable import Transport

/// How connections end: drained, idle, used up, flooded.
@Suite struct HTTP2EndingTests {
    private static let late = ScriptedRoute("/late", early: [ScriptedStage.park(9)], .text("late"))

    private static func goAways(_ peer: HTTP2Peer) -> [UInt32] {
        peer.frames.filter { $0.kind == FrameKind.goAway }.map { TestFrame.word($0.payload, 0) }
    }

    @Test func leavesInTwoSteps() {
        HTTP2Peer.run([Self.late]) { peer in
            peer.get(1, "/late")
            peer.drain()
            #expect(Self.goAways(peer) == [0x7FFF_FFFF])
            let ping = peer.frames.last
            #expect(ping?.kind == FrameKind.ping)
            // Sent before the client has heard of it: answered.
            peer.get(3)
            #expect(peer.text(3) == "hello")
            peer.send(TestFrame(kind: FrameKind.ping, flags: 1, payload: ping?.payload ?? []))
            #expect(Self.goAways(peer) == [0x7FFF_FFFF, 3])
            peer.get(5)
            #expect(peer.answers[5]?.reset == HTTP2Error.refusedStream.rawValue)
            // What of it was on its way does no harm.
            peer.send(.data(5, "x"), .window(5, 1), .reset(5))
            peer.send(.headers(7, TestFrame.fields("POST", "/late"), ends: false), .data(7, "x", ends: true))
            #expect(peer.answers[7]?.reset == HTTP2Error.refusedStream.rawValue)
            #expect(peer.closing == .open)
            peer.pass(9)
            #expect(peer.text(1) == "late")
            #expect(peer.closing == .linger)
        }
    }

    @Test func aClientThatDoesNotAnswerPingsIsNotWaitedFor() {
        HTTP2Peer.run { peer in
            peer.drain()
            peer.pass(1)
            #expect(Self.goAways(peer) == [0x7FFF_FFFF, 0])
            #expect(peer.closing == .linger)
        }
    }

    @Test func idleConnectionsEnd() {
        HTTP2Peer.run { peer in
            peer.get(1)
            peer.pass(74)
            #expect(peer.closing == .open)
            peer.pass(1)
            #expect(Self.goAways(peer) == [1])
            #expect(peer.closing == .linger)
        }
    }

    @Test func usedUpConnectionsEnd() {
        var limits = ConnectionLimits()
        limits.requestsPerConnection = 3
        HTTP2Peer.run(limits: limits) { peer in
            for id in [1, 3, 5, 7] as [UInt32] { peer.get(id) }
            #expect(peer.text(7) == "hello")
            #expect(Self.goAways(peer) == [0x7FFF_FFFF])
            peer.pass(1)
            #expect(peer.closing == .linger)
        }
    }

    @Test func oldConnectionsEnd() {
        var limits = ConnectionLimits()
        limits.connectionAge = 60 * HTTP2Peer.second
        HTTP2Peer.run([Self.late], limits: limits) { peer in
            peer.pass(59)
            peer.get(1, "/late")
            peer.pass(2)
            #expect(Self.goAways(peer).first == 0x7FFF_FFFF)
            peer.pass(8)
            #expect(peer.text(1) == "late")
            #expect(peer.closing == .linger)
        }
    }

    @Test func clientsThatLeaveAreClosed() {
        HTTP2Peer.run([Self.late]) { peer in
            peer.get(1, "/late")
            peer.send(TestFrame(kind: FrameKind.goAway, payload: Array(repeating: 0, count: 8)))
            #expect(peer.closing == .open)
            peer.pass(9)
            #expect(peer.text(1) == "late")
            #expect(peer.closing == .linger)
        }
    }

    @Test func aClosedInputTakesItsRequestsBack() {
        HTTP2Peer.run([Self.late]) { peer in
            peer.get(1, "/late")
            peer.inputClosed()
            #expect(peer.outcomes.map(\.reason) == [.clientGone])
            #expect(peer.closing == .afterWrite)
        }
    }

    @Test func settingsMustComeAndBeAcknowledged() {
        let silent = HTTP2Peer([])
        silent.pass(10)
        #expect(silent.goAway == HTTP2Error.settingsTimeout.rawValue)
        silent.finish()
        let deaf = HTTP2Peer([])
        deaf.send(.settings())
        deaf.pass(10)
        #expect(deaf.goAway == HTTP2Error.settingsTimeout.rawValue)
        deaf.finish()
    }

    @Test func aBlockThatDoesNotEndIsNotWaitedFor() {
        HTTP2Peer.run { peer in
            peer.send(TestFrame(kind: FrameKind.headers, flags: 1, stream: 1, payload: [0x82]))
            peer.pass(10)
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
        }
    }

    // MARK: Floods

    private static func flood(_ peer: HTTP2Peer, atMost most: Int, _ frames: (Int) -> [TestFrame]) -> Int {
        for round in 1...most {
            for frame in frames(round) { peer.send(frame) }
            if peer.closing != .open { return round }
            if round % 1000 == 0 { peer.forget() }
        }
        return most + 1
    }

    @Test(arguments: ["/late", "/hello"])
    func rapidResets(path: String) {
        HTTP2Peer.run([Self.late]) { peer in
            let rounds = Self.flood(peer, atMost: 10_000) { round in
                let id = UInt32(round * 2 - 1)
                return [.headers(id, TestFrame.fields("GET", path)), .reset(id)]
            }
            #expect(rounds == 201)
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
            #expect(peer.active == 0)
        }
    }

    @Test func someResetsNowAndThenAreFine() {
        HTTP2Peer.run([Self.late]) { peer in
            let rounds = Self.flood(peer, atMost: 1000) { round in
                let id = UInt32(round * 2 - 1)
                peer.pass(0.1)
                return [.headers(id, TestFrame.fields("GET", "/late")), .reset(id)]
            }
            #expect(rounds == 1001)
        }
    }

    /// CVE-2025-8671: where the client lets the server reset.
    @Test func mistakesByTheHundredEndTheConnection() {
        HTTP2Peer.run([Self.late]) { peer in
            let rounds = Self.flood(peer, atMost: 10_000) { round in
                let id = UInt32(round * 2 - 1)
                return [.headers(id, TestFrame.fields("GET", "/late")), .window(id, 0)]
            }
            #expect(rounds == 201)
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
        }
    }

    @Test func settingsByTheThousandEndTheConnection() {
        HTTP2Peer.run { peer in
            #expect(Self.flood(peer, atMost: 20_000) { _ in [.settings()] } == 10_000)
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
        }
    }

    @Test func pingsWithoutAnyRequestEndTheConnection() {
        HTTP2Peer.run { peer in
            for _ in 0..<3 { peer.send(.ping()) }
            #expect(peer.closing == .open)
            peer.send(.ping())
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
            #expect(peer.frames.last?.payload.dropFirst(8).elementsEqual("too_many_pings".utf8) == true)
        }
    }

    @Test func keepaliveIsAnswered() {
        HTTP2Peer.run { peer in
            peer.get(1, "/late")
            for _ in 0..<50 {
                peer.pass(1)
                peer.forget()
                peer.send(.ping())
                #expect(peer.count(FrameKind.ping) == 1)
            }
        }
    }

    @Test func windowsOpenedByTheThousandEndTheConnection() {
        HTTP2Peer.run { peer in
            let many = Array(repeating: TestFrame.window(0, 1).bytes, count: 1000).flatMap { $0 }
            for _ in 0..<200 {
                peer.send(many)
                peer.forget()
            }
            #expect(peer.closing == .open)
            peer.send(.window(0, 1))
            #expect(peer.goAway == HTTP2Error.enhanceYourCalm.rawValue)
        }
    }

    /// grpc-go sends one with each call.
    @Test func pingsBesideRequestsAreForgiven() {
        HTTP2Peer.run(limits: Self.endless) { peer in
            let rounds = Self.flood(peer, atMost: 3000) { round in
                Array(repeating: .ping(), count: 3) + [.headers(UInt32(round * 2 - 1), TestFrame.fields())]
            }
            #expect(rounds == 3001)
        }
    }

    private static let endless = {
        var limits = ConnectionLimits()
        limits.requestsPerConnection = .max
        return limits
    }()

    /// A few bytes that stand for many: refused, and what came of them is not kept.
    @Test func compressedBombsAreRefused() {
        HTTP2Peer.run { peer in
            // An entry of 4,000 bytes, then references to it.
            let entry = [0x40, 0x01, 0x78, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 0x79, count: 4000)
            let bomb = TestFrame.block(TestFrame.fields()) + entry + [UInt8](repeating: 0xBE, count: 12_000)
            peer.send(TestFrame(kind: FrameKind.headers, flags: 1, stream: 1, payload: Array(bomb.prefix(16_384))))
            peer.send(
                TestFrame(kind: FrameKind.continuation, flags: 4, stream: 1, payload: Array(bomb.dropFirst(16_384))))
            #expect(peer.status(1) == 431)
            peer.get(3)
            #expect(peer.text(3) == "hello")
        }
    }

    /// The same by names, each of which has to be made to be read: what goes far beyond any limit is not read on.
    @Test func bombsOfNamesEndTheConnection() {
        HTTP2Peer.run { peer in
            let entry = [0x40, 0x7F, 0xA1, 0x1E] + [UInt8](repeating: 0x79, count: 4000) + [0x00]
            let bomb =
                TestFrame.block(TestFrame.fields()) + entry
                + Array(repeating: [0x0F, 0x2F, 0x00], count: 4000).flatMap { $0 }
            peer.send(TestFrame(kind: FrameKind.headers, flags: 1, stream: 1, payload: Array(bomb.prefix(16_384))))
            peer.send(
                TestFrame(kind: FrameKind.continuation, flags: 4, stream: 1, payload: Array(bomb.dropFirst(16_384))))
            #expect(peer.goAway == HTTP2Error.compression.rawValue)
        }
    }
}
