import Calling
import JSON
import Testing

@testable import Examples

/// Examples of methods by each of the protocols.
@Suite struct ProtocolTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var method = "SayHello"
        var http = "POST /v1/hello"
        let template: String
        let example: String
        /// None if it must pass.
        var differences: [String] = []
    }

    static let cases = [
        Case(
            testDescription: "a message", template: "{ message: { message: 'Hello {{ request.name }}' } }",
            example: "request: { name: Ann }, response: { message: Hello Ann }"),
        Case(
            testDescription: "another message", template: "{ message: { message: hi } }",
            example: "response: { message: ho }", differences: [#"response.message: expected "ho", got "hi""#]),
        Case(
            testDescription: "a code and its words",
            template: "{ error: { code: NOT_FOUND, message: 'no {{ 1 }} ö' } }",
            example: "error: { code: NOT_FOUND, message: no 1 ö }"),
        Case(
            testDescription: "another code", template: "{ error: { code: NOT_FOUND, message: gone } }",
            example: "response: {}", differences: ["code: expected OK, got NOT_FOUND: gone"]),
        Case(
            testDescription: "metadata and trailers",
            template: "{ message: {}, metadata: { x-a: one }, trailers: { x-b: two } }",
            example: "assert: ['response.metadata[\"x-a\"] == \"one\"', 'response.trailers[\"x-b\"] == \"two\"']"),
        Case(
            testDescription: "metadata of the client", template: "{ message: { message: '{{ headers[\"x-a\"] }}' } }",
            example: "metadata: { x-a: one }, response: { message: one }"),
        Case(
            testDescription: "a stream", method: "SayHelloOften",
            template: "{ messages: [{ message: a }, { message: b }], interval: 1s }",
            example: "response: [{ message: a }, { message: b }], assert: 'response.duration == duration(\"1s\")'"),
        Case(
            testDescription: "a stream that fails", method: "SayHelloOften",
            template: "{ messages: [{ message: a }], error: { code: ABORTED, message: enough } }",
            example: "response: [{ message: a }], error: { code: ABORTED, message: enough }"),
        Case(
            testDescription: "fields of the path and the query", http: "'GET /v1/{name}/hello'",
            template: "{ message: { message: '{{ request.name }} {{ request.count }}' } }",
            example: "request: { name: a/ö, count: 2 }, response: { message: a/ö 2 }"),
        Case(
            testDescription: "a part of the answer", http: "{ pattern: GET /v1, response_body: message }",
            template: "{ message: { message: hi } }", example: "response: { message: hi }"),
    ]

    private static func run(_ item: Case, _ speech: CallProtocol) -> TestRun {
        TestRun(manifest(item.method, "template: \(item.template), http: \(item.http)", item.example), speaking: speech)
    }

    private static func manifest(_ method: String, _ keys: String, _ example: String) -> String {
        """
        radicle: 1
        services:
          greeter:
            proto: protos/helloworld.proto
            grpc: helloworld.Greeter
            methods:
              \(method): { \(keys), examples: [{ \(example) }] }
        """
    }

    @Test(arguments: cases, CallProtocol.allCases) func holdsByEach(_ item: Case, _ speech: CallProtocol) {
        let run = Self.run(item, speech)
        #expect(run.findings == [])
        #expect(run.differences == item.differences)
        #expect(run.passedOver == 0)
        #expect(run.results.first?.speech == speech)
    }

    @Test(arguments: [
        ("SayHello", "template: { message: {} }", "response: {}", "the method has no HTTP rule"),
        (
            "SayHelloToAll", "template: { message: {} }", "response: {}",
            "a request over HTTP is one message, and the method takes a stream"
        ),
        (
            "SayHello", "template: { message: {} }, http: 'GET /v1/{name}'", "response: {}",
            "the path `/v1/{name}` needs `name`, which the message does not have"
        ),
    ])
    func whatHTTPHasNoPlaceForIsPassedOver(_ method: String, _ keys: String, _ example: String, _ reason: String) {
        let run = TestRun(Self.manifest(method, keys, example), speaking: .json)
        #expect(run.findings == [])
        #expect(run.results.map(\.passedOver) == [reason])
        #expect((run.passed, run.failed, run.isGood) == (0, 0, true))
        var out = ByteWriter(capacity: 1024)
        HumanReport().render(run, to: &out)
        let human = String(decoding: out.bytes, as: UTF8.self)
        let lines = human.split(separator: "\n")
        #expect(lines.first == "  passed over: helloworld.Greeter/\(method): \(reason)")
        #expect(lines.last == "0 passed, 1 passed over, by json (0 ms)")
        out.clear()
        JUnit.render(run, to: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self).contains("<skipped message="))
        out.clear()
        JSONReport.render(run, to: &out)
        let json = try? JSONReader.read(Array(out.bytes)).get()
        #expect(json?["passed_over"] == .int(1))
    }

    @Test func theNextRuleCountsWhereTheFirstHasNoPlace() {
        let run = TestRun(
            Self.manifest(
                "SayHello", "template: { message: { message: hi } }, http: ['GET /v1/{name}', 'GET /v1']",
                "response: { message: hi }"), speaking: .json)
        #expect(run.passed == 1)
    }

    @Test func routesOfHTTPAreTestedAsEver() {
        let run = TestRun(
            """
            radicle: 1
            services: { web: { routes: { GET /a: { template: hi, examples: [{ response: { text: hi } }] } } } }
            """, speaking: .json)
        #expect(run.passed == 1)
        #expect(run.results.first?.speech == nil)
    }

    @Test(arguments: [
        (CallProtocol.grpc, "buf curl --protocol grpc --http2"),
        (.grpcWeb, "buf curl --protocol grpcweb --http2"),
        (.connect, "curl -H 'content-type: application/json' -d"),
        (.json, "curl -H 'content-type: application/json' -d"),
    ])
    func theLineSpeaksTheSame(_ speech: CallProtocol, _ start: String) {
        let run = Self.run(Self.cases[1], speech)
        #expect(run.results.first?.curl?.hasPrefix(start) == true)
    }
}
