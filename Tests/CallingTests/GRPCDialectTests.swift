import Pipeline
import Testing

@testable import Calling

@Suite struct GRPCDialectTests {
    private let head = WireEvent.head(status: 200, [("content-type", "application/grpc+proto")])
    private let webHead = WireEvent.head(status: 200, [("content-type", "application/grpc-web+proto")])

    private func read(_ events: [WireEvent], isWeb: Bool = false) -> [String] {
        var dialect = GRPCDialect(isWeb: isWeb)
        return events.flatMap { Samples.words(dialect.read($0)) }
    }

    @Test func aRequestSaysWhatItIs() throws {
        let method = try Samples.method("Plain")
        var dialect = GRPCDialect(isWeb: false)
        let message = try Samples.message(#"{"name":"a"}"#, method)
        let request = dialect.request(
            method, message, CallSettings(metadata: [("x", "1")], timeout: 1_500_000_000, prefix: "/p", agent: "r"))
        #expect(request.path == "/p/shop.Orders/Plain")
        #expect(
            request.fields.map { "\($0.name): \($0.value)" } == [
                "content-type: application/grpc", "te: trailers", "user-agent: r", "grpc-timeout: 1500000u", "x: 1",
            ])
        guard case .whole(let body) = request.body else { throw CallMistake("no body") }
        #expect(body == [0, 0, 0, 0, 3, 0x0A, 1, 0x61])
    }

    @Test(
        arguments: [
            (1, "1n"), (99_999_999, "99999999n"), (100_000_001, "100001u"), (2_000_000_000, "2000000u"),
            (200_000_000_000, "200000m"), (Int64.max, "2562048H"),
        ] as [(Int64, String)])
    func aTimeHasEightDigitsAtMost(nanoseconds: Int64, expected: String) {
        #expect(GRPCDialect.text(timeout: nanoseconds) == expected)
    }

    @Test func messagesComeOutOfPieces() {
        #expect(
            read([
                head, .body([0, 0, 0]), .body([0, 2, 7]), .body([8, 0, 0, 0, 0, 0]), .end([("grpc-status", "0")]),
            ]) == ["head 200", "binary [7, 8]", "binary []", "trailers grpc-status=0", "end OK "])
    }

    @Test func aFailureHasItsWordsAndDetails() {
        let details = "CAMaLwoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLkRlYnVnSW5mbxIDEgF4"
        #expect(
            read([
                head,
                .end([
                    ("grpc-status", "3"), ("grpc-message", "no%20n%C3%A4me%"), ("grpc-status-details-bin", details),
                ]),
            ]).last == "end INVALID_ARGUMENT no näme% google.rpc.DebugInfo")
    }

    @Test func aHeadAloneIsAnAnswer() {
        #expect(
            read([.head(status: 200, [("content-type", "application/grpc"), ("grpc-status", "5")]), .end([])])
                == ["head 200", "end NOT_FOUND "])
    }

    @Test func whatIsNotGRPCIsTold() {
        #expect(
            read([
                .head(status: 503, [("content-type", "text/plain")]), .body(Array("upstream is gone\nx".utf8)),
                .end([]),
            ]).last == "end UNAVAILABLE the answer is not gRPC but HTTP 503, text/plain: upstream is gone")
        #expect(
            read([.head(status: 404, [("content-type", "text/html")]), .body([1]), .end([])]).last
                == "end UNIMPLEMENTED the answer is not gRPC but HTTP 404, text/html")
    }

    @Test func anAnswerThatIsNotWholeIsNone() {
        #expect(read([head, .end([])]).last == "end UNKNOWN the answer ended without a status")
        #expect(
            read([head, .body([0, 0, 0, 0, 9, 1]), .end([("grpc-status", "0")])]).last
                == "end INTERNAL the answer ended within a message")
        #expect(
            read([head, .body([1, 0, 0, 0, 1, 1]), .end([("grpc-status", "0")])]).last
                == "end INTERNAL a message is compressed, which was not asked for")
        #expect(
            read([head, .body([0, 0xFF, 0xFF, 0xFF, 0xFF])]).last == "end INTERNAL a message is larger than 256 MiB")
        #expect(
            read([head, .failed(WireFailure(kind: .reset(8), reason: "reset"))]).last == "end CANCELLED reset")
    }

    @Test func trailersOfTheWebAreAMessage() {
        let trailers = Array("grpc-status: 9\r\ngrpc-message:no\r\nX-Y: z\r\n".utf8)
        #expect(
            read(
                [
                    webHead, .body([0, 0, 0, 0, 1, 5]), .body(Envelopes.enveloped(trailers, flags: 0x80)), .end([]),
                ], isWeb: true)
                == [
                    "head 200", "binary [5]", "trailers grpc-status=9,grpc-message=no,x-y=z",
                    "end FAILED_PRECONDITION no",
                ])
    }
}
