import CEL
import JSON
import Protobuf
import Testing

/// Fields read one by one from the encoding, beside the message as it is decoded.
@Suite struct MessageReadingTests {
    /// A message made again of its own fields' values is the same message.
    @Test func fieldsMakeTheMessageAgain() throws {
        let codec = try #require(MessageTests.codec)
        let types = DescriptorTypes(codec, container: "")
        let text = try #require(GoldenFolder("proto").read("messages.txt"))
        var (same, skipped) = (0, 0)
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let type = try #require(codec.pool.messages.firstIndex { $0.fullName == words[0] })
            let bytes = words[1] == "-" ? [] : MessageTests.bytes(hex: words[1])
            guard case .success(var message) = codec.decode(bytes, as: type),
                let declared = types.type(named: String(words[0]))
            else { continue }
            guard case .message(let object) = bytes.withUnsafeBufferPointer({ types.value($0, as: type) }) else {
                continue
            }
            let values = declared.fields.map { field in
                object.has(field.name) == true ? object.value(of: field.name) : nil
            }
            let made = declared.make(values)
            // Extensions and what is unknown have no names, text that is no UTF-8 and times out of range no values.
            let names = codec.pool.messages[type].fields
            for number in Array(message.numbers) where !names.contains(where: { $0.number == number }) {
                message[number] = nil
            }
            message.unknown = []
            let expected = codec.encode(message)
            guard case .success(let found) = types.encoded(made, as: type), !Self.isLossy(found) else {
                skipped += 1
                continue
            }
            #expect(found == expected, "\(line)\n\(MessageTests.hex(found))")
            same += 1
        }
        #expect(same > 350 && skipped < 100, "\(same) \(skipped)")
    }

    /// Whether there is a U+FFFD in it, which stands for what is no UTF-8.
    private static func isLossy(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: [0xEF, 0xBF, 0xBD]) }
    }

    private static let proto2 = """
        syntax = "proto2";
        package old;
        enum Kind { LOW = 3; HIGH = 7; }
        enum Mark { ZERO = 0; SEVEN = 7; }
        message Thing {
          optional int32 count = 1 [default = -5];
          optional string name = 2 [default = "a\\"b"];
          optional bytes raw = 3 [default = "\\001x\\n"];
          optional Kind kind = 4;
          optional Kind best = 5 [default = HIGH];
          optional double far = 6 [default = -inf];
          optional bool on = 7 [default = true];
          repeated Kind kinds = 8 [packed = true];
          optional group Inner = 9 { optional int32 a = 1; repeated string b = 2; }
          repeated int32 plain = 10;
          oneof one { int32 x = 11; Thing y = 12; }
          optional Thing next = 13;
          map<string, Mark> by = 14;
          optional uint64 most = 15 [default = 18446744073709551615];
          optional float half = 16 [default = 0.5];
          required int32 need = 17;
        }
        """

    private static let old = try? ExpressionFixture(proto2, "old.Thing", container: "old.deep")

    @Test(arguments: [
        ("request.count", "", "-5"), ("request.name", "", #"'a"b'"#), ("request.raw", "", "b[1, 120, 10]"),
        ("request.kind == Kind.LOW", "", "true"), ("request.best == old.Kind.HIGH", "", "true"),
        ("request.far", "", "-inf"), ("request.on", "", "true"), ("request.most", "", "18446744073709551615u"),
        ("request.half", "", "0.5"), ("has(request.count)", "0800", "true"), ("request.count", "0800", "0"),
        ("has(request.need)", "", "false"),
        // The last one wins, of the right wire type.
        ("request.count", "080108020d01000000", "2"),
        // A value that a closed enum does not have is none.
        ("request.kind", "20072009", "7"), ("has(request.kind)", "2009", "false"),
        ("request.kinds", "4203030907", "[3, 7]"),
        ("request.kinds", "4003400940074201034000", "[3, 7, 3]"),
        ("request.by", "7205 0a0161 1007 7205 0a0162 1009 7203 0a0163", "{'a': 7, 'c': 0}"),
        ("has(request.by)", "7205 0a0162 1009", "false"),
        ("request.plain", "5001520202035004", "[1, 2, 3, 4]"),
        // Groups and messages that come twice are merged.
        ("request.inner.a", "4b 0805 120178 4c 4b 120179 4c", "5"),
        ("request.inner.b", "4b 120178 4c 4b 120179 4c", "['x', 'y']"),
        ("request.next.count + request.next.x", "6a020801 6a025802", "3"),
        ("request.next.count", "6a020801 6a020802", "2"),
        // Of a oneof the last one is there; what came before is not merged with it.
        ("[has(request.x), has(request.y)]", "5801 62020803", "[false, true]"),
        ("[has(request.x), has(request.y)]", "62020803 5801", "[true, false]"),
        ("request.y.count", "62020803 5801 62025804", "-5"), ("request.y.count", "62020803 62025804", "3"),
        ("has(request.y)", "62020803 5d01000000", "true"),
        // proto2 promises no UTF-8.
        ("request.name", "1202ff41", "'\u{FFFD}A'"), ("request.name.size()", "1202ff41", "2"),
        ("type(request.next)", "", "type old.Thing"), ("request.next.next.next.best", "", "7"),
        ("request == Thing{}", "", "true"), ("request == Thing{count: -5}", "", "false"),
        ("Thing{need: 1, inner: Thing.Inner{a: 2}}.inner.a", "", "2"),
    ]) func read(_ expression: String, _ hex: String, _ expected: String) throws {
        let fixture = try #require(Self.old)
        let hex = hex.filter { $0 != " " }
        #expect(fixture.result(expression, hex.isEmpty ? [] : MessageTests.bytes(hex: hex[...])) == expected)
    }

    /// Whatever the bytes are, reading them ends and traps nowhere.
    @Test func brokenBytesAreReadWithoutTraps() throws {
        let fixture = try #require(MessageExpressionTests.fixture)
        let whole = try #require(MessageExpressionTests.full)
        let expressions =
            fixture.types.type(named: "shop.v1.Order")?.fields.map { "request.\($0.name) == dyn(1)" } ?? []
        for at in stride(from: 0, to: whole.count, by: 7) {
            for change: UInt8 in [0, 0x7F, 0x80, 0xFF, 0x0B] {
                var bytes = whole
                bytes[at] = change
                for expression in [expressions[at % expressions.count], "request == request"] {
                    _ = fixture.result(expression, bytes)
                }
            }
        }
    }

    @Test func manyAnysInOneAnotherAreRefused() throws {
        let proto =
            "syntax = \"proto3\"; import \"google/protobuf/any.proto\"; message M { google.protobuf.Any a = 1; }"
        let fixture = try ExpressionFixture(proto, "M", container: "")
        var bytes: [UInt8] = []
        func field(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            var length: [UInt8] = []
            var rest = content.count
            while rest >= 0x80 {
                length.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return [tag] + length + [UInt8(rest)] + content
        }
        for _ in 0..<2000 { bytes = field(0x0A, "x/google.protobuf.Any".bytes) + field(0x12, bytes) }
        #expect(
            fixture.result("request.a", field(0x0A, bytes)) == "error: messages are nested deeper than 100 levels")
        #expect(fixture.result("request == request", field(0x0A, bytes)) == "false")
    }

    /// A large field is passed over at once; many small ones are paid for.
    @Test func readingIsPaidFor() throws {
        let fixture = try #require(MessageExpressionTests.fixture)
        let length: [UInt8] = [0x80, 0x80, 0x80, 0x02]
        let large = [0x7A] + length + [UInt8](repeating: 7, count: 4 << 20) + [0x0A, 1, 0x61]
        #expect(fixture.result("[1, 2, 3].map(i, request.id + string(i))", large) == "['a1', 'a2', 'a3']")
        #expect(fixture.result("request.token.size()", large) == "4194304")
        let many = [UInt8](repeating: 0x10, count: 4 << 20)
        #expect(
            fixture.result("[1, 2, 3].map(i, request.item_count)", many)
                == "error: the expression takes more than 100000 steps")
    }

    @Test(arguments: [
        ("google.protobuf.Timestamp", "request.getFullYear()", "0801", "1970"),
        ("google.protobuf.Struct", "request.a", "0a070a0161120220 01", "true"),
        ("google.protobuf.Int32Value", "request + 1", "0804", "5"),
        ("google.protobuf.Empty", "request", "", "google.protobuf.Empty{}"),
        ("google.protobuf.FieldMask", "request.paths", "0a0161", "['a']"),
        (
            "google.protobuf.Timestamp", "request", "08ffffffffffffffff7f",
            "error: the timestamp is out of range: it goes from year 1 to year 9999"
        ),
    ]) func wellKnownRoots(_ type: String, _ expression: String, _ hex: String, _ expected: String) throws {
        let imports = ["timestamp", "struct", "wrappers", "empty", "field_mask"].map {
            "import \"google/protobuf/\($0).proto\";"
        }
        let fixture = try ExpressionFixture("syntax = \"proto3\";" + imports.joined(), type, container: "")
        let hex = hex.filter { $0 != " " }
        #expect(fixture.result(expression, hex.isEmpty ? [] : MessageTests.bytes(hex: hex[...])) == expected)
    }
}
