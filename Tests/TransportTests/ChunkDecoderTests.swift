import Testing
import Transport

@Suite struct ChunkDecoderTests {
    private static let message = Array(
        "5\r\nhello\r\n1;a=b\r\n \r\n00c;x;y=\"z\"\r\nworld \r\n\r\nab\r\n0;last\r\nX-Sum: 1\r\nY:\r\n\r\nGET / HTTP/1.1"
            .utf8)
    private static let next = 14

    @Test func decodes() {
        let reading = ChunkReading(Self.message)
        #expect(reading.body == Array("hello world \r\n\r\nab".utf8))
        #expect(reading.end == .end)
        #expect(reading.used == Self.message.count - Self.next)
    }

    /// Every way to cut it into two pieces and into three.
    @Test func cuttingChangesNothing() {
        let whole = ChunkReading(Self.message)
        for first in 0...Self.message.count {
            for second in first...Self.message.count {
                #expect(ChunkReading(Self.message, cuts: [first, second]) == whole)
            }
        }
        #expect(ChunkReading(Self.message, cuts: Array(0...Self.message.count)) == whole)
    }

    @Test func largestSizes() {
        #expect(ChunkReading(Array("7fffffffffffffff\r\nx".utf8)).body == [0x78])
        #expect(ChunkReading(Array("8000000000000000\r\nx".utf8)).end == .refused(.largeSize))
        #expect(ChunkReading(Array("07fffffffffffffff\r\nx".utf8)).end == .refused(.largeSize))
        #expect(ChunkReading(Array("0000000000000001\r\nx\r\n0\r\n\r\n".utf8)).end == .end)
    }

    @Test func answersTheSameAfterItsEnd() {
        var decoder = ChunkDecoder()
        Array("0\r\n\r\nrest".utf8).withUnsafeBufferPointer {
            var at = 0
            #expect(decoder.decode($0, from: &at) == .end)
            #expect(at == 5)
            #expect(decoder.decode($0, from: &at) == .end)
            #expect(at == 5)
        }
        var refused = ChunkDecoder()
        Array("x5\r\n".utf8).withUnsafeBufferPointer {
            var at = 0
            #expect(refused.decode($0, from: &at) == .refused(.badSize))
            #expect(refused.decode($0, from: &at) == .refused(.badSize))
        }
    }

    @Test func offsetsOutsideAreNoTrap() {
        var decoder = ChunkDecoder()
        Array("0\r\n\r\n".utf8).withUnsafeBufferPointer {
            var at = 99
            #expect(decoder.decode($0, from: &at) == .needMore)
            at = -1
            #expect(decoder.decode($0, from: &at) == .needMore)
        }
        var at = 0
        #expect(decoder.decode(UnsafeBufferPointer(start: nil, count: 0), from: &at) == .needMore)
    }

    @Test(arguments: [
        "host", "Content-Length", "TRANSFER-ENCODING", "connection", "te", "trailer", "upgrade", "expect", "range",
        "cookie", "authorization", "content-type", "content-encoding", "content-range",
    ]) func forbiddenTrailers(name: String) {
        let bytes = Array("0\r\nX: y\r\n\(name): 1\r\n\r\n".utf8)
        for cut in 0...bytes.count {
            #expect(ChunkReading(bytes, cuts: [cut]).end == .refused(.forbiddenTrailer))
        }
        #expect(ChunkReading(Array("0\r\n\(name)x: 1\r\nx\(name): 1\r\n\r\n".utf8)).end == .end)
    }

    @Test func largeBodyIsNotCopiedOrCounted() {
        let data = [UInt8](repeating: 7, count: 1_000_000)
        let bytes = Array("f4240\r\n".utf8) + data + Array("\r\n0\r\n\r\n".utf8)
        #expect(ChunkReading(bytes).body == data)
        #expect(ChunkReading(bytes, cuts: [3, 8, 500_000, 1_000_007, 1_000_008]).body == data)
    }
}
