import JSON
import Pipeline
import Testing

@testable import Transport

/// What RFC 9113 forbids, rule by rule: what ends the connection, what one stream, what is answered, and what is let pass.
@Suite struct HTTP2RulesTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        let name: String
        let frames: [TestFrame]
        let error: HTTP2Error

        init(_ name: String, _ error: HTTP2Error, _ frames: TestFrame...) {
            self.name = name
            self.frames = frames
            self.error = error
        }

        var testDescription: String { name }
    }

    private static func frame(
        _ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = []
    ) -> TestFrame {
        TestFrame(kind: kind, flags: flags, stream: stream, payload: payload)
    }

    private static func get(_ id: UInt32, _ path: String = "/hello", ends: Bool = true) -> TestFrame {
        .headers(id, TestFrame.fields("GET", path), ends: ends)
    }

    static let fatal: [Rule] = [
        Rule("4.2 a frame longer than 16 KiB", .frameSize, frame(0, 0, 1, Array(repeating: 0, count: 16385))),
        Rule("4.3 a block that cannot be read", .compression, frame(1, 5, 1, [0xBF])),
        Rule("4.3 such a block of trailers", .compression, get(1, "/late", ends: false), frame(1, 5, 1, [0xBF])),
        Rule("5.1 DATA on an idle stream", .protocol, .data(1, "x")),
        Rule("5.1 RST_STREAM on an idle stream", .protocol, .reset(1)),
        Rule("5.1 WINDOW_UPDATE on an idle stream", .protocol, .window(1, 1)),
        Rule("5.1 HEADERS on a closed stream", .streamClosed, get(1), get(1)),
        Rule("5.1 DATA on a closed stream", .streamClosed, get(1), .data(1, "x")),
        Rule("5.1.1 an even id", .protocol, get(2)),
        Rule("5.1.1 an id that does not rise", .protocol, get(5), get(3)),
        Rule("6.1 DATA on no stream", .protocol, .data(0, "x")),
        Rule("6.1 more padding than DATA", .protocol, get(1, "/late", ends: false), frame(0, 8, 1, [2, 0])),
        Rule("6.1 a padded frame without its length", .protocol, get(1, "/late", ends: false), frame(0, 8, 1, [])),
        Rule("6.2 HEADERS on no stream", .protocol, get(0)),
        Rule("6.2 more padding than HEADERS", .protocol, frame(1, 0x0D, 1, [9, 0x82])),
        Rule("6.2 HEADERS too short for a priority", .frameSize, frame(1, 0x25, 1, [0, 0, 0])),
        Rule("6.3 PRIORITY on no stream", .protocol, frame(2, 0, 0, [0, 0, 0, 0, 1])),
        Rule("6.4 RST_STREAM on no stream", .protocol, .reset(0)),
        Rule("6.4 RST_STREAM of three bytes", .frameSize, get(1, "/late"), frame(3, 0, 1, [0, 0, 8])),
        Rule("6.5 SETTINGS on a stream", .protocol, frame(4, 0, 1)),
        Rule("6.5 SETTINGS that are not whole", .frameSize, frame(4, 0, 0, [0, 1, 0, 0, 0])),
        Rule("6.5 an acknowledgement with settings", .frameSize, frame(4, 1, 0, [0, 1, 0, 0, 0, 0])),
        Rule("6.5.2 ENABLE_PUSH of 2", .protocol, .settings([(2, 2)])),
        Rule("6.5.2 a window of 2 GiB", .flowControl, .settings([(4, 1 << 31)])),
        Rule("6.5.2 frames too small", .protocol, .settings([(5, 16383)])),
        Rule("6.5.2 frames too large", .protocol, .settings([(5, 1 << 24)])),
        Rule("6.6 PUSH_PROMISE", .protocol, frame(5, 4, 1, [0, 0, 0, 2])),
        Rule("6.7 PING on a stream", .protocol, frame(6, 0, 1, Array(repeating: 0, count: 8))),
        Rule("6.7 PING of seven bytes", .frameSize, frame(6, 0, 0, Array(repeating: 0, count: 7))),
        Rule("6.8 GOAWAY on a stream", .protocol, frame(7, 0, 1, Array(repeating: 0, count: 8))),
        Rule("6.8 GOAWAY that is not whole", .frameSize, frame(7, 0, 0, Array(repeating: 0, count: 7))),
        Rule("6.9 WINDOW_UPDATE of three bytes", .frameSize, frame(8, 0, 0, [0, 0, 1])),
        Rule("6.9 the connection's window opened by nothing", .protocol, .window(0, 0)),
        Rule("6.9.1 the connection's window too large", .flowControl, .window(0, 0x7FFF_FFFF)),
        Rule(
            "6.9.2 a window too large by SETTINGS", .flowControl, get(1, "/late"), .window(1, 0x7FFF_0000),
            .settings([(4, 0x7FFF_FFFF)])),
        Rule("6.10 CONTINUATION of nothing", .protocol, frame(9, 4, 1)),
        Rule("6.10 a frame within a block", .protocol, frame(1, 1, 1, [0x82]), .ping()),
        Rule("6.10 CONTINUATION on another stream", .protocol, frame(1, 1, 1, [0x82]), frame(9, 4, 3)),
        Rule(
            "6.10 CONTINUATION without an end", .enhanceYourCalm, frame(1, 1, 1), flood, flood, flood, flood, flood,
            flood),
        Rule("RFC 9218 7.1 PRIORITY_UPDATE on a stream", .protocol, frame(16, 0, 1, [0, 0, 0, 1])),
        Rule("RFC 9218 7.1 PRIORITY_UPDATE for no stream", .protocol, frame(16, 0, 0, [0, 0, 0, 0])),
        Rule(
            "CVE-2019-9518 DATA that says nothing", .enhanceYourCalm, get(1, "/late", ends: false), .data(1, ""),
            .data(1, "")),
    ]
    private static let flood = frame(9, 0, 1)

    @Test(arguments: fatal)
    func endsTheConnection(rule: Rule) {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(9)], .wholeBody)]) { peer in
            for frame in rule.frames { peer.send(frame) }
            #expect(peer.goAway == rule.error.rawValue, "\(peer.frames)")
            #expect(peer.closing == .linger)
            #expect(peer.active == 0)
            // What comes behind it is dropped.
            peer.forget()
            peer.get(99)
            #expect(peer.frames.isEmpty)
            peer.pass(31)
            #expect(peer.closing == .now)
        }
    }

    @Test func beginsWithSettings() {
        let peer = HTTP2Peer([])
        peer.send(.ping())
        #expect(peer.goAway == HTTP2Error.protocol.rawValue)
        peer.finish()
    }

    // MARK: Streams

    static let harmless: [Rule] = [
        Rule("5.1 DATA behind the end", .streamClosed, get(1, "/late"), .data(1, "x")),
        Rule("5.1 HEADERS behind the end", .streamClosed, get(1, "/late"), get(1)),
        Rule("6.3 PRIORITY of four bytes", .frameSize, get(1, "/late"), frame(2, 0, 1, [0, 0, 0, 0])),
        Rule("6.9 a window opened by nothing", .protocol, get(1, "/late"), .window(1, 0)),
        Rule("6.9.1 a window too large", .flowControl, get(1, "/late"), .window(1, 0x7FFF_FFFF)),
        Rule(
            "6.9.1 more than the window", .flowControl, get(1, "/late", ends: false), piece, piece, piece, piece,
            .data(1, "x")),
        Rule(
            "8.1 trailers without an end", .protocol, get(1, "/late", ends: false),
            .headers(1, [("x", "y")], ends: false)),
        Rule(
            "8.1 a pseudo-header field in trailers", .protocol, get(1, "/late", ends: false),
            .headers(1, [(":path", "/")])),
        Rule("8.1.1 more than the content length", .protocol, length("3"), .data(1, "1234")),
        Rule("8.1.1 less than the content length", .protocol, length("3"), .data(1, "12", ends: true)),
        Rule(
            "8.1.1 trailers before the content length", .protocol, length("3"), .data(1, "12"),
            .headers(1, [("x", "y")])),
        Rule("8.1.1 a content length and no body", .protocol, length("3", ends: true)),
        Rule("8.1.1 a content length that is none", .protocol, length("x")),
        Rule(
            "8.1.1 two content lengths", .protocol,
            head(TestFrame.fields() + [("content-length", "0"), ("content-length", "0")])),
        Rule("8.2 a name in capitals", .protocol, head(TestFrame.fields() + [("X-A", "b")])),
        Rule("8.2.1 an empty name", .protocol, head(TestFrame.fields() + [("", "b")])),
        Rule("8.2.1 a blank in a name", .protocol, head(TestFrame.fields() + [("x a", "b")])),
        Rule("8.2.1 a colon in a name", .protocol, head(TestFrame.fields() + [("x:a", "b")])),
        Rule("8.2.1 CR in a value", .protocol, head(TestFrame.fields() + [("x", "a\rb")])),
        Rule("8.2.1 LF in a value", .protocol, head(TestFrame.fields() + [("x", "a\nb")])),
        Rule("8.2.1 NUL in a value", .protocol, head(TestFrame.fields() + [("x", "a\0b")])),
        Rule("8.2.1 a blank before a value", .protocol, head(TestFrame.fields() + [("x", " b")])),
        Rule("8.2.1 a tab behind a value", .protocol, head(TestFrame.fields() + [("x", "b\t")])),
        Rule("8.2.1 CR LF in :path", .protocol, head(TestFrame.fields("GET", "/ HTTP/1.1\r\nx: y"))),
        Rule(
            "8.2.1 NUL in :authority", .protocol,
            head([(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a\0")])),
        Rule("8.2.2 connection", .protocol, head(TestFrame.fields() + [("connection", "close")])),
        Rule("8.2.2 keep-alive", .protocol, head(TestFrame.fields() + [("keep-alive", "1")])),
        Rule("8.2.2 proxy-connection", .protocol, head(TestFrame.fields() + [("proxy-connection", "x")])),
        Rule("8.2.2 transfer-encoding", .protocol, head(TestFrame.fields() + [("transfer-encoding", "chunked")])),
        Rule("8.2.2 upgrade", .protocol, head(TestFrame.fields() + [("upgrade", "h2c")])),
        Rule("8.2.2 te that is not trailers", .protocol, head(TestFrame.fields() + [("te", "gzip")])),
        Rule("8.3 a pseudo-header field behind others", .protocol, head([("x", "y")] + TestFrame.fields())),
        Rule("8.3 an unknown pseudo-header field", .protocol, head(TestFrame.fields() + [(":x", "y")])),
        Rule("8.3 a pseudo-header field of answers", .protocol, head([(":status", "200")] + TestFrame.fields())),
        Rule("8.3 a pseudo-header field in capitals", .protocol, head([(":Path", "/")] + TestFrame.fields())),
        Rule("8.3.1 two methods", .protocol, head([(":method", "GET")] + TestFrame.fields())),
        Rule("8.3.1 two paths", .protocol, head([(":path", "/")] + TestFrame.fields())),
        Rule("8.3.1 no method", .protocol, head([(":scheme", "http"), (":path", "/"), (":authority", "a")])),
        Rule("8.3.1 no scheme", .protocol, head([(":method", "GET"), (":path", "/"), (":authority", "a")])),
        Rule("8.3.1 no path", .protocol, head([(":method", "GET"), (":scheme", "http"), (":authority", "a")])),
        Rule("8.3.1 an empty path", .protocol, head(TestFrame.fields("GET", ""))),
        Rule("8.3.1 a method that is no token", .protocol, head(TestFrame.fields("G T", "/"))),
        Rule(
            "8.3.1 a scheme that is none", .protocol,
            head([(":method", "GET"), (":scheme", "9"), (":path", "/"), (":authority", "a")])),
        Rule("8.3.1 two hosts", .protocol, head(TestFrame.fields() + [("host", "b")])),
        Rule("8.5 CONNECT with a path", .protocol, head(TestFrame.fields("CONNECT", "/"))),
        Rule("8.5 CONNECT without an authority", .protocol, head([(":method", "CONNECT")])),
        Rule(
            "RFC 8441 :protocol, which we do not offer", .protocol,
            head([(":protocol", "websocket")] + TestFrame.fields("CONNECT", "/"))),
    ]
    private static let piece = TestFrame.data(1, String(repeating: "x", count: 16384))

    private static func head(_ fields: [(String, String)]) -> TestFrame { .headers(1, fields, ends: true) }
    private static func length(_ length: String, ends: Bool = false) -> TestFrame {
        .headers(1, TestFrame.fields("POST", "/late", [("content-length", length)]), ends: ends)
    }

    @Test(arguments: harmless)
    func endsOneStream(rule: Rule) {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(9)], .wholeBody)]) { peer in
            for frame in rule.frames { peer.send(frame) }
            #expect(peer.answers[1]?.reset == rule.error.rawValue, "\(peer.frames)")
            #expect(peer.outcomes.map(\.reason) == [.malformed])
            peer.get(3)
            #expect(peer.text(3) == "hello")
            #expect(peer.closing == .open)
        }
    }

    // MARK: Answers

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: [(String, String)]
        let status: Int

        init(_ name: String, _ status: Int, _ fields: [(String, String)]) {
            testDescription = name
            self.fields = fields
            self.status = status
        }
    }

    static let refused: [Refused] = [
        Refused("a target that HTTP/1 refuses", 400, TestFrame.fields("GET", "/a b")),
        Refused("a target without a slash", 400, TestFrame.fields("GET", "hello")),
        Refused("an asterisk for GET", 400, TestFrame.fields("GET", "*")),
        Refused("a backslash", 400, TestFrame.fields("GET", "/a\\b")),
        Refused("a fragment", 400, TestFrame.fields("GET", "/?a#b")),
        Refused("no host at all", 400, [(":method", "GET"), (":scheme", "http"), (":path", "/")]),
        Refused(
            "an empty authority", 400, [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "")]),
        Refused(
            "user information", 400, [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "u@a")]),
        Refused(
            "two Host fields", 400,
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "a"), ("host", "a")]),
        Refused("a target that is too long", 414, TestFrame.fields("GET", "/" + String(repeating: "x", count: 16384))),
        Refused("a field that is too long", 431, TestFrame.fields() + [("x", String(repeating: "y", count: 16384))]),
        Refused("too many fields", 431, TestFrame.fields() + (0..<100).map { ("x\($0)", "y") }),
        Refused(
            "too much of them", 431,
            TestFrame.fields() + (0..<5).map { ("x\($0)", String(repeating: "y", count: 13_200)) }),
        Refused("another expectation", 417, TestFrame.fields() + [("expect", "200-ok")]),
        Refused("a method that is too long", 501, TestFrame.fields(String(repeating: "M", count: 65), "/")),
        Refused("CONNECT", 405, [(":method", "CONNECT"), (":authority", "a:443")]),
        Refused("CONNECT without a port", 400, [(":method", "CONNECT"), (":authority", "a")]),
    ]

    @Test(arguments: refused)
    func answersAsOverHTTP1(case refused: Refused) {
        HTTP2Peer.run { peer in
            let block = TestFrame.block(refused.fields)
            // Longer than a frame, it is continued.
            var pieces = stride(from: 0, to: block.count, by: 16384).map {
                Array(block[$0..<min(block.count, $0 + 16384)])
            }
            let first = pieces.removeFirst()
            peer.send(TestFrame(kind: FrameKind.headers, flags: pieces.isEmpty ? 5 : 1, stream: 1, payload: first))
            for (index, piece) in pieces.enumerated() {
                let isLast = index == pieces.count - 1
                peer.send(TestFrame(kind: FrameKind.continuation, flags: isLast ? 4 : 0, stream: 1, payload: piece))
            }
            #expect(peer.status(1) == refused.status, "\(peer.frames)")
            peer.get(3)
            #expect(peer.text(3) == "hello")
        }
    }

    /// The static table has an entry of it, which is not read as a literal is.
    @Test func anEmptyAuthorityIsNoneAsAnIndexToo() {
        HTTP2Peer.run { peer in
            peer.send(TestFrame(kind: FrameKind.headers, flags: 5, stream: 1, payload: [0x82, 0x86, 0x84, 0x81]))
            #expect(peer.status(1) == 400)
        }
    }

    @Test(arguments: [
        [("host", "a")], [("host", "A")], [("host", "a:80")], [("te", "trailers")], [("x", "a\tb")], [("x", "")],
        [("priority", "u=1, i")], [("cookie", "a=b"), ("x", "y"), ("cookie", "c=d")],
    ])
    func takes(fields: [(String, String)]) {
        HTTP2Peer.run { peer in
            peer.send(.headers(1, TestFrame.fields() + fields))
            #expect(peer.text(1) == "hello")
        }
    }

    @Test func joinsCookies() {
        let responder = ScriptedResponder(start: { exchange in
            var count = 0
            for index in 0..<exchange.head.fieldCount where exchange.head.fields[index].known == .cookie {
                count += 1
                exchange.loop.state.pointee.body.append(exchange.head.slice(exchange.head.fields[index].value))
            }
            return exchange.say("|\(count)|\(exchange.head.fieldCount)")
        })
        HTTP2Peer.run([ScriptedRoute("/x", responder)]) { peer in
            peer.send(
                .headers(
                    1, TestFrame.fields("GET", "/x", [("cookie", "a=b"), ("x", "y"), ("cookie", "c"), ("cookie", "d")]))
            )
            #expect(peer.text(1) == "a=b; c; d|1|3")
        }
    }

    @Test func keepsPriorities() {
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(9)], .text("x"))]) { peer in
            peer.send(.headers(1, TestFrame.fields("GET", "/late", [("priority", "u=5, i")])))
            #expect(peer.connection.pointee.streams.find(1)?.pointee.priority.urgency == 5)
            #expect(peer.connection.pointee.streams.find(1)?.pointee.priority.isIncremental == true)
            peer.send(TestFrame(kind: FrameKind.priorityUpdate, payload: [0, 0, 0, 1] + Array("u=0".utf8)))
            #expect(peer.connection.pointee.streams.find(1)?.pointee.priority.urgency == 0)
            #expect(peer.connection.pointee.streams.find(1)?.pointee.priority.isIncremental == false)
        }
    }

    @Test(arguments: [
        TestFrame(kind: 200, flags: 255, stream: 5, payload: [1, 2, 3]),
        TestFrame(kind: FrameKind.priority, stream: 7, payload: [0, 0, 0, 7, 1]),
        TestFrame(kind: FrameKind.priorityUpdate, payload: [0, 0, 0, 9, 0x75]),
        TestFrame.settings([(999, 1), (1, 0), (3, 0)]),
        TestFrame.window(1, 10), TestFrame.reset(1),
    ])
    func letsPass(frame: TestFrame) {
        HTTP2Peer.run { peer in
            peer.get(1)
            peer.send(frame)
            peer.get(3)
            #expect(peer.text(3) == "hello")
            #expect(peer.closing == .open)
        }
    }

    @Test func paddingAndOldPrioritiesAreReadPast() {
        HTTP2Peer.run([ScriptedRoute("/echo", .wholeBody)]) { peer in
            let block = TestFrame.block(TestFrame.fields("POST", "/echo"))
            peer.send(
                TestFrame(
                    kind: FrameKind.headers, flags: 0x2C, stream: 1,
                    payload: [3, 0x80, 0, 0, 1, 9] + block + [0, 0, 0]))
            peer.send(TestFrame(kind: FrameKind.data, flags: 9, stream: 1, payload: [2] + Array("abc".utf8) + [0, 0]))
            #expect(peer.text(1) == "abc")
        }
    }

    @Test func streamsOverTheLimitAreRefused() {
        var limits = ConnectionLimits()
        limits.streams = 2
        HTTP2Peer.run([ScriptedRoute("/late", early: [ScriptedStage.park(9)], .text("late"))], limits: limits) { peer in
            peer.get(1, "/late")
            peer.get(3, "/late")
            peer.get(5, "/late")
            #expect(peer.answers[5]?.reset == HTTP2Error.refusedStream.rawValue)
            peer.pass(9)
            #expect(peer.text(1) == "late" && peer.text(3) == "late")
            peer.get(7)
            #expect(peer.text(7) == "hello")
        }
    }
}
