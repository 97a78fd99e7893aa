import CEL
import Diagnostics
import JSON
import Protobuf
import Testing

/// Expressions over messages of a `.proto` text, whose `request` lies in memory.
struct ExpressionFixture {
    static let proto = """
        syntax = "proto3";
        package shop.v1;
        import "google/protobuf/any.proto";
        import "google/protobuf/duration.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/wrappers.proto";
        enum Color { NONE = 0; RED = 1; BLUE = 5; }
        message Item {
          string name = 1;
          double price = 2;
          Item part = 3;
        }
        message Order {
          enum Status { OPEN = 0; PAID = 2; }
          string id = 1;
          int32 item_count = 2;
          int64 big = 3;
          uint32 small = 4;
          uint64 huge = 5;
          sint32 delta = 6;
          sint64 far = 7;
          fixed32 f32 = 8;
          fixed64 f64 = 9;
          sfixed32 s32 = 10;
          sfixed64 s64 = 11;
          float ratio = 12;
          double weight = 13;
          bool gift = 14;
          bytes token = 15;
          Color color = 16;
          Status status = 17;
          Item item = 18;
          repeated Item items = 19;
          repeated int32 numbers = 20;
          repeated string tags = 21;
          map<string, int64> stock = 22;
          map<int32, Item> shelf = 23;
          optional string note = 24;
          oneof pay { string card = 25; Item goods = 26; int32 cash = 27; }
          google.protobuf.Timestamp at = 30;
          google.protobuf.Duration took = 31;
          google.protobuf.StringValue alias = 32;
          google.protobuf.Int32Value rank = 33;
          google.protobuf.Struct meta = 34;
          google.protobuf.Value free = 35;
          google.protobuf.ListValue list = 36;
          google.protobuf.Any extra = 37;
          repeated Color colors = 38;
        }
        """

    /// What `request` is, as ProtoJSON.
    static let json = #"""
        {"id": "o-1", "itemCount": 3, "big": "-9", "small": 7, "huge": "18446744073709551615", "delta": -4, "far": "-5",
         "f32": 8, "f64": "9", "s32": -10, "s64": "-11", "ratio": 0.5, "weight": 2.25, "gift": true, "token": "AQI=",
         "color": "BLUE", "status": "PAID", "item": {"name": "pen", "price": 1.5, "part": {"name": "cap"}},
         "items": [{"name": "a", "price": 2}, {"name": "b", "price": 4}], "numbers": [1, -2, 300], "tags": ["x", "y"],
         "stock": {"pen": "4"}, "shelf": {"1": {"name": "low"}, "2": {}}, "cash": 5,
         "at": "2026-01-31T12:00:00.5Z", "took": "1.5s", "alias": "al", "meta": {"k": [1, null, "t"], "n": 2.5},
         "free": {"a": true}, "list": [1, "b"], "colors": ["RED", "NONE"],
         "extra": {"@type": "type.googleapis.com/shop.v1.Item", "name": "inside"}}
        """#

    let codec: MessageCodec
    let types: DescriptorTypes
    let environment: CEL.Environment
    private let type: Int

    private final class Still: CEL.Ambient {
        func now(_ context: Context) -> Int64 { 0 }
        func random(_ context: Context) -> UInt64 { 0 }
    }

    /// What the context points to.
    struct Call {
        var bytes: UnsafeBufferPointer<UInt8>?
    }

    init(_ proto: String = proto, _ message: String = "shop.v1.Order", container: String = "shop.v1") throws {
        let compiled = Compiled(proto)
        codec = MessageCodec(try #require(compiled.pool, "\(compiled.human)"))
        types = DescriptorTypes(codec, container: container)
        type = try #require(codec.pool.messages.firstIndex { $0.fullName == message })
        environment = CEL.Environment(
            roots: [
                types.root("request", of: type, sentByClient: true) {
                    $0.pointer.assumingMemoryBound(to: Call.self).pointee.bytes
                }
            ], ambient: Still(), messages: types)
    }

    func encoded(_ json: String) throws -> [UInt8] {
        let value = try JSONReader.read(Array(json.utf8)).get()
        return codec.encode(try MessageJSONReader(codec).read(value, as: type).get())
    }

    func text(_ string: String) -> PlacedText {
        PlacedText(verbatim: Array(string.utf8), in: Source(name: "test.yaml", text: string))
    }

    /// The value as a text that shows its type.
    func result(_ expression: String, _ bytes: [UInt8]?) -> String {
        var findings = Findings()
        guard
            let program = Expression.parse(text(expression), &findings)?
                .check(environment, expecting: nil, &findings)
        else { return "finding: " + findings.ordered().map(\.message).joined(separator: "; ") }
        return run(bytes) { Self.shown(program.evaluate($0)) }
    }

    /// What a template makes of it.
    func written(_ template: String, _ bytes: [UInt8]?, json: Bool = false) -> String {
        var findings = Findings()
        guard
            let program = Template.parse(text(template), &findings)?
                .check(environment, json ? .jsonString : .plain, &findings)
        else { return "finding: " + findings.ordered().map(\.message).joined(separator: "; ") }
        return run(bytes) { context in
            var out = ByteWriter()
            switch json ? program.writeJSON(context, &out) : program.writeText(context, &out) {
            case .written: return String(decoding: out.bytes, as: UTF8.self)
            case .absent: return "absent"
            case .failed(let error): return "error: " + error.message
            }
        }
    }

    func findings(_ expression: String) -> String {
        var findings = Findings()
        _ = Expression.parse(text(expression), &findings)?.check(environment, expecting: nil, &findings)
        var writer = ByteWriter()
        HumanRenderer().render(findings.ordered(), to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func run<T>(_ bytes: [UInt8]?, _ body: (Context) -> T) -> T {
        func run(_ call: Call) -> T {
            var call = call
            return withUnsafeMutablePointer(to: &call) { body(Context(UnsafeMutableRawPointer($0))) }
        }
        guard let bytes else { return run(Call(bytes: nil)) }
        return bytes.withUnsafeBufferPointer { run(Call(bytes: $0)) }
    }

    static func shown(_ value: Value) -> String {
        switch value {
        case .uint(let number): return "\(number)u"
        case .double(let number): return "\(number)"
        case .string(let text): return "'\(text)'"
        case .bytes(let bytes): return "b\(bytes)"
        case .list(let list): return "[" + list.map(shown).joined(separator: ", ") + "]"
        case .map(let map):
            return "{" + zip(map.keys, map.values).map { "\(shown($0)): \(shown($1))" }.joined(separator: ", ") + "}"
        case .optional(let wrapped): return wrapped.map { "some(\(shown($0)))" } ?? "none"
        case .type(let type): return "type \(type)"
        case .error(let error): return "error: " + error.message
        case .timestamp, .duration: return "@" + plain(value)
        case .message(let message): return message.typeName + plain(value)
        default: return plain(value)
        }
    }

    private static func plain(_ value: Value) -> String {
        var out = ByteWriter()
        if let error = value.write(&out, .plain) { return "error: " + error.message }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
