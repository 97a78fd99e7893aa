import JSON
import Protobuf
import Testing

/// A check takes what reading takes, and says the same of the rest.
@Suite struct MessageCheckTests {
    private static func check(_ codec: MessageCodec, _ bytes: [UInt8], _ type: Int) -> MessageError? {
        bytes.withUnsafeBufferPointer { codec.check($0, as: type) }
    }

    private static func error(_ codec: MessageCodec, _ bytes: [UInt8], _ type: Int) -> MessageError? {
        if case .failure(let error) = codec.decode(bytes, as: type) { return error }
        return nil
    }

    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 17 ^ state << 31
        }
    }

    @Test func itAgreesWithReading() throws {
        let codec = try #require(MessageTests.codec)
        let text = try #require(GoldenFolder("proto").read("messages.txt"))
        var dice = Dice(state: 7)
        var (taken, refused) = (0, 0)
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let type = try #require(codec.pool.messages.firstIndex { $0.fullName == words[0] })
            let whole = words[1] == "-" ? [] : MessageTests.bytes(hex: words[1])
            for round in 0..<60 {
                var bytes = whole
                for _ in 0..<round / 10 { Self.spoil(&bytes, &dice) }
                let error = Self.check(codec, bytes, type)
                let expected = Self.error(codec, bytes, type)
                #expect(error == expected, "\(words[0]) \(MessageTests.hex(bytes))")
                if error == nil { taken += 1 } else { refused += 1 }
            }
        }
        #expect(taken > 4000 && refused > 4000)
    }

    private static func spoil(_ bytes: inout [UInt8], _ dice: inout Dice) {
        let small: [UInt8] = [0, 1, 2, 3, 4, 5, 8, 10, 11, 12, 0x7F, 0x80, 0xFF]
        guard let at = bytes.indices.randomElement(using: &dice) else { return bytes.append(10) }
        switch Int.random(in: 0..<5, using: &dice) {
        case 0: bytes[at] = small.randomElement(using: &dice) ?? 0
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        case 2: bytes.insert(small.randomElement(using: &dice) ?? 0, at: at)
        case 3: bytes.remove(at: at)
        default: bytes += bytes[at...].prefix(8)
        }
    }

    @Test(arguments: [(99, true), (100, true), (101, false), (5000, false)])
    func depthIsBounded(_ depth: Int, _ isTaken: Bool) throws {
        let pool = try #require(
            Compiled("syntax = \"proto2\"; message M { optional M m = 1; optional group G = 2 { optional M m = 1; } }")
                .pool)
        let codec = MessageCodec(pool)
        var bytes: [UInt8] = []
        for _ in 0..<depth {
            var length: [UInt8] = []
            var rest = bytes.count
            while rest >= 0x80 {
                length.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            bytes = [0x0A] + length + [UInt8(rest)] + bytes
        }
        #expect((Self.check(codec, bytes, 0) == nil) == isTaken)
        #expect(Self.check(codec, bytes, 0) == Self.error(codec, bytes, 0))
        // Groups that nobody knows.
        let groups = [UInt8](repeating: 0x1B, count: depth) + [UInt8](repeating: 0x1C, count: depth)
        #expect(Self.check(codec, groups, 0) == Self.error(codec, groups, 0))
    }
}
