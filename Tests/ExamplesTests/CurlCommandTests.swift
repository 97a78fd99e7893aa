import Testing

@testable import Examples

@Suite struct CurlCommandTests {
    struct Case: Sendable {
        var route = "GET /a"
        var top = ""
        let request: String
        let line: String
    }

    private static let tls = "tls: { certificate: tls/server.pem, key: tls/server.key }"

    static let cases = [
        Case(request: "{}", line: "curl -i http://localhost:8080/a"),
        Case(request: "{ method: HEAD }", line: "curl -I http://localhost:8080/a"),
        Case(route: "DELETE /a", request: "{}", line: "curl -i -X DELETE http://localhost:8080/a"),
        Case(route: "POST /a", request: "{}", line: "curl -i -X POST http://localhost:8080/a"),
        Case(
            route: "POST /a", request: "{ text: \"it's\" }",
            line: #"curl -i -H 'content-type: text/plain; charset=utf-8' --data-raw 'it'\''s' http://localhost:8080/a"#),
        Case(
            route: "POST /a", request: #"{ text: "a\nb" }"#,
            line: #"curl -i -H 'content-type: text/plain; charset=utf-8' --data-raw $'a\nb' http://localhost:8080/a"#),
        Case(
            route: "PUT /a", request: "{ base64: AP8= }",
            line: "echo AP8= | base64 -d | curl -i -X PUT -H 'content-type: application/octet-stream' --data-binary @- "
                + "http://localhost:8080/a"),
        Case(
            request: "{ query: { a: '[1]', b: $x } }",
            line: "curl -i 'http://localhost:8080/a?a=%5B1%5D&b=%24x'"),
        Case(request: "{ headers: { x-a: '' } }", line: "curl -i -H 'x-a;' http://localhost:8080/a"),
        Case(
            route: "GET a.example/a", request: "{}", line: "curl -i -H 'host: a.example' http://localhost:8080/a"),
        Case(
            top: "listen: unix:/run/a.sock", request: "{}", line: "curl -i --unix-socket /run/a.sock http://localhost/a"
        ),
        Case(top: "listen: '[::1]:81'", request: "{}", line: "curl -i 'http://[::1]:81/a'"),
        Case(top: "listen: 0.0.0.0:81", request: "{}", line: "curl -i http://localhost:81/a"),
        Case(
            top: "listen: { address: ':81', protocols: [http2] }", request: "{}",
            line: "curl -i --http2-prior-knowledge http://localhost:81/a"),
        Case(
            top: "listen: [':82', { address: ':83', \(tls) }]", request: "{}", line: "curl -i http://localhost:82/a"),
        Case(
            top: "listen: [':82', { address: ':83', \(tls) }]", request: "{ client: { tls: true } }",
            line: "curl -i --cacert tls/server.pem https://localhost:83/a"),
        Case(
            top: "listen: { address: ':83', \(tls) }", request: "{}",
            line: "curl -i --cacert tls/server.pem https://localhost:83/a"),
    ]

    @Test(arguments: cases)
    func lineIs(_ item: Case) {
        let run = TestRun(
            manifest(
                item.route, "template: a", "{ request: \(item.request), response: { status: 200 } }", top: item.top))
        #expect(run.findings == [])
        #expect(run.results.first?.curl == item.line)
    }

    /// Nobody has the certificate.
    @Test func aClientThatShowsACertificateIsNoLine() {
        let run = TestRun(
            manifest(
                "GET /a", "template: a", "{ request: { client: { identity: web } }, response: { status: 599 } }"))
        #expect(run.results.count == 1)
        #expect(run.results.first?.curl == nil)
    }

    @Test func aLongBodyIsNoLine() {
        let text = String(repeating: "a", count: 5000)
        let run = TestRun(
            manifest("POST /a", "template: a", "{ request: { text: \(text) }, response: { status: 200 } }"))
        #expect(run.results.count == 1)
        #expect(run.results.first?.curl == nil)
    }
}
