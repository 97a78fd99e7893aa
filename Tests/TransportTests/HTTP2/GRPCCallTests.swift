import JSON
import Pipeline
import Testing

@testable import Transport

/// Calls of gRPC over HTTP/2 (PROTOCOL-HTTP2.md): which they are, what comes back, and how they fail.
@Suite struct GRPCCallTests {
    @Test func aUnaryCallIsAHeadAMessageAndAStatus() {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.call(1)
            let answer = peer.answers[1]
            #expect(answer?.status == 200)
            #expect(answer?["content-type"] == "application/grpc")
            #expect(answer?["content-length"] == nil)
            #expect(answer?["trailer"] == nil)
            #expect(answer?["x-request-id"] == "id-7")
            #expect(answer?.texts == ["hi"])
            #expect(answer?.trailers.map(\.0) == ["grpc-status"])
            #expect(answer?.grpcStatus == 0)
            #expect(answer?.isWhole == true)
            #expect(answer?.reset == nil)
            #expect(peer.outcomes.map(\.code) == [.ok])
            #expect(peer.outcomes.map(\.status) == [200])
        }
    }

    @Test func aMessageComesInAnyPieces() {
        let bytes = CallService.framed(String(repeating: "x", count: 40))
        HTTP2Peer.run([CallService.unary]) { peer in
            for split in 0...bytes.count {
                let id = UInt32(split * 2 + 1)
                peer.begin(id, "Unary")
                if split > 0 { peer.data(id, Array(bytes[..<split])) }
                peer.data(id, Array(bytes[split...]), ends: true)
                #expect(peer.answers[id]?.body == bytes, "split at \(split)")
            }
            peer.begin(201, "Unary")
            for byte in bytes { peer.data(201, [byte]) }
            peer.data(201, [], ends: true)
            #expect(peer.answers[201]?.body == bytes)
        }
    }

    @Test(arguments: [
        ("application/grpc", 0, "application/grpc"), ("application/grpc+proto", 0, "application/grpc+proto"),
        ("application/grpc;charset=utf-8", 0, "application/grpc"), ("Application/GRPC", 0, "application/grpc"),
    ])
    func contentTypesOfCalls(_ type: String, _ status: Int, _ answered: String) {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.begin(1, "Unary", type: type)
            peer.data(1, CallService.framed("hi"), ends: true)
            #expect(peer.answers[1]?.grpcStatus == status)
            #expect(peer.answers[1]?["content-type"] == answered)
        }
    }

    @Test(arguments: ["application/grpc+json", "application/grpcx", "application/connect+json", "text/plain", ""])
    func otherContentTypesAreRefused(_ type: String) {
        HTTP2Peer.run([CallService.unary]) { peer in
            peer.begin(1, "Unary", type: type)
            #expect(peer.status(1) == 415)
            #expect(peer.answers[1]?["content-type"] == "application/problem+json")
            #expect(peer.outcomes.map(\.status) == [415])
        }
    }

    @Test func overHTTP1ItSaysWhatIsMissing() {
        HTTP1Peer.run([CallService.unary]) { peer in
            peer.send(
                "POST /t.Echo/Unary HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n")
            let text = String(decoding: peer.output, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 505 "))
            #expect(text.contains("gRPC needs HTTP/2"))
        }
    }

    @Test(arguments: [
        ("/t.Echo/Nope", "unknown method Nope for service t.Echo"), ("/t.Other/Nope", "unknown service t.Other"),
        ("/hello", "malformed method name: %22/hello%22"), ("/", "malformed method name: %22/%22"),
        ("/t.Echo//Unary", "unknown service t.Echo/"),
        ("/t.Echo/%C3%A9", "unknown method %25C3%25A9 for service t.Echo"),
    ])
    func whatIsNotThereIsUnimplemented(_ path: String, _ message: String) {
        HTTP2Peer.run([CallService.unary]) { peer in
            let fields = [("content-type", "application/grpc")]
            peer.send(.headers(1, TestFrame.fields("POST", path, fields), ends: false))
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 12)
            #expect(peer.answers[1]?.grpcMessage == message.replacing("%22", with: "\""))
            #expect(peer.outcomes.map(\.code) == [.unimplemented])
        }
    }

    @Test func aFailureBeforeAnythingIsOneHead() {
        HTTP2Peer.run([CallService.failing(Failure(.notFound, "no é 100%\n"))]) { peer in
            peer.call(1)
            let answer = peer.answers[1]
            #expect(answer?.status == 200)
            #expect(answer?.isTrailersOnly == true)
            #expect(answer?.grpcStatus == 5)
            #expect(answer?.grpcMessage == "no %C3%A9 100%25%0A")
            #expect(answer?["x-request-id"] == "id-7")
            #expect(peer.outcomes.map(\.code) == [.notFound])
            #expect(peer.outcomes.map(\.status) == [200])
        }
    }

    @Test func stagesRefuseInTheSameWay() {
        HTTP2Peer.run([
            CallService.route("Unary", early: [ScriptedStage.refuse], .text("")),
            CallService.route("Gather", late: [ScriptedStage.park(1, then: .refuse)], .text("")),
        ]) { peer in
            // Its client may send for ever.
            peer.begin(1, "Unary")
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 7)
            #expect(peer.answers[1]?.reset == HTTP2Error.none.rawValue)
            peer.call(3, "Gather")
            #expect(peer.answers[3] == nil)
            peer.pass(1)
            #expect(peer.answers[3]?.grpcStatus == 14)
        }
    }

    @Test func messagesAndTheirFailureBothArrive() {
        let lots = CallService.lots(2) { exchange in
            exchange.reply(CallService.text("last"))
            exchange.fail(Failure(.dataLoss, "gone"))
            return .fail
        }
        HTTP2Peer.run([lots]) { peer in
            peer.call(1, "Lots")
            #expect(peer.answers[1]?.texts == ["hi", "hi", "last"])
            #expect(peer.answers[1]?.grpcStatus == 15)
            #expect(peer.answers[1]?.isWhole == true)
            #expect(peer.answers[1]?.reset == nil)
        }
    }

    @Test func aUnaryCallThatFailsHasNoMessage() {
        let route = CallService.route(
            "Unary",
            ScriptedResponder(start: { exchange in
                exchange.reply([])
                exchange.response.add("x-meta") { $0.append("1") }
                exchange.response.trailers.append("x-more: 2\r\n")
                exchange.fail(Failure(.aborted, ""))
                return .fail
            }))
        HTTP2Peer.run([route]) { peer in
            peer.call(1)
            #expect(peer.answers[1]?.isTrailersOnly == true)
            #expect(peer.answers[1]?.grpcStatus == 10)
            #expect(peer.answers[1]?.grpcMessage == nil)
            #expect(peer.answers[1]?["x-meta"] == "1")
            #expect(peer.answers[1]?["x-more"] == "2")
        }
    }

    @Test func metadataAndTrailersComeAlong() {
        let route = CallService.route(
            "Unary",
            ScriptedResponder(start: { exchange in
                exchange.response.add("x-meta") { $0.append("1") }
                exchange.response.add("content-type") { $0.append("text/html") }
                exchange.response.add("grpc-status") { $0.append("7") }
                exchange.response.trailers.append("x-more: 2\r\n")
                exchange.reply([])
                return .done
            }))
        HTTP2Peer.run([route]) { peer in
            peer.call(1)
            #expect(peer.answers[1]?["x-meta"] == "1")
            #expect(peer.answers[1]?["content-type"] == "application/grpc")
            #expect(peer.answers[1]?["grpc-status"] == nil)
            #expect(peer.answers[1]?.trailers.map(\.0) == ["grpc-status", "x-more"])
            // The next exchange in the same place has none of it.
            peer.get(3)
            #expect(peer.answers[3]?.trailers.isEmpty == true)
        }
    }
}
