import JSON
import Protobuf
import Testing

/// Plain JSON is read and written at once; all else is left to the readers and writers that hold the values.
@Suite struct PlainJSONTests {
    private static let codec: MessageCodec? = Compiled(
        """
        syntax = "proto3";
        import "google/protobuf/duration.proto"; import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
        enum E { A = 0; B = 1; LONG_NAME_OF_A_VALUE = 2; }
        message M {
          int32 a = 1; int64 b = 2; uint32 c = 3; uint64 d = 4; sint32 e = 5; sint64 f = 6; fixed32 g = 7; fixed64 h = 8;
          sfixed32 i = 9; sfixed64 j = 10; bool k = 11; float l = 12; double m = 13; string n = 14; bytes o = 15; E p = 16;
          M q = 17; google.protobuf.Timestamp r = 18; google.protobuf.Int64Value s = 19; map<string, int32> t = 20;
          repeated int32 u = 21; repeated string v = 22; repeated M w = 23; repeated E x = 24; optional int32 y = 25;
          oneof choice { string display_name = 26; int32 z = 27; } google.protobuf.Value aa = 28;
          repeated google.protobuf.Duration bb = 29; repeated double cc = 30 [packed = false];
        }
        """
    ).pool.map { MessageCodec($0) }

    private static let type = codec?.pool.messageIndex(named: "M") ?? 0

