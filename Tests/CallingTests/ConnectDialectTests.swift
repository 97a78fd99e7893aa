import Testing

@testable import Calling

@Suite struct ConnectDialectTests {
    private let json: CallFields = [("content-type", "application/json"), ("trailer-x", "1"), ("y", "2")]

    private func read(_ start: any Dialect, _ events: [WireEvent]) -> [String] {
        var dialect = start
        return events.flatMap { Samples.words(dialect.read($0)) }
    }

    @Test func aUnaryCallIsAPlainRequest() throws {
        let method = try Samples.method("Plain")
        var dialect = CallProtocol.connect.dialect(for: method)
        let request = try dialect.request(
            method, try Samples.message(#"{"page_size":"7"}"#, method), CallSettings(timeout: 1_500_000, agent: "r"))
        #expect(request.path == "/shop.Orders/Plain")
        #expect(
            request.fields.map { "\($0.name): \($0.value)" } == [
                "content-type: application/json", "accept: application/json", "connect-protocol-version: 1",
                "user-agent: r", "connect-timeout-ms: 2",
            ])
        guard case .whole(let body) = request.body else { throw CallMistake("no body") }
        #expect(Samples.text(body) == #"{"pageSize":"7"}"#)
    }

    @Test func aUnaryAnswerHasItsTrailersInTheHead() {
        #expect(
            read(ConnectDialect(), [.head(status: 200, json), .body(Array("{}".utf8)), .end([])])
                == ["head 200", "json {}", "trailers x=1", "end OK "])
    }

    @Test func aUnaryFailureIsAnError() {
        let error = #"{"code":"not_found","message":"no","details":[{"type":"google.rpc.ErrorInfo","value":"CgFh"}]}"#
        #expect(
            read(ConnectDialect(), [.head(status: 404, json), .body(Array(error.utf8)), .end([])]).last
                == "end NOT_FOUND no google.rpc.ErrorInfo")
        #expect(
            read(ConnectDialect(), [.head(status: 429, json), .body(Array("{}".utf8)), .end([])]).last
                == "end UNAVAILABLE ")
        #expect(
            read(ConnectDialect(), [.head(status: 415, []), .end([])]).last
                == "end UNKNOWN the answer is not Connect but HTTP 415, without a content type")
    }

    @Test func aStreamEndsInItsLastMessage() {
        let head = WireEvent.head(status: 200, [("content-type", "application/connect+json")])
        let end = #"{"error":{"code":"canceled","message":"x"},"metadata":{"A":["1","2"]}}"#
        let bytes = Envelopes.enveloped(Array("{}".utf8)) + Envelopes.enveloped(Array(end.utf8), flags: 2)
        #expect(
            read(ConnectStreamDialect(), [head, .body(bytes), .end([])])
                == ["head 200", "json {}", "trailers a=1,a=2", "end CANCELLED x"])
        #expect(
            read(ConnectStreamDialect(), [head, .body(Envelopes.enveloped(Array("{}".utf8), flags: 2)), .end([])])
                == ["head 200", "end OK "])
        #expect(
            read(ConnectStreamDialect(), [head, .end([])]).last == "end UNKNOWN the answer ended without a status")
    }

    @Test func aClientStreamGoesOverHTTP2() throws {
        let method = try Samples.method("Up")
        var dialect = CallProtocol.connect.dialect(for: method)
        let request = try dialect.request(method, nil, CallSettings())
        #expect(request.version == .http2)
        #expect(request.fields.first?.value == "application/connect+json")
        let message = try Samples.message("{}", method)
        #expect(try dialect.encoded(message, method) == [0, 0, 0, 0, 2] + Array("{}".utf8))
    }
}
