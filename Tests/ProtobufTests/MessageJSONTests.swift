import JSON
import Protobuf
import Testing

/// ProtoJSON, beside what protobuf's own library writes (Tests/EndToEnd/proto_messages.py).
@Suite struct MessageJSONTests {
    private func written(_ type: String, _ bytes: [UInt8]) throws -> String {
        let codec = try #require(MessageTests.codec)
        let index = try #require(codec.pool.messages.firstIndex { $0.fullName == type })
        let message = try codec.decode(bytes, as: index).get()
        var out = ByteWriter()
        switch MessageJSONWriter(codec).write(message, to: &out) {
        case .success: return String(decoding: out.bytes, as: UTF8.self)
        case .failure(let why):
            #expect(out.count == 0 && !why.message.isEmpty)
            return "refused"
        }
    }

    /// The same, whatever the order of members and the spelling of numbers.
    private func same(_ a: JSONValue, _ b: JSONValue) -> Bool {
        switch (a, b) {
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Double(a) == b
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { member in b[member.key].map { same(member.value, $0) } == true }
        default: a == b
        }
    }

    @Test func messagesAreWrittenAsProtobufWritesThem() throws {
        let text = try #require(GoldenFolder("proto").read("json.txt"))
        var count = 0
        for line in text.split(separator: 0x0A) {
            let words = line.split(separator: 0x20, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
            let found = try written(words[0], words[1] == "-" ? [] : MessageTests.bytes(hex: words[1][...]))
            count += 1
            if found == "refused" || words[2] == "refused" {
                #expect(found == words[2], "\(words[0]) \(words[1])")
                continue
            }
            let (here, there) = (try JSONReader.read(found.bytes).get(), try JSONReader.read(words[2].bytes).get())
            #expect(same(here, there), "\(words[0]) \(words[1])\n\(found)\n\(words[2])")
        }
        #expect(count > 300)
    }

    @Test func messagesAreReadAsProtobufReadsThem() throws {
        let codec = try #require(MessageTests.codec)
        let text = try #require(GoldenFolder("proto").read("from-json.txt"))
        var count = 0
        for line in text.split(separator: 0x0A) {
            let words = line.split(separator: 0x20, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
            let type = try #require(codec.pool.messages.firstIndex { $0.fullName == words[0] })
            count += 1
            let outcome: String
            switch JSONReader.read(words[2].bytes) {
            case .failure: outcome = "refused"
            case .success(let value):
                switch MessageJSONReader(codec).read(value, as: type) {
                case .success(let message): outcome = MessageTests.hex(codec.encode(message))
                case .failure(let why):
                    #expect(!why.message.isEmpty)
                    outcome = "refused"
                }
            }
            #expect(outcome == words[1], "\(words[0]) \(words[2])")
        }
        #expect(count > 150)
    }

    @Test(arguments: [
        ("three.All", #"{"f1":true}"#, "f1", "expected a number"),
        ("three.All", #"{"f15":"!"}"#, "f15", "expected base64 in a string"),
        ("three.All", #"{"f16":"1"}"#, "f16", "`three.Color` has no value `1`"),
        ("three.All", #"{"r17":[{},{"gone":1}]}"#, "r17[1].gone", "`three.All` has no field `gone`"),
        (
            "three.All", #"{"m2":{"5":{"f3":-1.5}}}"#, "m2.5.f3",
            "expected a whole number from -2147483648 to 2147483647"
        ),
        ("known.All", #"{"named":"x","other name":"y"}"#, "other name", "the field is there twice, by its two names"),
        ("known.All", #"{"t":"today"}"#, "t", "expected a time such as `2026-01-31T12:00:00Z`"),
    ]) func whatDoesNotFitHasAPath(_ type: String, _ text: String, _ path: String, _ message: String) throws {
        let codec = try #require(MessageTests.codec)
        let index = try #require(codec.pool.messages.firstIndex { $0.fullName == type })
        let outcome = MessageJSONReader(codec).read(try JSONReader.read(text.bytes).get(), as: index)
        guard case .failure(let why) = outcome else {
            Issue.record("it is taken")
            return
        }
        #expect(why.path == path && why.message == message)
    }

    @Test func unknownMembersCanBePassedOver() throws {
        let codec = try #require(MessageTests.codec)
        let index = try #require(codec.pool.messages.firstIndex { $0.fullName == "three.All" })
        let value = try JSONReader.read(#"{"gone":{"a":1},"f3":1}"#.bytes).get()
        let message = try MessageJSONReader(codec, ignoresUnknown: true).read(value, as: index).get()
        #expect(codec.encode(message) == [0x18, 1])
    }

    @Test(arguments: [
        ("three.All", "1801", #"{"f3":1}"#), ("three.All", "2001", #"{"f4":"1"}"#),
        ("three.All", "800105", #"{"f16":5}"#),
        ("three.All", "0d00000000", "{}"),
        ("known.All", "ca010178d2010179", #"{"snakeCaseName":"x","other name":"y"}"#),
        ("known.All", "3206088092b8c398fe", "refused"), ("known.All", "3200", #"{"t":"1970-01-01T00:00:00Z"}"#),
    ]) func spelling(_ type: String, _ hex: String, _ text: String) throws {
        let outcome = try? written(type, MessageTests.bytes(hex: hex[...]))
        #expect(outcome ?? "refused" == text)
    }
}

extension [(key: String, value: JSONValue)] {
    fileprivate subscript(key: String) -> JSONValue? { first { $0.key.utf8.elementsEqual(key.utf8) }?.value }
}