    private func encoded(_ json: String) throws -> [UInt8]? {
        var out = ByteWriter()
        out.append("before")
        let isPlain = try Array(json.utf8).withUnsafeBufferPointer {
            try #require(Self.codec).encode(plainJSON: $0, as: Self.type, into: &out)
        }
        let all = Array(out.bytes)
        #expect(all.starts(with: "before".utf8))
        if !isPlain { #expect(all.count == 6) }
        return isPlain ? Array(all.dropFirst(6)) : nil
    }

    static let plain = [
        "{}", " { } ", #"{"a":1}"#, #"{"a":-2147483648,"b":"-9223372036854775808","c":4294967295}"#,
        #"{"d":"18446744073709551615","e":-5,"f":"-6","g":7,"h":"8","i":-9,"j":-10}"#,
        #"{"k":true,"l":1.5,"m":-2e3,"n":"text","o":"AP8=","p":"B"}"#,
        #"{"k":false,"a":0,"n":"","m":0,"p":"A","o":""}"#,
        #"{"m":-0.0}"#, #"{"m":-0}"#, #"{"n":"é👍"}"#, #"{"n":"a\n\"b\\\u00e9\ud83d\udc4d"}"#,
        #"{"p":2,"x":["B",2,"A",9]}"#,
        #"{"q":{"q":{"a":1},"n":"x"}}"#, #"{"q":{}}"#, #"{"r":"2026-01-31T12:00:00.5Z"}"#, #"{"s":"7"}"#,
        #"{"u":[1,0,-1],"v":["a",""],"w":[{},{"a":1}]}"#, #"{"u":[],"v":[],"w":[]}"#, #"{"y":0}"#,
        #"{"y":null,"a":null}"#,
        #"{"displayName":""}"#, #"{"display_name":"x"}"#, #"{"z":0}"#, #"{"bb":["1s","0s"],"cc":[1,0,-2.5]}"#,
        #"{ "n" : "a" , "u" : [ 1 , 2 ] , "q" : { "a" : 1 } }"#, #"{"displayName":null,"z":1}"#, #"{"b":5,"a":4}"#,
        #"{"n":"\#(String(repeating: "x", count: 300))","q":{"n":"\#(String(repeating: "y", count: 20_000))"}}"#,
    ]

    @Test(arguments: plain) func readsTheSame(_ json: String) throws {
        let codec = try #require(Self.codec)
        let encoded = try #require(try encoded(json))
        let expected = try MessageJSONReader(codec).read(JSONReader.read(Array(json.utf8)).get(), as: Self.type).get()
        #expect(try codec.decode(encoded, as: Self.type).get() == expected)
    }

    static let others = [
        "", "{", "{}x", "[]", "null", #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":2147483648}"#,
        #"{"d":9223372036854775808}"#, #"{"c":-1}"#, #"{"a":1.0}"#, #"{"a":1e2}"#, #"{"a":"x"}"#, #"{"none":1}"#,
        #"{"a":1,"a":2}"#,
        #"{"display_name":"a","displayName":"b"}"#, #"{"displayName":"a","z":1}"#, #"{"t":{}}"#, #"{"aa":null}"#,
        #"{"n":"\u{1}"}"#, #"{"n":"\q"}"#, #"{"n":"a"#, #"{"p":"C"}"#, #"{"o":"*"}"#, #"{"r":"yesterday"}"#,
        #"{"s":7}"#,
        #"{"u":[1,]}"#, #"{"u":1}"#, #"{"u":[null]}"#, #"{"q":[]}"#, #"{"l":1e39}"#, #"{"m":1e400}"#, #"{"m":NaN}"#,
        #"{"\u0061":1}"#, #"{"k":tru}"#,
        #"\#(String(repeating: #"{"q":"#, count: 40)){}\#(String(repeating: "}", count: 40))"#,
    ]

    @Test(arguments: others) func leavesOthersAlone(_ json: String) throws { #expect(try encoded(json) == nil) }

    @Test func bytesThatAreNoTextAreLeftAlone() throws {
        var out = ByteWriter()
        let isPlain = try (Array(#"{"n":""#.utf8) + [0xFF] + Array(#""}"#.utf8)).withUnsafeBufferPointer {
            try #require(Self.codec).encode(plainJSON: $0, as: Self.type, into: &out)
        }
        #expect(!isPlain)
    }

    private func written(_ message: [UInt8]) throws -> String? {
        var out = ByteWriter()
        out.append("before")
        let isPlain = try message.withUnsafeBufferPointer {
            try #require(Self.codec).write(plain: $0, as: Self.type, toJSON: &out)
        }
        let all = String(decoding: out.bytes, as: UTF8.self)
        return isPlain ? String(all.dropFirst(6)) : nil
    }

    @Test(arguments: plain) func writesTheSame(_ json: String) throws {
        let codec = try #require(Self.codec)
        let message = try MessageJSONReader(codec).read(JSONReader.read(Array(json.utf8)).get(), as: Self.type).get()
        var out = ByteWriter()
        guard case .success = MessageJSONWriter(codec).write(message, to: &out) else {
            Issue.record("it has no JSON")
            return
        }
        #expect(try written(codec.encode(message)) == String(decoding: out.bytes, as: UTF8.self))
    }

    /// A message, and what is written; nil where it is left to the other writer.
    static let messages: [([UInt8], String?)] = [
        ([], "{}"), ([0x08, 0], "{}"), ([0x08, 1, 0x10, 2], #"{"a":1,"b":"2"}"#),
        // Out of order; twice; a list in two pieces.
        ([0x10, 2, 0x08, 1], nil), ([0x08, 1, 0x08, 2], nil), ([0xAA, 1, 1, 1, 0x08, 1], nil),
        // One list as pieces side by side, packed and not, and an empty one.
        ([0xAA, 1, 1, 1, 0xA8, 1, 2, 0xAA, 1, 2, 3, 4], #"{"u":[1,2,3,4]}"#), ([0xAA, 1, 0], "{}"),
        // Two of a oneof; a field of another wire type; unknown fields; a group.
        ([0xD2, 1, 0, 0xD8, 1, 1], nil), ([0x0D, 0, 0, 0, 0], nil), ([0x08, 1, 0xC0, 0x3E, 1], #"{"a":1}"#),
        ([0xC3, 0x3E, 0xC4, 0x3E], nil),
        // Numbers that are too large for their field.
        ([0x08, 0x80, 0x80, 0x80, 0x80, 0x10], "{}"), ([0x58, 2], #"{"k":true}"#), ([0x80, 1, 9], #"{"p":9}"#),
        // Broken.
        ([0x08], nil), ([0x72, 5, 0x61], nil), ([0x72, 1, 0xFF], nil), ([0xAA, 1, 1, 0x80], nil), ([0xA2, 1, 0], nil),
    ]

    @Test(arguments: messages) func writesWhatIsPlain(_ message: [UInt8], _ expected: String?) throws {
        #expect(try written(message) == expected)
        guard let expected, let codec = Self.codec else { return }
        var out = ByteWriter()
        _ = MessageJSONWriter(codec).write(try codec.decode(message, as: Self.type).get(), to: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == expected)
    }
}
