import JSON
import Testing

@testable import Protobuf

/// The reader of one pass against the one that makes values: it may leave a text to it, and never reads another message.
@Suite struct PlainJSONReaderTests {
    private static let codec: MessageCodec? = Compiled(
        """
        syntax = "proto3"; package p;
        import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto";
        enum E { A = 0; B = 1; NEGATIVE = -3; }
        message M {
          string s = 1; int32 i = 2; sint64 z = 3; uint64 u = 4; bool b = 5; E e = 6; M child = 7; repeated M children = 8;
          repeated string names = 9; repeated int32 packed = 10; map<string, int32> counts = 11; bytes data = 12;
          double d = 13; google.protobuf.Timestamp at = 14; google.protobuf.Value any = 15; optional int32 maybe = 16;
          oneof choice { string left = 17; M right = 18; } int64 long_name = 19 [json_name = "lang"]; uint32 v = 20;
          sint32 y = 21; repeated E moods = 22; fixed32 f = 23; optional E mood = 24; optional string text = 25;
        }
        """
    ).pool.map { MessageCodec($0) }

    private static func messages(_ text: [UInt8]) throws -> (plain: [UInt8]?, usual: [UInt8]?) {
        let codec = try #require(codec)
        let type = try #require(codec.pool.messageIndex(named: "p.M"))
        var out = ByteWriter()
        let isPlain = text.withUnsafeBufferPointer { codec.encode(plainJSON: $0, as: type, into: &out) }
        #expect(isPlain || out.count == 0)
        // One after the other as the codec writes them, so that only what is meant counts.
        let plain = isPlain ? codec.encode(try codec.decode(Array(out.bytes), as: type).get()) : nil
        guard case .success(let json) = JSONReader.read(text, limits: JSONLimits(depth: 300)),
            case .success(let message) = MessageJSONReader(codec).read(json, as: type)
        else { return (plain, nil) }
        return (plain, codec.encode(message))
    }

    @Test(arguments: [
        "{}", " { } ", #"{"s":"x"}"#, #"{"s":""}"#, #"{"s":"ünïcode"}"#,
        #"{"i":-5,"z":"-9","u":"18","b":true,"e":"B"}"#,
        #"{"i":0,"b":false,"e":"A"}"#, #"{"maybe":0}"#, #"{"mood":"A","text":""}"#, #"{"child":{"child":{"i":7}}}"#,
        #"{"children":[{"i":1},{},{"s":"y"}],"names":["a","","b"]}"#, #"{"longName":5}"#, #"{"lang":"5"}"#,
        #"{"long_name":999999999999999999}"#, #"{"left":"l"}"#, #"{"right":{"left":"l"}}"#, #"{"v":4294967295}"#,
        #"{"y":-2147483648,"moods":["B"]}"#, #"{"children":[],"names":[]}"#, "{ \"i\" : 1 ,\n\t\"s\" : \"a\" }\r\n",
    ])
    func plainTextsAreReadAlike(_ text: String) throws {
        let (plain, usual) = try Self.messages(text.bytes)
        #expect(plain != nil || text.contains("longName"))
        if plain != nil { #expect(plain == usual) }
    }

    @Test(arguments: [
        "", "x", "[]", "null", "{", #"{"s"}"#, #"{"s":}"#, #"{"s":"x",}"#, #"{"s":"x"}}"#, #"{"s":"x"} x"#,
        #"{"i":1.5}"#,
        #"{"i":1e3}"#, #"{"i":01}"#, #"{"i":-0}"#, #"{"i":-}"#, #"{"i":2147483648}"#, #"{"v":-1}"#, #"{"u":-1}"#,
        #"{"z":"9223372036854775808"}"#, #"{"s":"a\nb"}"#, "{\"s\":\"a\nb\"}", "{\"s\":\"\u{1}\"}", #"{"s":null}"#,
        #"{"s":"x","s":"y"}"#, #"{"lang":1,"long_name":2}"#, #"{"left":"l","right":{}}"#, #"{"e":"C"}"#, #"{"e":1}"#,
        #"{"unknown":1}"#, #"{"packed":[1]}"#, #"{"counts":{"a":1}}"#, #"{"data":"AA=="}"#, #"{"d":1}"#,
        #"{"at":"2026-01-01T00:00:00Z"}"#, #"{"any":{}}"#, #"{"names":"a"}"#, #"{"names":["a",]}"#, #"{"child":[]}"#,
        #"{"b":"true"}"#, #"{"b":truely}"#, #"{"i":"5"}"#, #"{"f":1}"#,
    ])
    func whatIsReadIsWhatTheOtherReads(_ text: String) throws {
        let (plain, usual) = try Self.messages(text.bytes)
        if plain != nil { #expect(plain == usual) }
    }

    @Test func brokenUTF8IsLeftToTheOther() throws {
        #expect(try Self.messages(#"{"s":""#.bytes + [0xC3, 0x28] + #""}"#.bytes).plain == nil)
    }

    /// Texts made of pieces at random: whatever is read is what the other reads.
    @Test func randomTextsAreReadAlike() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "{", "}", "[", "]", ",", ":", " ", "\"s\"", "\"i\"", "\"child\"", "\"names\"", "\"e\"", "\"B\"", "\"A\"",
            "1", "-7",
            "0", "\"12\"", "true", "false", "null", "\"left\"", "\"right\"", "\"b\"", "\"z\"", "\"u\"", "\"maybe\"",
            "\"s\":\"x\"", "\"i\":3", "\"child\":{", "\"children\":[{", "}]", "\"\\n\"", "1.5", "\"lang\":",
        ]
        var read = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...9, using: &random)
            let middle = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let text = Bool.random(using: &random) ? "{" + middle + "}" : middle
            let (plain, usual) = try Self.messages(text.bytes)
            if let plain {
                read += 1
                #expect(plain == usual, "\(text)")
            }
        }
        #expect(read > 50)
    }
}
