import Testing

@testable import Client

@Suite struct HTTPTargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:4318", "127.0.0.1", 4318, "/"), ("http://collector", "collector", 80, "/"),
        ("HTTP://collector:9/v1/traces", "collector", 9, "/v1/traces"), ("http://[::1]:4318/x", "::1", 4318, "/x"),
        ("http://[::1]", "::1", 80, "/"), ("http://a/", "a", 80, "/"),
    ])
    func itReadsAURL(url: String, host: String, port: Int, path: String) throws {
        #expect(try HTTPTarget(url: url, defaultPort: 80) == HTTPTarget(host: host, port: port, path: path))
    }

    @Test(arguments: [
        ("", "does not begin with `http://`"), ("127.0.0.1:4318", "does not begin with `http://`"),
        ("collector", "does not begin with `http://`"),
        ("https://a", "begins with `https://`, but only `http://` is spoken"),
        ("http://", "names no host"), ("http://:4318", "names no host"), ("http://u:p@a", "has a user in it"),
        ("http://a?x=1", "has a query"), ("http://a/#f", "has a fragment"),
        ("http://a:0", "has the port 0, which is too small"),
        ("http://a:65536", "has the port 65536, which is too large"),
        ("http://a:+80", "has a port that is not a number"),
        ("http://a:99999999999999999999", "has the port 999999999999, which is too large"),
        ("http://[::1", "has a `[` that is not closed"), ("http://[::1]80", "has no port after the `]`"),
        ("http://a b", "has characters that no URL has"), ("http://ä", "has characters that no URL has"),
    ])
    func itSaysWhyATextIsNone(url: String, reason: String) {
        let unusable = #expect(throws: HTTPTarget.Unusable.self) { try HTTPTarget(url: url, defaultPort: 80) }
        #expect(unusable?.reason == reason)
    }

    @Test func anIPv6AddressIsWrittenInBrackets() {
        #expect(HTTPTarget(host: "::1", port: 4318, path: "/x").description == "http://[::1]:4318/x")
    }
}
