import Testing

@testable import Examples

/// The line that repeats an example of a method.
@Suite struct BufCommandTests {
    struct Case: Sendable {
        var method = "SayHello"
        var top = ""
        let example: String
        /// Behind `buf curl --protocol grpc`.
        let rest: String
    }

    private static let plain = " http://localhost:8080/helloworld.Greeter/"
    private static let tls = "tls: { certificate: tls/server.pem, key: tls/server.key }"

    static let cases = [
        Case(
            example: "request: { name: Ann }",
            rest: #"--http2-prior-knowledge -d '{"name":"Ann"}'"# + plain + "SayHello"
        ),
        Case(example: "client: 192.0.2.7", rest: "--http2-prior-knowledge -d '{}'" + plain + "SayHello"),
        Case(
            example: #"request: { name: "it's" }"#,
            rest: #"--http2-prior-knowledge -d '{"name":"it'\''s"}'"# + plain + "SayHello"),
        Case(
            method: "Chat", example: "request: [{ name: Ann }, { count: 2 }]",
            rest: #"--http2-prior-knowledge -d '{"name":"Ann"} {"count":2}'"# + plain + "Chat"),
        Case(method: "Chat", example: "request: []", rest: "--http2-prior-knowledge -d ''" + plain + "Chat"),
        Case(
            example: "metadata: { x-a: [one, 'b, c'], x-b: 'say \"d\"', x-c-bin: AP8 }",
            rest:
                #"--http2-prior-knowledge -H 'x-a: one' -H '"x-a: b, c"' -H '"x-b: say ""d"""' -H 'x-c-bin: AP8' -d '{}'"#
                + plain + "SayHello"),
        Case(
            example: "metadata: { x-t: '${TOKEN}' }",
            rest: #"--http2-prior-knowledge -H 'x-t: '"${TOKEN}" -d '{}'"# + plain + "SayHello"),
        Case(
            top: "listen: unix:/run/a.sock", example: "request: {}",
            rest:
                "--http2-prior-knowledge --unix-socket /run/a.sock -d '{}' http://localhost/helloworld.Greeter/SayHello"
        ),
        // To the listener that is most like what the example stands for.
        Case(
            top: "listen: [{ address: ':81', protocols: [http1] }, ':82', { address: ':83', \(tls) }]",
            example: "request: {}",
            rest: "--http2-prior-knowledge -d '{}' http://localhost:82/helloworld.Greeter/SayHello"),
        Case(
            top: "listen: [':82', { address: ':83', \(tls) }]", example: "client: { tls: true }",
            rest: "--cacert tls/server.pem -d '{}' https://localhost:83/helloworld.Greeter/SayHello"),
        Case(
            top: "listen: { address: ':83', \(tls) }", example: "request: {}",
            rest: "--cacert tls/server.pem -d '{}' https://localhost:83/helloworld.Greeter/SayHello"),
    ]

    private static func run(_ item: Case) -> TestRun {
        TestRun(
            """
            radicle: 1
            \(item.top)
            services:
              greeter:
                proto: protos/helloworld.proto
                grpc: helloworld.Greeter
                methods:
                  \(item.method):
                    template: { message: {} }
                    examples: [{ \(item.example), error: NOT_FOUND }]
            """)
    }

    @Test(arguments: cases) func lineIs(_ item: Case) {
        let run = Self.run(item)
        #expect(run.findings == [])
        #expect(run.results.first?.curl == "buf curl --protocol grpc " + item.rest)
    }

    @Test(arguments: ["request: { name: \(String(repeating: "a", count: 5000)) }", "client: { identity: web }"])
    func whatCannotBeRepeatedIsNoLine(_ example: String) {
        let run = Self.run(Case(example: example, rest: ""))
        #expect(run.results.count == 1)
        #expect(run.results.first?.curl == nil)
    }
}
