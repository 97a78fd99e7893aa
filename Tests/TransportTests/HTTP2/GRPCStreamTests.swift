import JSON
import Pipeline
import Testing

@testable import Transport

/// Calls whose messages stream, one way or both (PROTOCOL-HTTP2.md), and what bounds them.
@Suite struct GRPCStreamTests {
    @Test func aClientStreamIsTakenMessageByMessage() {
        HTTP2Peer.run([CallService.gather]) { peer in
            peer.begin(1, "Gather")
            peer.data(1, CallService.framed("a") + CallService.framed("b"))
            let third = CallService.framed("c")
            peer.data(1, Array(third[..<3]))
            peer.data(1, Array(third[3...]))
            #expect(peer.answers[1] == nil)
            peer.data(1, [], ends: true)
            #expect(peer.answers[1]?.texts == ["3"])
            #expect(peer.answers[1]?.grpcStatus == 0)
        }
    }

    @Test func aClientStreamMayBeEmpty() {
        HTTP2Peer.run([CallService.gather]) { peer in
            peer.begin(1, "Gather")
            peer.data(1, [], ends: true)
            #expect(peer.answers[1]?.texts == ["0"])
        }
    }

    @Test func bothWaysAtOnce() {
        HTTP2Peer.run([CallService.chat]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a"))
            #expect(peer.answers[1]?.texts == ["a"])
            #expect(peer.answers[1]?.isWhole == false)
            peer.data(1, CallService.framed("b") + CallService.framed("c"))
            #expect(peer.answers[1]?.texts == ["a", "b", "c"])
            peer.data(1, [], ends: true)
            #expect(peer.answers[1]?.grpcStatus == 0)
            #expect(peer.answers[1]?.reset == nil)
            #expect(peer.outcomes.map(\.code) == [.ok])
        }
    }

    @Test func silenceIsNoFault() {
        HTTP2Peer.run([CallService.chat]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a"))
            peer.pass(600)
            peer.data(1, CallService.framed("b"), ends: true)
            #expect(peer.answers[1]?.texts == ["a", "b"])
            // In the midst of a message it is.
            peer.begin(3, "Chat")
            peer.data(3, [0, 0])
            peer.pass(29)
            #expect(peer.answers[3] == nil)
            peer.pass(1)
            #expect(peer.answers[3]?.grpcStatus == 4)
            #expect(peer.outcomes.last?.reason == .slowBody)
        }
    }

    @Test func aServerMayEndBeforeItsClient() {
        let route = CallService.route(
            "Chat",
            ScriptedResponder(
                .messages, start: { _ in .needInput },
                input: { exchange in
                    exchange.reply([])
                    return .done
                }))
        HTTP2Peer.run([route]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a") + CallService.framed("b"))
            #expect(peer.answers[1]?.messages?.count == 1)
            #expect(peer.answers[1]?.grpcStatus == 0)
            #expect(peer.answers[1]?.reset == HTTP2Error.none.rawValue)
            // What was on its way is no fault.
            peer.data(1, CallService.framed("c"))
            #expect(peer.closing == .open)
        }
    }

    @Test func whileItWaitsMessagesWait() {
        let route = CallService.route(
            "Chat",
            ScriptedResponder(
                .messages, start: { _ in .needInput },
                input: { exchange in
                    guard let message = exchange.message else { return .done }
                    exchange.reply(Array(message))
                    exchange.position += 1
                    exchange.wakeAt = exchange.started + Int64(exchange.position) * 1_000_000_000
                    return .wait
                }, resume: { _ in .needInput }))
        HTTP2Peer.run([route]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a") + CallService.framed("b"))
            peer.data(1, CallService.framed("c"), ends: true)
            #expect(peer.answers[1]?.texts == ["a"])
            peer.pass(1)
            #expect(peer.answers[1]?.texts == ["a", "b"])
            peer.pass(1)
            #expect(peer.answers[1]?.texts == ["a", "b", "c"])
            #expect(peer.answers[1]?.isWhole == false)
            peer.pass(1)
            #expect(peer.answers[1]?.grpcStatus == 0)
        }
    }

