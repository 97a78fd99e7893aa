import JSON
import Pipeline
import Testing

/// The pure parts of gRPC: times, texts and details, and messages in pieces.
@Suite struct GRPCTests {
    @Test(
        arguments: [
            ("1n", 1), ("1u", 1_000), ("1m", 1_000_000), ("1S", 1_000_000_000), ("1M", 60_000_000_000),
            ("1H", 3_600_000_000_000), ("0S", 0), ("00000010S", 10_000_000_000), ("99999999H", Int64.max),
            ("99999999n", 99_999_999), ("", nil), ("S", nil), ("1", nil), ("1x", nil), ("123456789n", nil),
            ("+1S", nil),
        ] as [(String, Int64?)])
    func timeouts(_ text: String, _ expected: Int64?) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { GRPCTimeout.nanoseconds($0) } == expected)
    }

    private static func written(_ message: String) -> String {
        var out = ByteWriter()
        CallStatus.write(message, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("plain ~!", "plain ~!"), ("100%", "100%25"), ("a\r\nb", "a%0D%0Ab"), ("é", "%C3%A9"), ("\u{7F}", "%7F"),
        ("👍", "%F0%9F%91%8D"), ("", ""),
    ])
    func messagesAreEscaped(_ text: String, _ expected: String) { #expect(Self.written(text) == expected) }

    @Test func longMessagesEndBehindAScalar() {
        #expect(Self.written(String(repeating: "x", count: 10_000)).utf8.count == 4096)
        let text = Self.written("x" + String(repeating: "é", count: 10_000))
        #expect(text.utf8.count == 4093)
        #expect(text.hasSuffix("%C3%A9"))
    }

    private static func details(_ failure: Failure) -> String? {
        var out = ByteWriter()
        guard CallStatus.write(detailsOf: failure, into: &out) else { return nil }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func decoded(_ failure: Failure) -> [UInt8]? {
        details(failure).flatMap { try? Base64.decode(Array($0.utf8)).get() }
    }

    @Test func detailsAreAStatus() {
        let failure = Failure(.aborted, "m", details: [ErrorDetail(type: "t.A", bytes: [8, 1])])
        let url = Array("type.googleapis.com/t.A".utf8)
        let any = [0x0A, UInt8(url.count)] + url + [0x12, 2, 8, 1]
        #expect(Self.decoded(failure) == [8, 10, 0x12, 1, UInt8(ascii: "m"), 0x1A, UInt8(any.count)] + any)
        #expect(Self.details(Failure(.aborted, "m")) == nil)
    }

    @Test func retryAndQuotaAreDetails() {
        let failure = Failure(.resourceExhausted, "", retryAfter: 2, violated: [Array("burst".utf8)])
        let text = String(decoding: Self.decoded(failure) ?? [], as: UTF8.self)
        #expect(text.contains("google.rpc.RetryInfo\u{12}\u{4}\n\u{2}\u{8}\u{2}"))
        #expect(text.contains("google.rpc.QuotaFailure\u{12}\u{9}\n\u{7}\n\u{5}burst"))
        let own = Failure(
            .unavailable, "", retryAfter: 2, details: [ErrorDetail(type: "google.rpc.RetryInfo", bytes: [])])
        #expect(Self.decoded(own)?.filter { $0 == 0x1A }.count == 1)
    }

    @Test func whatDoesNotFitIsLeftOut() {
        let big = ErrorDetail(type: "t.Big", bytes: [UInt8](repeating: 7, count: 7000))
        let small = ErrorDetail(type: "t.Small", bytes: [])
        #expect(Self.details(Failure(.internal, "m", details: [big])) == nil)
        let both = Self.decoded(Failure(.internal, "m", details: [big, small]))
        #expect(both.map { $0.count < 100 } == true)
        let long = Failure(.internal, String(repeating: "x", count: 5000), details: [small])
        #expect(Self.details(long) == nil)
    }

    /// A responder reads the message of a unary call after its body has ended.
    @Test func whatIsHeldOutlastsTheEnd() {
        var frames = MessageFrames()
        var held = ByteWriter()
        for piece in [[0, 0, 0, 0, 2, 7], [8], []] as [[UInt8]] {
            piece.withUnsafeBufferPointer { piece in
                var at = 0
                while case .message = frames.next(piece, &at, limit: 3, held: &held) {}
            }
        }
        #expect(Array(held.bytes) == [7, 8])
    }

    /// However the bytes are cut, the same messages come out.
    @Test func framesInAnyPieces() {
        let bytes: [UInt8] = [0, 0, 0, 0, 2, 7, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var frames = MessageFrames()
                var held = ByteWriter()
                var found: [[UInt8]] = []
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    Array(piece).withUnsafeBufferPointer { piece in
                        var at = 0
                        while case .message(let message, _) = frames.next(piece, &at, limit: 3, held: &held) {
                            found.append(Array(message))
                        }
                        #expect(at == piece.count)
                    }
                }
                #expect(found == [[7, 8], [], [1, 2, 3]])
                #expect(!frames.isPartial && frames.count == 3)
            }
        }
    }
}
