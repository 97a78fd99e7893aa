import Testing

@testable import Client

@Suite struct HTTPReplyTests {
    private func read(_ text: String, hasEnded: Bool = false) -> HTTPReply.Outcome {
        HTTPReply.read(Array(text.utf8), hasEnded: hasEnded)
    }

    private func whole(_ status: Int, _ body: String = "", retryAfter: Int? = nil) -> HTTPReply.Outcome {
        .whole(HTTPPost.Reply(status: status, retryAfter: retryAfter, body: Array(body.utf8)))
    }

    @Test func itReadsAnAnswerOfAKnownLength() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") == whole(200, "hi"))
        #expect(read("HTTP/1.1 503 \r\nretry-after: 7\r\ncontent-length:0\r\n\r\n") == whole(503, retryAfter: 7))
    }

    @Test func itWaitsForTheRest() {
        #expect(read("HTTP/1.1 200 OK\r\nContent-Le") == .more)
        #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh") == .more)
        #expect(read("HTTP/1.1 200 OK\r\n\r\nh") == .more)
    }

    @Test func withoutALengthTheEndOfTheConnectionIsTheEnd() {
        #expect(read("HTTP/1.1 200 OK\r\n\r\nhi", hasEnded: true) == whole(200, "hi"))
    }

    @Test func whatComesBeforeTheAnswerIsPassedOver() {
        #expect(
            read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx") == whole(200, "x"))
    }

    @Test func chunksAreNotLookedAt() {
        #expect(read("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n") == whole(200))
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", "\r\n\r\n",
    ])
    func whatIsNoAnswerIsMalformed(text: String) { #expect(read(text) == .malformed) }

    @Test func anEndWithoutAnAnswerIsMalformed() {
        #expect(read("HTTP/1.1 200 OK\r\n", hasEnded: true) == .malformed)
        #expect(read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhi", hasEnded: true) == .malformed)
    }
}
