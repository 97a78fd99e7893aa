import Compiler
import Diagnostics
import JSON
import Manifests
import Testing

@testable import Examples

/// Tests/Golden/routes/faces: what `radicled routes` says of the methods of Tests/Golden/routes/transcoded.yaml.
@Suite struct MethodFacesTests {
    private static func compilation(_ text: String) -> Compilation {
        var findings = Findings()
        let loading = Loading([Source(name: "a.yaml", text: text)], in: .secret, &findings)
        return Compilation(loading, &findings)
    }

    private static func manifest(_ method: String, _ keys: String, top: String = "") -> String {
        """
        radicle: 1
        \(top)
        services:
          greeter:
            proto: protos/helloworld.proto
            grpc: helloworld.Greeter
            methods:
              \(method): { template: { message: {} }, \(keys) }
        """
    }

    private static func lines(_ text: String) -> [String] {
        MethodFaces.all(of: compilation(text)).flatMap(\.faces).map(\.command)
    }

    @Test func saysAsBefore() throws {
        let bytes = try #require(GoldenFolder("routes").read("transcoded.yaml"))
        let all = MethodFaces.all(of: Self.compilation(String(decoding: bytes, as: UTF8.self)))
        var out = ByteWriter(capacity: 1024)
        MethodFaces.text(all, into: &out)
        let folder = GoldenFolder("routes/faces")
        folder.expect(String(decoding: out.bytes, as: UTF8.self), in: "transcoded.txt")
        out.clear()
        JSONValue.array(all.map(\.json)).write(indentedTo: &out)
        folder.expect(String(decoding: out.bytes, as: UTF8.self) + "\n", in: "transcoded.json")
    }

    @Test(arguments: [
        // Without an example the template stands as it is.
        (
            "http: 'GET /v1/{name}'", "curl -g 'http://localhost:8080/v1/{name}'"
        ),
        (
            "http: 'PUT /v1/{name}'",
            "curl -X PUT -g -H 'content-type: application/json' -d '{}' 'http://localhost:8080/v1/{name}'"
        ),
        (
            "http: 'PUT /v1/{name}', examples: [{ request: { name: a/b, count: 2 } }]",
            "curl -X PUT -H 'content-type: application/json' -d '{\"count\":2}' http://localhost:8080/v1/a%2Fb"
        ),
        (
            "http: 'GET /v1/{name}', examples: [{ request: { name: a, count: 2 }, metadata: { x-a: b } }]",
            "curl -H 'x-a: b' 'http://localhost:8080/v1/a?count=2'"
        ),
        (
            "http: { pattern: 'POST /v1', body: '' }, examples: [{ request: { name: a } }]",
            "curl -X POST 'http://localhost:8080/v1?name=a'"
        ),
        (
            "http: '* /v1/{name}', examples: [{ request: { name: a } }]", "curl -X POST http://localhost:8080/v1/a"
        ),
    ])
    func anHTTPRuleIsCalled(_ keys: String, _ line: String) {
        #expect(Self.lines(Self.manifest("SayHello", keys)).last == line)
    }

    @Test func secretsAreNotShown() {
        let lines = Self.lines(
            Self.manifest("SayHello", "examples: [{ metadata: { x-t: '${TOKEN}' } }], http: 'GET /v1'"))
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { !$0.contains("s3cret") && $0.contains(#""${TOKEN}""#) })
    }

    @Test func whatIsTooLongIsLeftOut() {
        let name = String(repeating: "a", count: 5000)
        let lines = Self.lines(Self.manifest("SayHello", "examples: [{ request: { name: \(name) } }]"))
        #expect(lines.allSatisfy { $0.contains("-d '{}'") })
    }

    @Test func aListenerOfItsOwnIsAddressed() {
        let lines = Self.lines(
            Self.manifest("SayHello", "http: 'GET /v1'", top: "listen: [{ address: ':81', protocols: [http1] }, ':82']")
        )
        #expect(lines.map { $0.contains("localhost:82") } == [true, true, false, false])
    }

    @Test func whatNothingAnswersIsNotCalled() {
        let compilation = Self.compilation(Self.manifest("Chat", ""))
        #expect(MethodFaces.all(of: compilation).map(\.method) == ["helloworld.Greeter/Chat"])
    }
}
