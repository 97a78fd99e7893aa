import JSON
import Pipeline
import Testing
import Transport

private func read(_ text: String, limits: HeadLimits = HeadLimits()) -> HeadReading {
    HeadReading(HeadReading.bytes(latin1: text), limits: limits)
}

/// A head with one request line and a Host.
private func read(line: String) -> HeadReading { read("\(line)\r\nHost: h\r\n\r\n") }

@Suite struct HeadParserTests {
    @Test func fillsEverything() {
        let text =
            "POST /a/b%20c?x=1&y=?/ HTTP/1.1\r\nhost: example.com:8080\r\nContent-Length:  12 \t\r\nX-Empty:\r\n"
            + "Connection: Keep-Alive\r\nExpect: 100-continue\r\nX-List: a, b\tc\r\nuser-agent: \u{E9}\r\n\r\n"
        let reading = read(text + "body that follows")
        #expect(reading.result == .complete(text.unicodeScalars.count))
        #expect(reading.method == .post)
        #expect(reading.methodName == "POST")
        #expect(reading.target == "/a/b%20c?x=1&y=?/")
        #expect(reading.path == "/a/b%20c")
        #expect(reading.query == "x=1&y=?/")
        #expect(reading.host == "example.com:8080")
        #expect(reading.framing == .length(12))
        #expect(!reading.isHTTP10 && reading.keepAlive && reading.expectsContinue)
        #expect(
            reading.fields == [
                .init(name: "host", value: "example.com:8080", known: .host),
                .init(name: "Content-Length", value: "12", known: .contentLength),
                .init(name: "X-Empty", value: "", known: .other),
                .init(name: "Connection", value: "Keep-Alive", known: .connection),
                .init(name: "Expect", value: "100-continue", known: .expect),
                .init(name: "X-List", value: "a, b\tc", known: .other),
                .init(name: "user-agent", value: "\u{E9}", known: .userAgent),
            ])
    }

    @Test func notesKnownFields() {
        var head = Head()
        var scanned = 0
        head.bytes.append("GET / HTTP/1.1\r\nAccept: a\r\nX: b\r\nHost: h\r\naccept: c\r\n\r\n" as StaticString)
        guard case .complete = HeadParser.parse(&head, scanned: &scanned) else {
            Issue.record("refused")
            return
        }
        #expect(head.value(of: .accept) == head.fields[0].value)
        #expect(head.value(of: .host) == head.host)
        #expect(head.value(of: .cookie) == nil)
    }

    @Test(arguments: [
        ("GET /a HTTP/1.1", "/a", "", "h"), ("GET /?q HTTP/1.1", "/", "q", "h"), ("GET /a? HTTP/1.1", "/a", "", "h"),
        ("GET //a//b HTTP/1.1", "//a//b", "", "h"), ("GET /* HTTP/1.1", "/*", "", "h"),
        ("OPTIONS * HTTP/1.1", "*", "", "h"), ("OPTIONS /x HTTP/1.1", "/x", "", "h"),
        ("GET http://b HTTP/1.1", "/", "", "b"), ("GET http://b?q HTTP/1.1", "/", "q", "b"),
        ("GET http://b:1/ HTTP/1.1", "/", "", "b:1"), ("GET HTTPS://[::1]/x?y HTTP/1.1", "/x", "y", "[::1]"),
        ("CONNECT b:443 HTTP/1.1", "", "", "b:443"),
    ]) func targets(line: String, path: String, query: String, host: String) {
        let reading = read(line: line)
        #expect(reading.path == path)
        #expect(reading.query == query)
        #expect(reading.host == host)
        #expect(reading.target == line.split(separator: " ")[1])
    }

    @Test(arguments: [
        ("GET", Method.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete), ("PATCH", .patch),
        ("OPTIONS", .options), ("TRACE", .trace), ("get", .other), ("GETS", .other), ("G", .other), ("QUERY", .other),
    ]) func methods(name: String, method: Method) {
        let reading = read(line: "\(name) / HTTP/1.1")
        #expect(reading.method == method)
        #expect(reading.methodName == name)
    }

    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close", false), ("1.1", "Connection: CLOSE , x", false),
        ("1.1", "Connection: x,close", false), ("1.1", "Connection: closed", true),
        ("1.1", "Connection: keep-alive, close", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close", false), ("1.1", "Connection:", true),
        ("1.1", "Connection: ,,", true),
        ("1.0", "", false), ("1.0", "Connection: Keep-Alive", true), ("1.0", "Connection: close, keep-alive", false),
        ("1.0", "Connection: x, keep-alive", true), ("1.9", "", true),
    ]) func keepAlive(version: String, field: String, expected: Bool) {
        let reading = read("GET / HTTP/\(version)\r\nHost: h\r\n\(field)\(field.isEmpty ? "" : "\r\n")\r\n")
        #expect(reading.keepAlive == expected)
        #expect(reading.isHTTP10 == (version == "1.0"))
    }

    @Test(arguments: [
        ("", Head.Framing.none), ("Content-Length: 0\r\n", .none), ("Content-Length: 5\r\n", .length(5)),
        ("Content-Length: 0005\r\n", .length(5)), ("Content-Length: 9223372036854775807\r\n", .length(.max)),
        ("Transfer-Encoding: chunked\r\n", .chunked), ("transfer-encoding:CHUNKED\t\r\n", .chunked),
    ]) func framing(fields: String, expected: Head.Framing) {
        #expect(read("POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n").framing == expected)
    }

    /// HTTP/1.0 cannot wait, and without a body there is nothing to wait for.
    @Test func expectation() {
        let fields = "Host: h\r\nExpect: 100-continue\r\n"
        #expect(read("POST / HTTP/1.1\r\n\(fields)Content-Length: 1\r\n\r\n").expectsContinue)
        #expect(read("POST / HTTP/1.1\r\n\(fields)Transfer-Encoding: chunked\r\n\r\n").expectsContinue)
        #expect(!read("POST / HTTP/1.0\r\n\(fields)Content-Length: 1\r\n\r\n").expectsContinue)
        #expect(!read("POST / HTTP/1.1\r\n\(fields)\r\n").expectsContinue)
    }

    @Test func limitsAreExact() {
        let line = "GET /12345 HTTP/1.1\r\n"
        let fields = "Host: h\r\nX: 5678\r\n"
        let length = line.utf8.count + fields.utf8.count + 2
        let text = "\(line)\(fields)\r\n"
        func result(_ field: Int, _ total: Int, _ count: Int) -> HeadReading.Result {
            let limits = HeadLimits(field: field, total: total, count: count)
            let whole = read(text, limits: limits).result
            for cut in 0..<text.utf8.count {
                #expect(HeadReading(Array(text.utf8), cuts: [cut], limits: limits).result == whole)
            }
            return whole
        }
        #expect(result(7, length, 2) == .complete(length))
        #expect(result(6, length, 2) == .refused(431))
        #expect(result(5, length, 2) == .refused(414))
        #expect(result(7, length - 1, 2) == .refused(431))
        #expect(result(7, length, 1) == .refused(431))
        #expect(result(7, length, 0) == .refused(431))
        #expect(result(.max, .max, .max) == .complete(length))
        #expect(result(.min, .min, .min) == .refused(431))
    }

    /// Bytes that no name, value or target may hold, at each place of a word: the parser looks at eight at a time.
    @Test func everyByteAtEveryPlace() {
        let token = Set("!#$%&'*+-.^_`|~".utf8).union(UInt8(ascii: "0")...UInt8(ascii: "9"))
            .union(UInt8(ascii: "a")...UInt8(ascii: "z")).union(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        let notPath = Set("\"#<>\\`{} ?".utf8)
        let notQuery = Set("\"#<> ".utf8)
        func isRead(_ before: String, _ byte: UInt8, _ place: Int, _ after: String) -> Bool {
            var run = [UInt8](repeating: UInt8(ascii: "x"), count: 17)
            run[place] = byte
            let bytes = Array("\(before)".utf8) + run + Array(after.utf8)
            return HeadReading(bytes).result == .complete(bytes.count)
        }
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                let start = "GET / HTTP/1.1\r\nHost: h\r\n"
                let isText = byte >= 0x20 && byte != 0x7F || byte == 0x09
                let isVisible = byte > 0x20 && byte != 0x7F
                #expect(
                    isRead(start + "N", byte, place, ": v\r\n\r\n")
                        == (token.contains(byte) || byte == UInt8(ascii: ":")))
                #expect(isRead(start + "n: v", byte, place, "v\r\n\r\n") == isText)
                #expect(
                    isRead("GET /", byte, place, " HTTP/1.1\r\nHost: h\r\n\r\n")
                        == (isVisible && !notPath.contains(byte) || byte == UInt8(ascii: "?")))
                #expect(
                    isRead("GET /?", byte, place, " HTTP/1.1\r\nHost: h\r\n\r\n")
                        == (isVisible && !notQuery.contains(byte)))
                #expect(isRead("M", byte, place, " / HTTP/1.1\r\nHost: h\r\n\r\n") == token.contains(byte))
            }
        }
    }

    /// What cannot become a request is refused when it comes, not when the head would be complete.
    @Test(arguments: [
        "\u{16}\u{3}\u{1}", "GET / FTP", "(", "GET \u{7F}", "GET / HTTP/1.1\r\nA b", "\n", "\r\r", "GET /a#",
    ])
    func garbageIsRefusedEarly(text: String) {
        #expect(read(text).result == .refused(400))
    }

    /// A head of 64 KiB that comes a byte at a time is parsed a few times, not 64 thousand times: parsed whole at
    /// each byte, this would take minutes.
    @Test func dropsAreNotQuadratic() {
        let line = "X: " + String(repeating: "a", count: 8000) + "\r\n"
        let text = "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: line, count: 8) + "\r\n"
        let bytes = Array(text.utf8)
        #expect(HeadReading(bytes, cuts: Array(1..<bytes.count)).result == .complete(bytes.count))
    }

    /// A head that is used again holds nothing of the request before.
    @Test func headIsReusable() {
        var head = Head()
        for text in [
            "GET http://b/x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        ] {
            head.reset()
            head.bytes.append(text)
            var scanned = 0
            guard case .complete = HeadParser.parse(&head, scanned: &scanned) else {
                Issue.record("refused")
                return
            }
            #expect(scanned == 0)
        }
        #expect(head.query.isEmpty && head.keepAlive && head.framing == .none && head.fieldCount == 1 && !head.isHTTP10)
        #expect(head.host.count == 1 && head.path.count == 1)
    }
}
