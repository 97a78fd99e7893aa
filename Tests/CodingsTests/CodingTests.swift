import Codings
import JSON
import Testing

/// zlib at work, through the wrappers: pieces, ends, limits and what is broken.
struct CodingTests {
    private static let text = Array(String(repeating: "All that is gold does not glitter. ", count: 3000).utf8)

    private static func deflated(_ bytes: [UInt8], _ coding: ContentCoding, piece: Int = .max) throws -> [UInt8] {
        let deflater = try #require(Deflater(coding, level: 5))
        var out = ByteWriter()
        var at = 0
        repeat {
            let end = min(bytes.count, at + min(piece, bytes.count))
            bytes[at..<end].withUnsafeBufferPointer {
                deflater.compress($0, isLast: end == bytes.count, into: &out)
            }
            at = end
        } while at < bytes.count
        return Array(out.bytes)
    }

    private static func inflated(
        _ bytes: [UInt8], _ coding: ContentCoding, piece: Int = .max, limit: Int = 1 << 20
    ) throws -> (Inflater.Outcome, [UInt8]) {
        let inflater = try #require(Inflater(coding))
        var out = ByteWriter()
        var outcome = Inflater.Outcome.more
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + min(piece, bytes.count))
            outcome = bytes[at..<end].withUnsafeBufferPointer { inflater.inflate($0, limit: limit, into: &out) }
            if outcome == .broken || outcome == .tooLarge { break }
            at = end
        }
        return (outcome, Array(out.bytes))
    }

    @Test(arguments: ContentCoding.allCases, [1, 100, 40_000, Int.max])
    func comesBackEqual(_ coding: ContentCoding, _ piece: Int) throws {
        let coded = try Self.deflated(Self.text, coding, piece: max(piece, 100))
        #expect(coded.count < Self.text.count)
        let (outcome, back) = try Self.inflated(coded, coding, piece: piece)
        #expect(outcome == .ended)
        #expect(back == Self.text)
    }

    @Test(arguments: ContentCoding.allCases)
    func anEmptyBodyIsAWholeOne(_ coding: ContentCoding) throws {
        let (outcome, back) = try Self.inflated(try Self.deflated([], coding), coding)
        #expect(outcome == .ended)
        #expect(back.isEmpty)
    }

    @Test(arguments: ContentCoding.allCases)
    func aPieceCanBeReadAtOnce(_ coding: ContentCoding) throws {
        let deflater = try #require(Deflater(coding, level: 5))
        let inflater = try #require(Inflater(coding))
        for event in ["data: 1\n\n", "data: 2\n\n"] {
            var coded = ByteWriter()
            var back = ByteWriter()
            var text = event
            text.withUTF8 { deflater.compress($0, isLast: false, into: &coded) }
            #expect(inflater.inflate(coded.bytes, limit: 100, into: &back) == .more)
            #expect(back.bytes.elementsEqual(event.utf8))
        }
    }

    @Test func membersFollowEachOther() throws {
        let two = try Self.deflated(Array("one ".utf8), .gzip) + Self.deflated(Array("two".utf8), .gzip)
        for piece in [1, 7, Int.max] {
            let (outcome, back) = try Self.inflated(two, .gzip, piece: piece)
            #expect(outcome == .ended)
            #expect(back == Array("one two".utf8))
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func aBombStopsAtTheLimit(_ coding: ContentCoding) throws {
        let bomb = try Self.deflated([UInt8](repeating: 0, count: 10 << 20), coding)
        let (outcome, back) = try Self.inflated(bomb, coding, limit: 5000)
        #expect(outcome == .tooLarge)
        #expect(back.count <= 5001)
        let exact = try Self.deflated([UInt8](repeating: 0, count: 5000), coding)
        #expect(try Self.inflated(exact, coding, limit: 5000).0 == .ended)
        #expect(try Self.inflated(exact, coding, limit: 4999).0 == .tooLarge)
    }

    @Test func whatIsBrokenIsTold() throws {
        let coded = try Self.deflated(Self.text, .gzip)
        #expect(try Self.inflated(Array(coded.dropLast(4)), .gzip).0 == .more)
        #expect(try Self.inflated(coded + [1, 2, 3], .gzip).0 != .ended)
        #expect(try Self.inflated(Array("plain text".utf8), .gzip).0 == .broken)
        #expect(try Self.inflated(coded, .deflate).0 == .broken)
        var wrong = coded
        wrong[coded.count / 2] ^= 0x55
        #expect(try Self.inflated(wrong, .gzip).0 == .broken)
        #expect(try Self.inflated(try Self.deflated(Self.text, .deflate) + [0], .deflate).0 == .broken)
    }

    @Test func oneServesManyBodies() throws {
        let deflater = try #require(Deflater(.gzip, level: 9))
        for word in ["first", "second"] {
            var out = ByteWriter()
            var text = word
            text.withUTF8 { deflater.compress($0, isLast: true, into: &out) }
            deflater.reset()
            #expect(try Self.inflated(Array(out.bytes), .gzip).1 == Array(word.utf8))
        }
    }
}
