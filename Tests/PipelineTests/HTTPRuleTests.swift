import Pipeline
import Protobuf
import Testing

@Suite struct HTTPRuleTests {
    private func annotated(_ option: String) throws -> Result<[HTTPRule], HTTPRule.Unreadable> {
        let shop = try #require(Transcoded(methods: "rpc Own(Request) returns (Reply) { \(option) }"), "\(option)")
        return HTTPRule.annotated(try #require(shop.method("Own")).options)
    }

    static let good: [(String, [HTTPRule])] = [
        ("", []),
        ("option deprecated = true;", []),
        (
            "option (google.api.http) = { get: '/v1/{name}' };",
            [HTTPRule(method: "GET", template: "/v1/{name}", body: .none)]
        ),
        (
            "option (google.api.http) = { put: '/v1' body: '*' response_body: 'book' };",
            [HTTPRule(method: "PUT", template: "/v1", body: .whole, responseBody: "book")]
        ),
        (
            "option (google.api.http) = { post: '/v1' body: 'book' response_body: '*' };",
            [HTTPRule(method: "POST", template: "/v1", body: .field("book"))]
        ),
        ("option (google.api.http).delete = '/v1';", [HTTPRule(method: "DELETE", template: "/v1", body: .none)]),
        (
            "option (google.api.http).patch = '/v1'; option (google.api.http).body = '*';",
            [HTTPRule(method: "PATCH", template: "/v1", body: .whole)]
        ),
        (
            "option (google.api.http) = { custom: { kind: 'HEAD' path: '/v1' } };",
            [HTTPRule(method: "HEAD", template: "/v1", body: .none)]
        ),
        (
            "option (google.api.http) = { custom: { kind: '*' path: '/v1' } };",
            [HTTPRule(method: nil, template: "/v1", body: .none)]
        ),
        (
            "option (google.api.http) = { get: '/a' additional_bindings { post: '/b' body: '*' } additional_bindings { get: '/c' } };",
            [
                HTTPRule(method: "GET", template: "/a", body: .none),
                HTTPRule(method: "POST", template: "/b", body: .whole),
                HTTPRule(method: "GET", template: "/c", body: .none),
            ]
        ),
    ]

    @Test(arguments: good) func annotationsAreRead(_ option: String, _ rules: [HTTPRule]) throws {
        #expect(try annotated(option) == .success(rules))
    }

    static let bad: [(String, HTTPRule.Unreadable)] = [
        ("option (google.api.http) = {};", .withoutPath),
        ("option (google.api.http) = { body: '*' };", .withoutPath),
        ("option (google.api.http) = { custom: { kind: 'A B' path: '/v1' } };", .badKind("A B")),
        ("option (google.api.http) = { custom: { path: '/v1' } };", .badKind("")),
        (
            "option (google.api.http) = { get: '/a' additional_bindings { get: '/b' additional_bindings { get: '/c' } } };",
            .nested
        ),
        ("option (google.api.http) = { get: '/a' additional_bindings {} };", .withoutPath),
    ]

    @Test(arguments: bad) func otherAnnotationsAreRefused(_ option: String, _ reason: HTTPRule.Unreadable) throws {
        #expect(try annotated(option) == .failure(reason))
        #expect(!reason.message.isEmpty)
    }

    @Test func brokenBytesAreRefused() {
        // 72295728, a length and nothing behind it; then with bytes that are no rule.
        #expect(HTTPRule.annotated([0x82, 0xD3, 0xE4, 0x93, 0x02, 0x05]) == .failure(.malformed))
        #expect(HTTPRule.annotated([0x82, 0xD3, 0xE4, 0x93, 0x02, 0x02, 0x12, 0x05]) == .failure(.malformed))
        #expect(HTTPRule.annotated([0xFF]) == .failure(.malformed))
    }
}
