import CEL
import Diagnostics
import JSON
import Pipeline
import Testing

@Suite struct NamesTests {
    /// What an expression gives for this call, as text.
    private static func result(_ text: String) throws -> String {
        let call = RequestExchange(
            .post, path: "/shops/a%20b/%C3%A9/c", query: "q=a+b%26&empty=&q=second&bare&=x&%71=third&bad=%zz&n=1",
            host: "example.com:8080",
            fields: [
                ("Host", "example.com:8080"), ("X-A", "one"), ("x-b", "1"), ("X-a", "two"), ("Cookie", "a=1"),
                ("cookie", "b=2"), ("Content-Type", "text/plain"),
            ], pattern: "/shops/{shop}/{rest...}")
        call.exchange.pointee.arena.append("id-1")
        call.exchange.pointee.requestID = ByteRange(start: 0, end: 4)
        call.exchange.pointee.body.append("body")
        call.exchange.pointee.received = 4
        call.begin()
        call.exchange.pointee.response.status = 201
        call.exchange.pointee.response.isSent = true
        call.exchange.pointee.sent = 17
        call.exchange.pointee.finish(now: call.exchange.pointee.started + 1_500_000_000)
        var findings = Findings()
        let source = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
        let program = try #require(
            Expression.parse(source, &findings)?.check(
                Names.route(
                    wildcards: ["shop", "rest"], hasResponse: true, server: ServerFacts(name: "shop", version: "1.2")),
                expecting: nil, &findings),
            "\(findings.ordered().map(\.message))")
        return withExtendedLifetime(call) {
            let value = program.evaluate(call.exchange.pointee.context)
            if case .error(let error) = value { return "error: " + error.message }
            var out = ByteWriter()
            if let error = program.write(call.exchange.pointee.context, &out, .plain) {
                return "error: " + error.message
            }
            return String(decoding: out.bytes, as: UTF8.self)
        }
    }

    @Test(arguments: [
        ("path.shop", "a b"), ("path.rest", "\u{E9}/c"), ("path['shop'] + path.rest", "a b\u{E9}/c"),
        ("size(path)", "2"),
        ("query.q", "a b&"), ("query.empty", ""), ("query.bare", ""), ("query.n", "1"), ("query.bad", "%zz"),
        ("query[?'none'].orValue('-')", "-"), ("has(query.none)", "false"), ("has(query.empty)", "true"),
        ("query_all.q.join(',')", "a b&,second,third"), ("size(query_all.q)", "3"),
        ("headers['x-a']", "one, two"), ("headers['x-b']", "1"), ("headers.cookie", "a=1; b=2"),
        ("headers['content-type']", "text/plain"), ("has(headers.accept)", "false"),
        ("headers.?accept.orValue('any')", "any"), ("size(headers)", "5"),
        ("request.method", "POST"), ("request.path", "/shops/a%20b/%C3%A9/c"), ("request.scheme", "http"),
        ("request.host", "example.com:8080"), ("request.protocol", "HTTP/1.1"), ("request.size", "4"),
        ("request.query.startsWith('q=a+b')", "true"), ("request.target.startsWith('/shops/a%20b')", "true"),
        ("request.url.startsWith('http://example.com:8080/shops/')", "true"), ("string(request.body)", "body"),
        ("call.id", "id-1"), ("call.protocol", "http"), ("call.service", "web"),
        ("call.route", "/shops/{shop}/{rest...}"), ("call.count", "1"), ("has(call.deadline)", "false"),
        ("call.time > timestamp('2020-01-01T00:00:00Z')", "true"), ("now() - call.time < duration('5s')", "true"),
        ("client.address", "192.0.2.7"), ("client.port", "4711"), ("client.tls", "false"),
        ("server.name", "shop"), ("server.version", "1.2"), ("server.address", "192.0.2.1:8080"),
        ("server.generation", "1"), ("server.name + server.version", "shop1.2"), ("size(server.host) > 0", "true"),
        ("response.status", "201"), ("response.status / 100 == 2", "true"), ("response.size", "17"),
        ("response.duration", "1.5s"), ("response.duration > duration('1s')", "true"),
    ])
    func reads(_ text: String, _ expected: String) throws {
        #expect(try Self.result(text) == expected)
    }

    @Test(arguments: [
        ("", []), ("a=1", ["a=1"]), ("a=1&b=2", ["a=1", "b=2"]), ("&&a&&", ["a="]), ("a=b=c", ["a=b=c"]), ("=", ["="]),
        ("a=1&", ["a=1"]), ("a;b=1", ["a;b=1"]),
    ])
    func splitsAQuery(_ query: String, _ expected: [String]) {
        var found: [String] = []
        Array(query.utf8).withUnsafeBufferPointer { bytes in
            QueryString.forEach(bytes) { name, value in
                found.append(String(decoding: name, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
            }
        }
        #expect(found == expected)
    }

    @Test(arguments: [
        ("a", "a"), ("a+b", "a b"), ("%41%6a", "Aj"), ("%", "%"), ("%4", "%4"), ("%4g", "%4g"), ("%%41", "%A"),
        ("%c3%a9", "\u{E9}"), ("%ff", "\u{FFFD}"), ("%00", "\0"), ("%2B%25", "+%"),
    ])
    func decodesAForm(_ text: String, _ expected: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { QueryString.decode($0) } == expected)
    }

    /// Canonical equivalence is not equality: another client's name must not be found.
    @Test func comparesBytes() {
        Array("caf%C3%A9=1".utf8).withUnsafeBufferPointer { query in
            #expect(QueryString.first(query, Array("caf\u{E9}".utf8)) != nil)
            #expect(QueryString.first(query, Array("cafe\u{301}".utf8)) == nil)
        }
    }
}
