import Protobuf
import Testing

/// Messages by descriptor, beside what protobuf's own library makes of the same bytes (Tests/EndToEnd/proto_messages.py).
@Suite struct MessageTests {
    static let codec: MessageCodec? = {
        let folder = GoldenFolder("proto/messages")
        let names = folder.names(ending: ".proto").map { "\($0).proto" }
        var files: [String: [UInt8]] = [:]
        for name in names { files[name] = folder.read(name) }
        return Compiled(files: files, entries: names).pool.map { MessageCodec($0) }
    }()

    static func bytes(hex: Substring) -> [UInt8] {
        let digits = Array(hex.utf8).compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "-" : bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func type(_ name: String) throws -> Int {
        let codec = try #require(Self.codec)
        return try #require(codec.pool.messages.firstIndex { $0.fullName == name })
    }

    @Test func bytesAreReadAsProtobufReadsThem() throws {
        let codec = try #require(Self.codec)
        let text = try #require(GoldenFolder("proto").read("messages.txt"))
        var count = 0
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let type = try type(String(words[0]))
            let outcome: String
            switch codec.decode(words[1] == "-" ? [] : Self.bytes(hex: words[1]), as: type) {
            case .success(let message): outcome = Self.hex(codec.encode(message))
            case .failure: outcome = "refused"
            }
            #expect(outcome == words[2], "\(words[0]) \(words[1])")
            count += 1
        }
        #expect(count > 400)
    }

    @Test func valuesAreFoundByNumber() throws {
        let codec = try #require(Self.codec)
        var message = Message(type: try type("three.All"))
        message[14] = .string("é".bytes)
        message[3] = .int32(-1)
        message[41] = .map([.string("b".bytes): .string("2".bytes), .string("a".bytes): .string("1".bytes)])
        message[23] = .list([.int32(1), .int32(300)])
        #expect(Array(message.numbers) == [3, 14, 23, 41])
        let encoded = codec.encode(message)
        #expect(
            Self.hex(encoded) == "18ffffffffffffffffff017202c3a9b80101b801ac02ca02060a01611201" + "31ca02060a0162120132"
        )
        #expect(try codec.decode(encoded, as: message.type).get() == message)
        message[3] = nil
        #expect(message[3] == nil && Array(message.numbers) == [14, 23, 41])
    }

    @Test func defaultsOfFieldsWithoutPresenceAreNotWritten() throws {
        let codec = try #require(Self.codec)
        var message = Message(type: try type("three.All"))
        message[3] = .int32(0)
        message[14] = .string([])
        message[61] = .int32(0)
        message[1] = .double(-0.0)
        #expect(Self.hex(codec.encode(message)) == "090000000000000080e80300")
    }

    @Test func missingFieldsHaveAPath() throws {
        let codec = try #require(Self.codec)
        let type = try type("two.Needs")
        #expect(codec.missingField(Message(type: type)) == "a")
        var inner = Message(type: type)
        inner[1] = .int32(1)
        var outer = inner
        outer[2] = .message(inner)
        #expect(codec.missingField(outer) == nil)
        outer[3] = .list([.message(inner), .message(Message(type: type))])
        #expect(codec.missingField(outer) == "c.a")
    }

    @Test(
        arguments: [
            ([0x0A], "the message ends within a field"), ([0x00], "there is no such field or wire type"),
            ([0x18] + [UInt8](repeating: 0xFF, count: 10), "a number has more than ten bytes"),
            ([0x0C], "a group ends that was not started"), ([0x72, 1, 0xFF], "a string is not UTF-8"),
        ] as [([UInt8], String)]) func brokenBytesAreTold(_ bytes: [UInt8], _ text: String) throws
    {
        let codec = try #require(Self.codec)
        let outcome = codec.decode(bytes, as: try type("three.All"))
        guard case .failure(let error) = outcome else {
            Issue.record("it is taken: \(outcome)")
            return
        }
        #expect(error.message == text)
    }
}
