import Compiler
import Diagnostics
import DryRun
import JSON
import Testing

/// Tests/Golden/routes/explain: questions to the manifests of Tests/Golden/routes, and what a terminal shows.
@Suite struct RouteDecisionGoldenTests {
    private static let manifests = GoldenFolder("routes")
    private static let folder = GoldenFolder("routes/explain")

    struct Question: Sendable, CustomTestStringConvertible {
        let name: String
        let manifest: String
        let request: String
        var headers: [String] = []
        var body: String?

        var testDescription: String { name }

        /// As a shell has it.
        var command: String {
            var words = "radicled routes \(manifest).yaml --explain \"\(request)\""
            for header in headers { words += " --header '\(header)'" }
            guard let body else { return "$ \(words)\n" }
            return "$ echo '\(body)' | \(words) --body -\n"
        }
    }

    static let questions = [
        Question(name: "case", manifest: "orders", request: "POST /v1/orders", body: #"{"item":"tea","quantity":200}"#),
        Question(
            name: "no-case", manifest: "orders", request: "POST /v1/orders", body: #"{"item":"tea","quantity":2}"#),
        Question(name: "case-error", manifest: "orders", request: "POST /v1/orders"),
        Question(name: "chance", manifest: "orders", request: "POST /v1/orders/7:pay"),
        Question(name: "not-found", manifest: "orders", request: "/v1/orders/7/lines"),
        Question(name: "method", manifest: "greeter", request: "DELETE /hello/Ann%20B"),
        Question(name: "options", manifest: "greeter", request: "OPTIONS /hello/Ann"),
        Question(name: "cleaning", manifest: "greeter", request: "GET //hello/./Bob?polite=1"),
        Question(name: "slash", manifest: "specific", request: "GET /docs"),
        Question(name: "host", manifest: "hosts", request: "https://www.api.example.com/v1/orders/7"),
        Question(name: "no-host", manifest: "hosts", request: "/v1/orders/7", headers: ["Host: example.com"]),
        Question(name: "specific", manifest: "specific", request: "HEAD http://docs.example.com/docs/guide/start"),
        Question(name: "letters", manifest: "specific", request: "GET /Docs/guide"),
        Question(
            name: "too-large", manifest: "specific", request: "PUT /docs/guide", body: "this is more than it takes"),
        Question(name: "cut", manifest: "specific", request: "GET /broken"),
        Question(name: "bad-path", manifest: "greeter", request: "GET /hello/%zz"),
        Question(name: "transcoded", manifest: "transcoded", request: "GET /v1/hello/Ann?count=2"),
        Question(
            name: "transcoded-body", manifest: "transcoded", request: "POST /greeter/hello", body: #"{"count":2}"#),
        Question(
            name: "transcoded-mistake", manifest: "transcoded", request: "POST /greeter/hello", body: #"{"nam":"Ann"}"#),
        Question(
            name: "connect", manifest: "transcoded", request: "POST /helloworld.Greeter/SayHello",
            headers: ["content-type: application/json"], body: #"{"name":"Ann","count":2}"#),
        Question(
            name: "grpc", manifest: "transcoded", request: "POST /helloworld.Greeter/SayHello",
            headers: ["content-type: application/grpc"], body: #"{"name":""}"#),
        Question(
            name: "no-call", manifest: "transcoded", request: "POST /helloworld.Greeter/SayHello"),
        Question(
            name: "built-in", manifest: "transcoded", request: "POST /grpc.health.v1.Health/Check",
            headers: ["content-type: application/json"], body: "{}"),
        Question(name: "template-error", manifest: "greeter", request: "POST /orders?item=tea"),
    ]

    private static func decision(_ question: Question) throws -> RouteDecision {
        let name = "\(question.manifest).yaml"
        let linted = Linted(Source(name: name, bytes: manifests.read(name) ?? []))
        let rehearsal = try #require(Rehearsal(linted.compilation), "\(linted.human)")
        return rehearsal.decide(
            try AskedRequest(
                question.request, headers: question.headers, body: question.body.map { Array("\($0)\n".utf8) },
                bodyName: "-"))
    }

    @Test(arguments: questions) func saysAsBefore(_ question: Question) throws {
        let decision = try Self.decision(question)
        Self.folder.expect(question.command + decision.human(), in: "\(question.name).txt")
        let coloured = decision.human(inColour: true)
        #expect(coloured.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "") == decision.human())
    }

    @Test(arguments: ["case", "not-found", "cleaning", "specific", "connect"])
    func jsonIsAsBefore(_ name: String) throws {
        let question = try #require(Self.questions.first { $0.name == name })
        let decision = try Self.decision(question)
        Self.folder.expect(decision.jsonText, in: "\(name).json")
        let text = Array(decision.jsonText.utf8)
        guard case .success = text.withUnsafeBufferPointer({ JSONReader.read($0) }) else {
            Issue.record("\(name) is no JSON")
            return
        }
    }

    @Test(arguments: folder.names(ending: ".txt")) func noTextIsLeftOver(_ name: String) {
        #expect(Self.questions.contains { $0.name == name }, "nothing shows \(name).txt")
    }
}
