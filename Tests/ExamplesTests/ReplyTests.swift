import Testing

@testable import Examples

@Suite struct ReplyTests {
    static let whole: [(String, method: String, status: Int, body: String)] = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "GET", 200, "hi"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", "HEAD", 200, ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", "GET", 204, ""),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", "GET", 304, ""),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nx-t: 1\r\n\r\n", "GET",
            200, "hi!"
        ),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", "GET", 200, "hi"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "GET", 200, ""),
    ]

    @Test(arguments: whole)
    func answerIsRead(_ bytes: String, _ method: String, _ status: Int, _ body: String) throws {
        let reply = try Reply.read(Array(bytes.utf8), method: method, isOver: true)
        #expect(reply?.status == status)
        #expect(reply.map { String(decoding: $0.body, as: UTF8.self) } == body)
        #expect(reply?.isWhole == true)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi", "hi"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n", "hi"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhi", "hi"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", "hi"),
    ])
    func endThatComesTooEarlyIsSeen(_ bytes: String, _ body: String) throws {
        let reply = try Reply.read(Array(bytes.utf8), method: "GET", isOver: true)
        #expect(reply?.isWhole == false)
        #expect(reply.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\na: b", "HTTP/1.1 100 Continue\r\n\r\n"])
    func halfAHeadIsNoAnswer(_ bytes: String) throws {
        let reply = try Reply.read(Array(bytes.utf8), method: "GET", isOver: true)
        #expect(reply == nil)
    }

    @Test(arguments: [
        ("HTTP/1.0 200 OK\r\n\r\n", "the status line is `HTTP/1.0 200 OK`"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "the status line is `HTTP/1.1 2000 OK`"),
        ("HTTP/1.1 200 OK\n\n", "a line ends without CR"),
        ("HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n", "a CR stands alone"),
        ("HTTP/1.1 200 OK\r\na b: c\r\n\r\n", "a header line is `a b: c`"),
        ("HTTP/1.1 204 OK\r\ncontent-length: 0\r\n\r\n", "an answer with status 204 says how long its body is"),
        ("HTTP/1.1 200 OK\r\n\r\nhi", "nothing says how long the body is"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
            "two header fields say how long the body is"
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na", "the length is `+1`"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\na", "the length is `99999999999999999999`"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", "the coding is `gzip`"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n", "the size of a chunk is `x`"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", "a chunk is longer than its size"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", "bytes follow the answer"),
    ])
    func whatIsNoHTTPIsToldSo(_ bytes: String, _ reason: String) {
        #expect(throws: Reply.Fault(reason: reason)) {
            try Reply.read(Array(bytes.utf8), method: "GET", isOver: true)
        }
    }
}
