import Testing

@testable import Calling

@Suite struct JSONDialectTests {
    @Test(arguments: [
        (
            "Get", #"{"name":"shops/7","order":{"id":"a/b ä","count":2},"tags":["x","y z"],"pageSize":9}"#, "GET",
            "/v1/shops/7/orders/a%2Fb%20%C3%A4?order.count=2&tags=x&tags=y%20z&pageSize=9", ""
        ),
        (
            "Put", #"{"name":"n","order":{"id":"1","kind":"LARGE"}}"#, "PUT", "/v1/orders/1?name=n",
            #"{"kind":"LARGE"}"#
        ),
        (
            "Create", #"{"name":"s","order":{"id":"1"}}"#, "POST", "/v1/s:create", #"{"order":{"id":"1"}}"#
        ),
        ("Down", #"{"name":"a"}"#, "GET", "/v1/a", ""),
    ])
    func aMessageBecomesARequest(name: String, json: String, verb: String, path: String, body: String) throws {
        let method = try Samples.method(name)
        var dialect = JSONDialect()
        let request = try dialect.request(method, try Samples.message(json, method), CallSettings())
        #expect(request.method == verb)
        #expect(request.path == path)
        guard case .whole(let bytes) = request.body else { throw CallMistake("no body") }
        #expect(Samples.text(bytes) == body)
    }

    @Test(arguments: [
        ("Get", "{}", "the path `/v1/{name=shops/*}/orders/{order.id}` needs `name`, which the message does not have"),
        (
            "Plain", "{}",
            "shop.Orders/Plain has no option `google.api.http`, which says where it is in HTTP"
        ),
        (
            "Get", #"{"name":"shops/7","order":{"id":"1","parts":{"a":1}}}"#,
            "a query has no form for `order.parts`"
        ),
        (
            "Get", #"{"name":"shops/7","order":{"id":"1","extra":{"@type":"x/shop.Order","id":"2"}}}"#,
            "a query has no form for `order.extra.@type`"
        ),
    ])
    func whatCannotBeSentIsTold(name: String, json: String, message: String) throws {
        let method = try Samples.method(name)
        let sent = try Samples.message(json, method)
        let mistake = #expect(throws: CallMistake.self) {
            var dialect = JSONDialect()
            return try dialect.request(method, sent, CallSettings())
        }
        #expect(mistake?.message == message)
    }

    private func read(_ name: String, status: Int, _ pieces: [String]) throws -> [String] {
        let method = try Samples.method(name)
        var dialect = JSONDialect()
        _ = try dialect.request(
            method, try Samples.message(#"{"name":"shops/1","order":{"id":"1"}}"#, method), CallSettings())
        let head = WireEvent.head(status: status, [("content-type", "application/json")])
        let events = [head] + pieces.map { WireEvent.body(Array($0.utf8)) } + [.end([])]
        return events.flatMap { Samples.words(dialect.read($0)) }
    }

    @Test(arguments: [
        (200, #"{"id":"1"}"#, [#"json {"id":"1"}"#, "end OK "]),
        (404, #"{"code":5,"message":"no","details":[{"@type":"x/a.B","c":1}]}"#, ["end NOT_FOUND no a.B"]),
        (403, #"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"m"}}"#, ["end PERMISSION_DENIED m"]),
        (429, #"{"title":"Too Many","detail":"later","status":429}"#, ["end RESOURCE_EXHAUSTED later"]),
        (500, "{", ["end INTERNAL "]),
    ])
    func anAnswerIsRead(status: Int, body: String, expected: [String]) throws {
        #expect(try read("Get", status: status, [body]).dropFirst() == expected[...])
    }

    @Test(arguments: [
        (["{\"id\":\"1\"}\n{\"id\"", ":\"2\"}\n"], [#"json {"id":"1"}"#, #"json {"id":"2"}"#, "end OK "]),
        ([#"{"result":{"id":"1"}}"#], [#"json {"id":"1"}"#, "end OK "]),
        ([#"[{"id":"1"},{"id":"2"}]"#], [#"json {"id":"1"}"#, #"json {"id":"2"}"#, "end OK "]),
        (["{}", #"{"error":{"code":8,"message":"m"}}"#, "{}"], ["json {}", "end RESOURCE_EXHAUSTED m"]),
    ])
    func aStreamIsRead(pieces: [String], expected: [String]) throws {
        #expect(try read("Down", status: 200, pieces).dropFirst() == expected[...])
    }
}