    @Test func aServerStreamWaitsForTheWindow() {
        HTTP2Peer.run([CallService.lots(20)], settings: [(HTTP2Setting.initialWindowSize, 0)]) { peer in
            peer.call(1, "Lots", "0123456789")
            peer.pass(1)
            #expect(peer.connection.pointee.waitingOutput == 17)
            for _ in 0..<20 { peer.send(.window(1, 17)) }
            // It is asked what comes next when there is room for that.
            peer.send(.window(1, 1))
            #expect(peer.answers[1]?.texts?.count == 20)
            #expect(peer.answers[1]?.grpcStatus == 0)
            #expect(peer.connection.pointee.waitingOutput == 0)
        }
    }

    /// What comes in small must not become large while nobody reads it.
    @Test func answersThatDoNotLeaveStopTheirMessages() {
        let big = [UInt8](repeating: 0x0A, count: 10_000)
        let route = CallService.route(
            "Chat",
            ScriptedResponder(
                .messages, start: { _ in .needInput },
                input: { exchange in
                    if exchange.message == nil { return .done }
                    exchange.reply(big)
                    return .needInput
                }))
        HTTP2Peer.run([route], settings: [(HTTP2Setting.initialWindowSize, 100)]) { peer in
            peer.begin(1, "Chat")
            for _ in 0..<10 { peer.data(1, (0..<10).flatMap { _ in CallService.framed([UInt8]()) }) }
            #expect(peer.connection.pointee.waitingOutput < 20_000)
            #expect(peer.phase(1) == .full)
            peer.data(1, [], ends: true)
            peer.send(.window(1, 1 << 20), .window(0, 1 << 20))
            #expect(peer.answers[1]?.messages?.count == 100)
            #expect(peer.answers[1]?.grpcStatus == 0)
        }
    }

    @Test func aClosedWindowEndsTheStream() {
        HTTP2Peer.run([CallService.chat], settings: [(HTTP2Setting.initialWindowSize, 0)]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a"))
            #expect(peer.phase(1) == .full)
            peer.pass(30)
            #expect(peer.outcomes.map(\.reason) == [.sendStall])
            #expect(peer.outcomes.map(\.code) == [.unavailable])
        }
    }

    @Test func aLargeMessageGoesThroughSmallWindows() {
        let text = String(repeating: "x", count: 1_000_000)
        HTTP2Peer.run([CallService.unary, CallService.chat]) { peer in
            for (id, method) in [(1 as UInt32, "Unary"), (3, "Chat")] {
                peer.begin(id, method)
                let bytes = CallService.framed(text)
                var at = 0
                var window = 65_535
                while at < bytes.count {
                    let count = min(16_384, bytes.count - at, window)
                    peer.forget()
                    peer.data(id, Array(bytes[at..<at + count]), ends: at + count == bytes.count)
                    at += count
                    window -= count
                    for frame in peer.frames where frame.kind == FrameKind.windowUpdate && frame.stream == id {
                        window += Int(TestFrame.word(frame.payload, 0))
                    }
                    guard count > 0 else {
                        Issue.record("the window stays closed")
                        break
                    }
                }
                for _ in 0..<20 { peer.send(.window(id, 65_535), .window(0, 65_535)) }
                #expect(peer.answers[id]?.body == bytes)
                #expect(peer.answers[id]?.grpcStatus == 0)
            }
        }
    }

    @Test func aClientThatTakesItBackIsCancelled() {
        HTTP2Peer.run([CallService.chat]) { peer in
            peer.begin(1, "Chat")
            peer.data(1, CallService.framed("a"))
            peer.send(.reset(1))
            #expect(peer.outcomes.map(\.code) == [.canceled])
            #expect(peer.outcomes.map(\.reason) == [.clientGone])
        }
    }

    @Test func aFailureInTheMidstIsATrailer() {
        let route = CallService.route(
            "Chat",
            ScriptedResponder(
                .messages, start: { _ in .needInput },
                input: { exchange in
                    exchange.reply(CallService.text("x"))
                    exchange.position += 1
                    if exchange.position < 3 { return .needInput }
                    exchange.fail(Failure(.outOfRange, "enough"))
                    return .breakOff
                }))
        HTTP2Peer.run([route]) { peer in
            peer.begin(1, "Chat")
            for _ in 0..<5 { peer.data(1, CallService.framed("a")) }
            #expect(peer.answers[1]?.texts == ["x", "x", "x"])
            #expect(peer.answers[1]?.grpcStatus == 11)
            #expect(peer.answers[1]?.grpcMessage == "enough")
        }
    }
}
