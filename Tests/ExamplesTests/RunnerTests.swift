import JSON
import Testing

@testable import Examples

/// Examples through the whole chain.
@Suite struct RunnerTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var route = "GET /a"
        var top = ""
        let keys: String
        let example: String
        /// None if it must pass.
        var differences: [String] = []

        init(
            _ description: String, on route: String = "GET /a", top: String = "", _ keys: String, _ example: String,
            _ differences: String...
        ) {
            testDescription = description
            self.route = route
            self.top = top
            self.keys = keys
            self.example = example
            self.differences = differences
        }
    }

    static let cases = [
        Case("a text", "template: hi", "response: { status: 200, text: hi }"),
        Case("a status", "template: hi", "response: { status: 201 }", "status: expected 201, got 200"),
        Case(
            "a failure says why", "template: '{{ query.n }}'", "response: { status: 200 }",
            "status: expected 200, got 400: no query parameter 'n'"),
        Case(
            "a failure where only the text was expected", "template: '{{ query.n }}'",
            "response: { headers: { x-a: b } }", "answer: 400: no query parameter 'n'",
            #"header x-a: expected "b", got none"#),
        Case("a header", "template: { text: a, headers: { x-a: b } }", "response: { headers: { X-A: b } }"),
        Case(
            "headers of one name, in order", "template: { text: a, headers: { x-a: [b, c] } }",
            "response: { headers: { x-a: [c, b] } }", #"header x-a: expected ["c", "b"], got ["b", "c"]"#),
        Case("no header", "template: a", "response: { headers: { x-a: [] } }"),
        Case(
            "no header, but one came", "template: { text: a, headers: { x-a: b } }",
            "response: { headers: { x-a: [] } }",
            #"header x-a: expected none, got "b""#),
        Case("a tree", "template: { json: { a: 1, b: [2] } }", "response: { json: { b: [2.0] } }"),
        Case(
            "a whole tree", "template: { json: { a: 1, b: [2] } }", "response: { json: { b: [2] }, exact: true }",
            "json.a: not expected, got 1"),
        Case(
            "no JSON", "template: hi", "response: { json: {} }",
            #"json: the body is not JSON (expected a value, found `h`): got "hi""#),
        Case("bytes", "template: { base64: AP8= }", "response: { base64: AP8= }"),
        Case(
            "other bytes", "template: { base64: AP8= }", "response: { base64: AP7+ }",
            "body: differs from byte 1 on: expected 3 bytes, got 2"),
        Case("an assertion", "template: { json: { n: 3 } }", "response: { assert: response.body.n == 3 }"),
        Case(
            "an assertion about a hash", "template: { json: { n: '{{ hex.encode(sha256(\"a\")) }}' } }",
            "response: { assert: 'response.body.n == hex.encode(sha256(\"a\"))' }"),
        Case(
            "an assertion that fails", "template: { json: { n: 3 } }", "response: { assert: response.body.n > 3 }",
            "assert: response.body.n > 3 is false; response.body.n is 3"),
        Case(
            "an assertion without an answer", "template: { json: { n: 3 } }",
            "response: { assert: response.body.m > 3 }",
            "assert: response.body.m > 3: no field 'm'"),

        Case(
            "the query", "template: '{{ query.a }}'", "{ request: { query: { a: 'b &=' } }, response: { text: b &= } }"),
        Case(
            "a query behind the path and one beside it", "template: '{{ request.query }}'",
            "{ request: { path: '/a?b=c d', query: { e: [f, g] } }, response: { text: b=c%20d&e=f&e=g } }"),
        Case(
            "a path of any text", on: "GET /{p}", "template: '{{ path.p }}'",
            "{ request: { path: /grüße und }, response: { text: grüße und } }"),
        Case(
            "JSON", on: "POST /a", "template: '{{ body.n + 1 }}'",
            "{ request: { json: { n: 1 } }, response: { text: '2' } }"),
        Case(
            "a form", on: "POST /a", "template: '{{ body.n }}'",
            "{ request: { form: { n: 'é +' } }, response: { text: é + } }"),
        Case(
            "a file", on: "POST /a", "template: '{{ body.f.filename }}: {{ string(body.f.content) }}'",
            "{ request: { multipart: { f: { filename: 'a\".txt', text: example-1 } } }, response: { status: 200 } }"),
        Case(
            "the first of fields with one name", on: "POST /a", "template: '{{ body.f }}'",
            #"""
            { request: { headers: { content-type: multipart/form-data; boundary=b }, text: "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n2\r\n--b--\r\n" }, response: { text: "1" } }
            """#),
        Case("no body where one is usual", on: "POST /a", "template: a", "response: { text: a }"),
        Case(
            "a method that the pattern leaves open", on: "/a", "template: '{{ request.method }}'",
            "response: { text: GET }"),
        Case(
            "a body where the pattern leaves the method open", on: "/a", "template: '{{ request.method }}'",
            "{ request: { text: b }, response: { text: POST } }"),
        Case(
            "HEAD by GET", "template: hi",
            "{ request: { method: HEAD }, response: { headers: { content-length: '2' } } }"),
        Case(
            "the pattern's host", on: "GET a.example/a", "template: '{{ request.host }}'",
            "response: { text: a.example }"),
        Case(
            "the client", "template: '{{ client.address }} {{ client.port }}'",
            "{ request: { client: { address: '2001:db8::7', port: 9 } }, response: { text: '2001:db8::7 9' } }"),
        Case(
            "the number of the call", "template: '{{ call.count }}'",
            "{ request: { count: 3 }, response: { text: '3' } }"),

        Case(
            "the clock", "template: '{{ string(now()) }}'",
            "response: { text: '2026-01-01T00:00:00Z', headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' } }"),
        Case(
            "a delay", "template: a\ndelay: 1h\nmiddleware: { timeout: off }",
            "response: { text: a, assert: response.duration == duration('1h') }"),
        Case("a time limit", "template: a\ndelay: 3s\nmiddleware: { timeout: 2s }", "response: { status: 504 }"),
        Case(
            "longer than any test waits", "template: a\ndelay: 25h\nmiddleware: { timeout: off }",
            "response: { text: a }", "answer: there is none after an hour by the clock of the test"),
        Case(
            "a stream, at once",
            "template: { content_type: text/event-stream, interval: 10m, messages: [{ data: a }, { data: b }] }",
            #"response: { text: "data: a\n\ndata: b\n\n", assert: response.duration == duration('10m') }"#),
        Case(
            "an item that is evaluated when it is due",
            "template: { messages: ['{{ string(now()) }}', { delay: 30m, message: '{{ string(now()) }}' }] }",
            #"response: { text: "\"2026-01-01T00:00:00Z\"\n\"2026-01-01T00:30:00Z\"\n" }"#),
        Case(
            "a stream that is longer than any test", "template: { interval: 40m, messages: [1, 2, 3] }",
            "response: { status: 200 }", "answer: it is not over after an hour by the clock of the test"),
        Case(
            "a stream that breaks off", "template: { messages: [1], error: { code: INTERNAL, message: a } }",
            #"response: { status: 200, cut: true, text: "1\n" }"#),
        Case("a cut", "template: a\nfault: { share: 100%, cut: true }", "response: { cut: true }"),
        Case(
            "a cut that was not expected", "template: a\nfault: { share: 100%, cut: true }", "response: { text: a }",
            "answer: the connection was closed before the answer"),
        Case(
            "no cut", "template: a", "response: { cut: true }",
            "cut: expected the connection to be closed, got an answer"),
        Case(
            "a page of its own", top: "errors: { 404: { text: 'lost: {{ error.message }}' } }",
            "template: { error: { code: NOT_FOUND, message: a } }", "response: { status: 404, text: 'lost: a' }"),
        Case(
            "compressed bytes", top: "middleware: { compression: { minimum: 1 } }", "template: aaaaaaaa",
            "{ request: { headers: { accept-encoding: gzip } }, response: { headers: { content-encoding: gzip } } }"),
        Case(
            "a body that is too large", on: "POST /a", "echo: body\nmiddleware: { body_limit: 3 }",
            "{ request: { text: four }, response: { status: 413 } }"),
        Case(
            "a body that streams", on: "POST /a", "echo: body", "{ request: { text: four }, response: { text: four } }"),
    ]

    @Test(arguments: cases)
    func exampleComesTo(_ item: Case) {
        let run = TestRun(manifest(item.route, item.keys, item.example, top: item.top))
        #expect(run.findings == [])
        #expect(run.results.count == 1)
        #expect(run.differences == item.differences)
    }

    @Test func whatOneLeavesBehindTheNextDoesNotSee() {
        let run = TestRun(
            """
            radicle: 1
            services:
              web:
                routes:
                  GET /a:
                    template: "{{ call.count }} {{ uuid() }}"
                    middleware: { concurrency: 1 }
                    examples:
                      - response: { assert: 'response.body.startsWith("1 ")' }
                      - response: { assert: 'response.body.startsWith("1 ")' }
                      - response: { text: none }
                      - response: { text: none }
            """)
        #expect(run.passed == 2)
        let texts = run.results.flatMap(\.differences).map(\.got)
        #expect(texts.count == 2 && texts[0] == texts[1], "the dice fall the same way for each")
    }

    /// An assertion has a clock and dice without a call.
    @Test(arguments: [
        #"now() > timestamp("2025-01-01T00:00:00Z")"#, "size(uuid()) == 36", "random() < 1.0",
        #"sha256("a") == sha256(response.message.message)"#,
    ])
    func anAssertionOfAMethodIs(_ assertion: String) {
        let run = TestRun(
            """
            radicle: 1
            services:
              greeter:
                proto: protos/helloworld.proto
                grpc: helloworld.Greeter
                methods:
                  SayHello:
                    template: { message: { message: a } }
                    examples:
                      - { request: {}, assert: '\(assertion)' }
            """)
        #expect(run.findings == [])
        #expect(run.differences == [])
        #expect(run.passed == 1)
    }

    @Test func whatComesFromOutsideIsNotShown() {
        let run = TestRun(
            manifest(
                "POST /a", "template: { json: { token: '${TOKEN}' } }",
                "{ request: { query: { t: '${TOKEN}' }, headers: { x-t: '${TOKEN}' } }, response: { json: { token: x } } }"
            ))
        #expect(run.differences == [#"json.token: expected "x", got "${TOKEN}""#])
        let result = run.results.first
        #expect(result?.sent == "POST /a?t=${TOKEN}")
        #expect(result?.curl?.contains(#"-H 'x-t: '"${TOKEN}""#) == true, "\(result?.curl ?? "")")
        for text in [result?.sent, result?.curl, result?.differences.first?.got] {
            #expect(text?.contains("s3cret") == false)
        }
    }

    /// However a value stands in a body, and wherever a report cuts a line.
    @Test(arguments: ["TOKEN", "LINES", "LONG"])
    func noPartOfAValueFromOutsideIsShown(_ name: String) {
        let value = "${\(name)}"
        let padding = String(repeating: "x", count: 70)
        let run = TestRun(
            """
            radicle: 1
            services:
              web:
                routes:
                  POST /text:
                    template: { text: "\(padding)\(value)", headers: { x-t: a } }
                    examples:
                      - { request: { text: "\(padding)\(value)" }, response: { text: "\(padding)" } }
                      - { request: { json: { t: "\(value)" } }, response: { json: {} } }
                      - request: { multipart: { t: "\(value)", f: { filename: f, base64: AP8= } } }
                        response: { base64: AP8=, assert: response.body.size() == 0 }
                  POST /json:
                    template: { json: { t: "\(padding)\(value)" } }
                    examples:
                      - { request: { form: { t: "\(value)" } }, response: { json: { t: "\(padding)" } } }
                      - response: { json: { t: 1 }, assert: response.body.t == "a" }
              greeter:
                proto: protos/helloworld.proto
                grpc: helloworld.Greeter
                methods:
                  SayHello:
                    template: { message: { message: "\(padding)\(value)" } }
                    examples: [{ request: { name: "\(value)" }, response: { message: "\(padding)" } }]
            """)
        #expect(run.findings == [])
        #expect(run.failed == 6)
        var out = ByteWriter(capacity: 4096)
        HumanReport().render(run, to: &out)
        JSONReport.render(run, to: &out)
        JUnit.render(run, to: &out)
        let text = String(decoding: out.bytes, as: UTF8.self)
        #expect(!text.contains("s3cret") && !text.contains("czNjcmV0"), "\(text)")
        #expect(text.contains(value))
    }

    @Test(arguments: [
        ("", 3), ("WEB", 3), ("get /b", 2), ("wonders", 1), ("/b?x=1", 1), ("nothing", 0),
    ])
    func filterChooses(_ filter: String, _ count: Int) {
        let run = TestRun(
            """
            radicle: 1
            services:
              web:
                routes:
                  GET /a: { template: a, examples: [{ response: { text: a } }] }
                  GET /b:
                    template: b
                    examples:
                      - { name: Wonders, response: { text: b } }
                      - { request: { query: { x: "1" } }, response: { text: b } }
            """, filter: filter)
        #expect(run.passed == count)
        #expect(run.isGood == (count > 0))
    }

    @Test func aManifestWithMistakesRunsNothing() {
        let run = TestRun("radicle: 1\nservices: { web: { routes: { GET /a: { templte: a } } } }")
        #expect(run.results.isEmpty && !run.isGood)
        #expect(run.findings.contains { $0.hasPrefix("unknown-key") })
    }

    @Test func noExamplesAreNoFailure() {
        let run = TestRun("radicle: 1\nservices: { web: { routes: { GET /a: { template: a } } } }")
        #expect(run.results.isEmpty && run.isGood)
    }
}
