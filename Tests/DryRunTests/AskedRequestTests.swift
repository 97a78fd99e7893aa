import DryRun
import Testing

@Suite struct AskedRequestTests {
    @Test(arguments: [
        ("POST /orders?a=1", "POST", "/orders?a=1", "localhost", false),
        ("/orders", "GET", "/orders", "localhost", false),
        ("http://api.example.com:8080/a?b#c", "GET", "/a?b", "api.example.com:8080", false),
        ("PUT https://api.example.com", "PUT", "/", "api.example.com", true),
        ("HTTPS://user:word@[::1]?q=1", "GET", "/?q=1", "[::1]", true),
        ("OPTIONS *", "OPTIONS", "*", "localhost", false),
        ("GET   /a ", "GET", "/a", "localhost", false),
    ])
    func isReadAsAClientWouldSendIt(
        _ text: String, _ method: String, _ target: String, _ host: String, _ isTLS: Bool
    )
        throws
    {
        let request = try AskedRequest(text)
        #expect(request.method == method && request.target == target && request.host == host)
        #expect(request.isTLS == isTLS)
        #expect(request.saysHost == (host != "localhost"))
    }

    @Test func aClientIsAnAddress() throws {
        #expect(try AskedRequest("/a", client: "2001:db8::7").client == "2001:db8::7")
        let mistake = #expect(throws: AskedRequest.Mistake.self) { try AskedRequest("/a", client: "example.com") }
        #expect(mistake?.description == "the client is an IP address such as 192.0.2.7, not `example.com`")
    }

    @Test func fieldsAreKeptInTheirOrder() throws {
        let request = try AskedRequest("/a", headers: ["X-A: 1", "host:h.com", "X-A:2 ", "empty:"])
        #expect(request.fields.map(\.name) == ["X-A", "host", "X-A", "empty"])
        #expect(request.fields.map(\.value) == ["1", "h.com", "2", ""])
        #expect(request.host == "h.com" && request.saysHost)
    }

    @Test(
        arguments: [
            ("order.json", "{}", "application/json"), ("-", "{\"a\":1}", "application/json"),
            ("x.html", "hi", "text/html; charset=utf-8"),
            ("-", "a=b", nil), ("-", "{broken", nil), ("data", "[1]", "application/json"),
        ] as [(String, String, String?)])
    func aBodyHasATypeWhereOneShows(_ name: String, _ body: String, _ type: String?) throws {
        let request = try AskedRequest("POST /a", body: Array(body.utf8), bodyName: name)
        #expect(request.contentType == type)
        #expect(request.fields.contains { $0.name == "content-length" && $0.value == "\(body.utf8.count)" })
        let own = try AskedRequest("POST /a", headers: ["Content-Type: a/b"], body: Array(body.utf8), bodyName: name)
        #expect(own.contentType == "a/b")
    }

    @Test(arguments: [
        ("", [], "no request"), ("GET /a b", [], "%20"), ("GET /a\r\nX: y", [], "control character"),
        ("/a", ["novalue"], "Name: value"), ("/a", [":x"], "Name: value"), ("/a", ["x: a\nb: c"], "line break"),
        ("http://a/", ["host: b"], "leave one out"),
    ])
    func whatIsNoRequestIsTold(_ text: String, _ headers: [String], _ reason: String) {
        let mistake = #expect(throws: AskedRequest.Mistake.self) { try AskedRequest(text, headers: headers) }
        #expect(mistake?.description.contains(reason) == true, "\(mistake?.description ?? "")")
    }
}
