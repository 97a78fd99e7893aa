import CEL
import Testing

@testable import Pipeline

/// Who the client is, by what the request says and whom we trust.
@Suite struct ForwardedTests {
    /// The peer is 192.0.2.7.
    private func client(
        _ fields: [(String, String)], trusting networks: [String] = ["192.0.2.0/24", "10.0.0.0/8"]
    ) throws -> (address: String, port: Int, scheme: String, host: String) {
        let request = RequestExchange(fields: fields)
        let trust = ProxyTrust(try networks.map { try #require(CIDR($0)) }, trustsUnix: false)
        request.exchange.pointee.readForwarded(trust)
        return (
            String(decoding: request.exchange.pointee.clientAddress, as: UTF8.self),
            request.exchange.pointee.clientPort, String(describing: request.exchange.pointee.scheme),
            String(decoding: request.exchange.pointee.head.slice(request.exchange.pointee.head.host), as: UTF8.self)
        )
    }

    @Test(arguments: [
        // One hop, and several.
        ("203.0.113.9", "203.0.113.9", 0),
        ("203.0.113.9:4000", "203.0.113.9", 4000),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9", 0),
        ("203.0.113.9, 10.0.0.1", "203.0.113.9", 0),
        ("198.51.100.1, 203.0.113.9, 10.0.0.1, 10.0.0.2", "203.0.113.9", 0),
        // All are trusted: the first one of them.
        ("10.0.0.3, 10.0.0.1", "10.0.0.3", 0),
        // What is written in other ways.
        ("  203.0.113.9\t", "203.0.113.9", 0),
        ("203.0.113.9,,10.0.0.1,", "203.0.113.9", 0),
        ("2001:DB8:0::0009", "2001:db8::9", 0),
        ("[2001:db8::9]:4000", "2001:db8::9", 4000),
        ("[2001:db8::9]", "2001:db8::9", 0),
        ("::ffff:203.0.113.9", "203.0.113.9", 0),
        ("::ffff:10.0.0.1, 203.0.113.9, ::ffff:10.0.0.1", "203.0.113.9", 0),
        // What is broken counts for nothing, nor does what stands before it.
        ("", "192.0.2.7", 4711),
        (",,,", "192.0.2.7", 4711),
        ("unknown", "192.0.2.7", 4711),
        ("203.0.113.9, evil", "192.0.2.7", 4711),
        ("203.0.113.9, evil, 10.0.0.1", "10.0.0.1", 0),
        ("203.0.113.9:99999", "192.0.2.7", 4711),
        ("203.0.113.9:", "192.0.2.7", 4711),
        ("203.0.113.09", "192.0.2.7", 4711),
        ("203.0.113.9 10.0.0.1", "192.0.2.7", 4711),
        ("[203.0.113.9]:80", "192.0.2.7", 4711),
        ("[2001:db8::9", "192.0.2.7", 4711),
        ("2001:db8::9]:80", "192.0.2.7", 4711),
        ("fe80::1%eth0", "192.0.2.7", 4711),
        ("1.2.3.4.5", "192.0.2.7", 4711),
        (":::", "192.0.2.7", 4711),
        ("\u{0}", "192.0.2.7", 4711),
    ])
    func legacyListsAreReadFromTheEnd(_ list: String, _ address: String, _ port: Int) throws {
        let client = try client([("X-Forwarded-For", list)])
        #expect(client.address == address)
        #expect(client.port == port)
    }

    @Test(arguments: [
        ("for=203.0.113.9", "203.0.113.9", 0, "http", "example.com"),
        ("For=\"203.0.113.9:4000\";Proto=HTTPS;Host=shop.example", "203.0.113.9", 4000, "https", "shop.example"),
        ("for=\"[2001:db8::9]:4000\"", "2001:db8::9", 4000, "http", "example.com"),
        ("for=198.51.100.1, for=203.0.113.9;by=10.0.0.1 ; proto=https", "203.0.113.9", 0, "https", "example.com"),
        (
            "for=203.0.113.9;proto=https;host=a.example, for=10.0.0.1;proto=http;host=b", "203.0.113.9", 0, "https",
            "a.example"
        ),
        // A quote that the client left open takes nothing in.
        ("for=\"198.51.100.1, for=203.0.113.9", "203.0.113.9", 0, "http", "example.com"),
        ("for=203.0.113.9;ext=\"a, for=1.2.3.4\"", "203.0.113.9", 0, "http", "example.com"),
        // RFC 7239 section 6: they say nothing.
        ("for=unknown", "192.0.2.7", 4711, "http", "example.com"),
        ("for=_hidden, for=10.0.0.1", "10.0.0.1", 0, "http", "example.com"),
        ("for=203.0.113.9;for=1.2.3.4", "192.0.2.7", 4711, "http", "example.com"),
        ("for", "192.0.2.7", 4711, "http", "example.com"),
        ("for=", "192.0.2.7", 4711, "http", "example.com"),
        ("=203.0.113.9", "192.0.2.7", 4711, "http", "example.com"),
        ("for=\"203.0.113.9", "192.0.2.7", 4711, "http", "example.com"),
        ("for=\"203.\\0.113.9\"", "192.0.2.7", 4711, "http", "example.com"),
        ("for=203.0.113.9;host=\"a b\"", "203.0.113.9", 0, "http", "example.com"),
        ("for=203.0.113.9;proto=gopher", "203.0.113.9", 0, "http", "example.com"),
    ])
    func standardListsAreReadFromTheEnd(
        _ list: String, _ address: String, _ port: Int, _ scheme: String, _ host: String
    ) throws {
        let client = try client([("Forwarded", list)])
        #expect(client == (address, port, scheme, host))
    }

    @Test func fieldsOfOneNameAreOneList() throws {
        let fields = [
            ("X-Forwarded-For", "198.51.100.1, 203.0.113.9"), ("accept", "*/*"), ("x-forwarded-for", "10.0.0.1"),
        ]
        #expect(try client(fields).address == "203.0.113.9")
    }

    @Test func theStandardOneCountsAlone() throws {
        let fields = [("Forwarded", "for=1.2.3.4;proto=https"), ("X-Forwarded-For", "203.0.113.9")]
        let client = try client(fields)
        #expect(client.address == "203.0.113.9")
        #expect(client.scheme == "http")
    }

    @Test(arguments: [
        ("203.0.113.9", "https", "https"), ("203.0.113.9", "HTTPS", "https"),
        ("203.0.113.9, 10.0.0.1", "https, http", "https"),
        ("203.0.113.9", "https, http", "http"), ("203.0.113.9, 10.0.0.1", "https", "https"), ("", "https", "https"),
        ("203.0.113.9", "ftp", "http"), ("203.0.113.9", "", "http"),
    ])
    func schemesBelongToHops(_ list: String, _ schemes: String, _ scheme: String) throws {
        let fields = [("X-Forwarded-For", list), ("X-Forwarded-Proto", schemes)]
        #expect(try client(fields).scheme == scheme)
    }

    @Test(arguments: [
        ("shop.example", "shop.example"), ("shop.example:8443", "shop.example:8443"),
        ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ("a/b", "example.com"), ("a b", "example.com"), ("a@b", "example.com"), ("a:b", "example.com"),
        (":80", "example.com"),
        ("[1.2.3.4]", "example.com"), ("", "example.com"), ("a\"b", "example.com"),
        ("evil.example, shop.example", "shop.example"),
    ])
    func hostsAreTakenIfTheyArePlain(_ sent: String, _ host: String) throws {
        #expect(try client([("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Host", sent)]).host == host)
    }

    @Test func nobodyElseIsBelieved() throws {
        let fields = [
            ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
        ]
        let client = try client(fields, trusting: ["10.0.0.0/8"])
        #expect(client == ("192.0.2.7", 4711, "http", "example.com"))
    }

    @Test func noListIsTooLong() throws {
        let long = Array(repeating: "10.0.0.1", count: 1500).joined(separator: ",")
        #expect(try client([("X-Forwarded-For", "203.0.113.9," + long)]).address == "10.0.0.1")
        #expect(try client([("X-Forwarded-For", String(repeating: ",", count: 16000))]).address == "192.0.2.7")
        #expect(try client([("Forwarded", String(repeating: "\"", count: 16001))]).address == "192.0.2.7")
    }

    /// Whatever stands there, it ends, and gives an address.
    @Test func anythingCanStandThere() throws {
        let alphabet = Array("0123456789abcdef.:,;=[]\" \\forproto".unicodeScalars)
        var seed: UInt64 = 3
        func next(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        for _ in 0..<4000 {
            var text = ""
            for _ in 0..<next(40) { text.unicodeScalars.append(alphabet[next(alphabet.count)]) }
            for name in ["X-Forwarded-For", "Forwarded"] {
                let client = try client([(name, text), (name, "for=10.0.0.1")])
                #expect(IPAddress(client.address) != nil, "\(text)")
            }
        }
    }
}
