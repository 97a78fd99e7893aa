import Codings
import JSON
import Pipeline
import Testing

@testable import Transport

/// What a client can get wrong, what it compresses, and how long it waits (PROTOCOL-HTTP2.md, statuscodes.md and
/// compression.md of gRPC).
@Suite struct GRPCFaultTests {
    private static func coded(_ text: String, _ coding: ContentCoding = .gzip) -> [UInt8] {
        var out = ByteWriter()
        let bytes = CallService.text(text)
        bytes.withUnsafeBufferPointer { Deflater(coding, level: 5)?.compress($0, isLast: true, into: &out) }
        return Array(out.bytes)
    }

    private static let hi = CallService.framed("hi")

    @Test(
        arguments: [
            ("no message", [], 12, "no message came"),
            ("two messages", hi + hi, 12, "more than one message"),
            ("the beginning of a second", hi + [0], 12, "more than one message"),
            ("a prefix that is not whole", [0, 0, 0], 13, "ends within a message"),
            ("a message that is not whole", [0, 0, 0, 0, 5, 1], 13, "ends within a message"),
            ("flags", [2, 0, 0, 0, 0], 13, "first byte is 2"),
            ("all flags", [255], 13, "first byte is 255"),
            ("compressed by nobody knows what", [1] + Array(hi[1...]), 13, "does not say how"),
            ("no protobuf", [0, 0, 0, 0, 1, 0x0A], 13, "cannot be read: the message ends within a field"),
            ("no UTF-8", [0, 0, 0, 0, 3, 0x0A, 1, 0xFF], 13, "is not UTF-8"),
            ("too much", [0, 0, 0x40, 0, 1], 8, "a message of 4194305 bytes is larger than the limit of 4194304"),
            ("far too much", [0, 255, 255, 255, 255], 8, "larger than the limit"),
        ] as [(String, [UInt8], Int, String)])
    func framing(_ name: String, _ body: [UInt8], _ status: Int, _ message: String) {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.begin(1, "Unary")
            peer.data(1, body, ends: true)
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == status)
            #expect(peer.answers[1]?.grpcMessage?.contains(message) == true)
            #expect(peer.closing == .open)
        }
    }

    @Test func whatIsTooLargeIsNotWaitedFor() {
        HTTP2Peer.run([
            CallService.route("Unary", early: [ScriptedStage.limit(100)], .text("")), CallService.chat,
        ]) { peer in
            peer.begin(1, "Unary")
            peer.data(1, [0, 0, 0, 0, 101])
            #expect(peer.answers[1]?.grpcStatus == 8)
            #expect(peer.answers[1]?.reset == HTTP2Error.none.rawValue)
            #expect(peer.outcomes.last?.reason == .bodyLimit)
            peer.begin(3, "Chat")
            peer.data(3, Self.hi + [0, 0, 0x50, 0, 0])
            #expect(peer.answers[3]?.texts == ["hi"])
            #expect(peer.answers[3]?.grpcStatus == 8)
        }
    }

    /// The limit is a message's, not the call's.
    @Test func aStreamMayBeLongerThanAMessage() {
        HTTP2Peer.run([CallService.route("Chat", early: [ScriptedStage.limit(50)], CallService.chat.responder)]) {
            peer in
            peer.begin(1, "Chat")
            for _ in 0..<20 { peer.data(1, CallService.framed("0123456789")) }
            peer.data(1, [], ends: true)
            #expect(peer.answers[1]?.texts?.count == 20)
        }
    }

    // MARK: Compression

    @Test(arguments: [("gzip", ContentCoding.gzip), ("deflate", .deflate), ("GZIP", .gzip)])
    func compressedMessagesAreRead(_ name: String, _ coding: ContentCoding) {
        let text = String(repeating: "x", count: 3000)
        HTTP2Peer.run([CallService.unary, CallService.chat]) { peer in
            for (id, method) in [(1 as UInt32, "Unary"), (3, "Chat")] {
                peer.begin(id, method, [("grpc-encoding", name)])
                peer.data(id, CallService.framed(Self.coded(text, coding), flag: 1), ends: true)
                #expect(peer.answers[id]?.body == CallService.framed(text))
                #expect(peer.answers[id]?["grpc-encoding"] == nil)
                #expect(peer.answers[id]?["grpc-accept-encoding"] == "identity,deflate,gzip")
                #expect(peer.answers[id]?.grpcStatus == 0)
            }
        }
    }

    @Test func aStreamMayMixThem() {
        HTTP2Peer.run([CallService.chat]) { peer in
            peer.begin(1, "Chat", [("grpc-encoding", "gzip")])
            let bytes =
                Self.hi + CallService.framed(Self.coded("one"), flag: 1) + Self.hi
                + CallService.framed(Self.coded("two"), flag: 1) + CallService.framed([], flag: 1)
            for byte in bytes { peer.data(1, [byte]) }
            peer.data(1, [], ends: true)
            #expect(peer.answers[1]?.texts == ["hi", "one", "hi", "two", ""])
        }
    }

    @Test func whoCompressesGetsItBack() {
        let text = String(repeating: "y", count: 3000)
        HTTP2Peer.run([CallService.unary]) { peer in
            for (id, text) in [(1 as UInt32, text), (3, "hi")] {
                peer.begin(id, "Unary", [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity,deflate,gzip")])
                peer.data(id, CallService.framed(Self.coded(text), flag: 1), ends: true)
                #expect(peer.answers[id]?["grpc-encoding"] == "gzip")
            }
            let message = peer.answers[1]?.messages?.first
            #expect(message?.flag == 1)
            var plain = ByteWriter()
            message?.bytes.withUnsafeBufferPointer { _ = Inflater(.gzip)?.inflate($0, limit: 10_000, into: &plain) }
            #expect(Array(plain.bytes) == CallService.text(text))
            #expect(peer.answers[3]?.body == Self.hi)
        }
    }

    @Test func anUnknownCodingIsNamed() {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.call(1, "Unary", "hi", [("grpc-encoding", "snappy")])
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 12)
            #expect(peer.answers[1]?.grpcMessage?.contains("snappy") == true)
            #expect(peer.answers[1]?["grpc-accept-encoding"] == "identity,deflate,gzip")
        }
    }

    @Test func whatIsNoGzipIsInternal() {
        HTTP2Peer.run([CallService.unary]) { peer in
            for (index, bytes) in [Self.hi, Array(Self.coded("x").dropLast()), Self.coded("x") + [0]].enumerated() {
                let id = UInt32(index * 2 + 1)
                peer.begin(id, "Unary", [("grpc-encoding", "gzip")])
                peer.data(id, CallService.framed(bytes, flag: 1), ends: true)
                #expect(peer.answers[id]?.grpcStatus == 13)
            }
        }
    }

    @Test func whatGrowsTooMuchIsRefused() {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.begin(1, "Unary", [("grpc-encoding", "gzip")])
            let bomb = Self.coded(String(repeating: "x", count: 1_000_000))
            peer.data(1, CallService.framed(bomb, flag: 1), ends: true)
            #expect(peer.answers[1]?.grpcStatus == 8)
            #expect(peer.outcomes.last?.reason == .bodyLimit)
        }
    }

    // MARK: Times

    @Test(arguments: ["", "1", "S", "1s", "-1S", "123456789S", "1.5S", "1 S"])
    func aTimeoutThatIsNone(_ value: String) {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.call(1, "Unary", "hi", [("grpc-timeout", value)])
            #expect(peer.answers[1]?.grpcStatus == 13)
            #expect(peer.answers[1]?.grpcMessage?.contains("grpc-timeout") == true)
        }
    }

    @Test func whoHasNoTimeLeftIsNotAnswered() {
        let route = CallService.route(
            "Unary",
            ScriptedResponder(start: { _ in
                Issue.record("the responder is asked")
                return .done
            }))
        HTTP2Peer.run([route]) { peer in
            peer.call(1, "Unary", "hi", [("grpc-timeout", "0n")])
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 4)
            #expect(peer.outcomes.map(\.reason) == [.timeout])
        }
    }

    @Test func theTimeEndsACallWhereverItIs() {
        let waits: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            return .wait
        }
        HTTP2Peer.run(
            [
                CallService.unary, CallService.chat, CallService.lots(1000),
                CallService.route("Gather", early: [ScriptedStage.park(60)], .text("")),
                ScriptedRoute("POST /t.Echo/Wait", rpc: CallService.method("Lots"), ScriptedResponder(start: waits)),
            ], settings: [(HTTP2Setting.initialWindowSize, 5)]
        ) { peer in
            let time = [("grpc-timeout", "2500m")]
            // Between messages, before the only one, parked, waiting, and in front of a closed window.
            peer.begin(1, "Chat", time)
            peer.begin(3, "Unary", time)
            peer.call(5, "Gather", "hi", time)
            peer.call(7, "Wait", "hi", time)
            peer.call(9, "Lots", "hi", time)
            peer.pass(2.4)
            #expect(peer.outcomes.isEmpty)
            peer.pass(0.2)
            for id in [1, 3, 5] as [UInt32] {
                #expect(peer.answers[id]?.isTrailersOnly == true)
                #expect(peer.answers[id]?.grpcStatus == 4)
            }
            #expect(peer.answers[7]?.trailers.map(\.0) == ["grpc-status", "grpc-message"])
            #expect(peer.answers[7]?.grpcStatus == 4)
            peer.send(.window(9, 1000))
            #expect(peer.answers[9]?.grpcStatus == 4)
            #expect(peer.answers[9]?.texts == ["hi"])
            #expect(peer.outcomes.allSatisfy { $0.code == .deadlineExceeded && $0.reason == .timeout })
        }
    }

    @Test func whoGivesUpBeforeItsTimeIsCancelled() {
        HTTP2Peer.run([CallService.route("Unary", early: [ScriptedStage.park(60)], .text(""))]) { peer in
            peer.call(1, "Unary", "hi", [("grpc-timeout", "1S")])
            peer.send(.reset(1))
            #expect(peer.outcomes.map(\.code) == [.canceled])
        }
    }

    // MARK: What a failure says

    @Test func aFailureWithDetails() {
        let detail = ErrorDetail(type: "google.rpc.BadRequest", bytes: [])
        HTTP2Peer.run([
            CallService.failing(Failure(.invalidArgument, "m", details: [detail])),
            CallService.failing(Failure(.unavailable, "later", retryAfter: 3), "Lots"),
        ]) { peer in
            peer.call(1)
            // 08 03 12 01 "m" 1a 2a 0a 28 "type.googleapis.com/google.rpc.BadRequest" 12 00
            #expect(peer.answers[1]?.trailer("grpc-status-details-bin")?.hasPrefix("CAMSAW0a") == true)
            #expect(peer.answers[1]?.trailer("grpc-status-details-bin")?.contains("=") == false)
            peer.call(3, "Lots")
            #expect(peer.answers[3]?.trailer("grpc-retry-pushback-ms") == "3000")
            #expect(peer.answers[3]?.trailer("grpc-status-details-bin") != nil)
        }
    }

    @Test func tooManyFieldsAreInternal() {
        let stage = ScriptedStage(decorate: { exchange in
            guard exchange.failure == nil else { return }
            for _ in 0..<100 { exchange.response.add("x") { $0.append("1") } }
        })
        HTTP2Peer.run([CallService.route("Unary", early: [stage], CallService.unary.responder)]) { peer in
            peer.call(1)
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 13)
        }
    }
}
