import Diagnostics
import JSON
import Pipeline
import Protobuf

/// Methods with fields of every kind, and what a rule makes of requests and answers.
struct Transcoded {
    static let text = """
        syntax = "proto3"; package shop;
        import "google/api/annotations.proto"; import "google/api/httpbody.proto"; import "google/protobuf/duration.proto";
        import "google/protobuf/field_mask.proto"; import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
        enum Color { NONE = 0; RED = 1; }
        message Author { string first = 1; Author parent = 2; int32 age = 3; }
        message Book { string name = 1; string title = 2; Author author = 3; repeated string tags = 4; }
        message Request {
          string name = 1; int32 id = 2; Book book = 3; repeated int32 numbers = 4; Color color = 5; bool flag = 6;
          bytes data = 7; double ratio = 8; google.protobuf.Timestamp at = 9; google.protobuf.Duration span = 10;
          google.protobuf.FieldMask update_mask = 11; google.protobuf.Int64Value wrapped = 12;
          google.protobuf.StringValue words = 13; map<string, string> labels = 14;
          oneof choice { string a = 15; int32 b = 16; Author c = 17; } repeated Book books = 18;
          google.protobuf.Struct tree = 19; google.api.HttpBody raw = 20; optional string note = 21;
          repeated Color colors = 22; uint64 big = 23; google.protobuf.BoolValue maybe = 24; sint32 zigzag = 25;
          repeated google.protobuf.Duration spans = 26; fixed64 wide = 27; float small = 28;
        }
        message Reply {
          string text = 1; Book book = 2; repeated Book books = 3; int32 number = 4; google.api.HttpBody raw = 5;
          google.protobuf.Timestamp at = 6; map<string, int32> counts = 7;
        }
        service Shop {
          rpc Call(Request) returns (Reply) {}
          rpc Upload(google.api.HttpBody) returns (google.api.HttpBody) {}
          rpc Collect(stream Request) returns (Reply) {}
          rpc Listen(Request) returns (stream Reply) {}
          METHODS
        }
        """

    let codec: MessageCodec

    /// - Parameter methods: `rpc` of its own.
    init?(methods: String = "") {
        let text = Self.text.replacing("METHODS", with: methods)
        var findings = Findings()
        let pool = ProtoFiles.compile(
            [ProtoFiles.Entry("shop.proto", at: Self.place)], roots: [],
            read: { $0 == "shop.proto" ? .bytes(Array(text.utf8)) : .missing }, &findings)
        guard let pool else { return nil }
        codec = MessageCodec(pool)
    }

    static let place = SourceRange(Source(name: "manifest", text: ""), 0, 0)
    static let shop = Transcoded()

    func method(_ name: String) -> MethodDescriptor? { codec.pool.method(named: "shop.Shop." + name) }

    /// - Parameter rule: `METHOD TEMPLATE`, then the body and `-> FIELD` for the body of the answer, where there are some.
    func binding(_ rule: String, _ method: String = "Call") -> (HTTPBinding?, [HTTPBinding.Fault]) {
        let sides = rule.components(of: " -> ")
        let words = sides[0].components(of: " ")
        let written = HTTPRule(
            method: words[0] == "*" ? nil : words[0], template: words[1],
            body: HTTPRule.Body(words.count > 2 ? words[2] : ""), responseBody: sides.count > 1 ? sides[1] : nil)
        var faults: [HTTPBinding.Fault] = []
        let binding = self.method(method).flatMap { method in
            HTTPBinding(written, of: method, codec, at: Self.place) { faults.append($0) }
        }
        return (binding, faults)
    }

    /// The message that a request gives, as JSON, or what is wrong with it; `404` where no pattern takes it.
    func message(_ rule: String, _ target: String, _ body: [UInt8], contentType: String = "", method: String) -> String
    {
        let (binding, faults) = binding(rule, method)
        guard let binding else { return "\(faults)" }
        let parts = target.components(of: "?")
        let path = Array(parts[0].utf8)
        let query = Array(parts.dropFirst().joined(separator: "?").utf8)
        var captures = Captures()
        let match = Array((binding.rule.method ?? "ANY").utf8).withUnsafeBufferPointer { verb in
            path.withUnsafeBufferPointer { path in
                Router([binding.pattern] + [binding.spare].compactMap(\.self)).match(
                    method: verb, host: UnsafeBufferPointer(start: nil, count: 0), path: path, &captures)
            }
        }
        guard case .route = match else { return "404" }
        var out = ByteWriter()
        let result = path.withUnsafeBufferPointer { path in
            query.withUnsafeBufferPointer { query in
                body.withUnsafeBufferPointer { body in
                    Array(contentType.utf8).withUnsafeBufferPointer { contentType in
                        binding.message(
                            captured: { UnsafeBufferPointer(rebasing: path[captures[$0].range]) }, query: query,
                            body: body, contentType: contentType, into: &out)
                    }
                }
            }
        }
        switch result {
        case .failure(let error): return "error: " + error.message
        case .success: return json(Array(out.bytes), self.method(method)?.input ?? 0)
        }
    }

    func json(_ message: [UInt8], _ type: Int) -> String {
        let checked = message.withUnsafeBufferPointer { codec.check($0, as: type) }
        guard checked == nil, case .success(let decoded) = codec.decode(message, as: type) else { return "no message" }
        var out = ByteWriter()
        guard case .success = MessageJSONWriter(codec).write(decoded, to: &out) else { return "no JSON" }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// What an answer, given as JSON, is sent as.
    func reply(_ rule: String, _ json: String, _ method: String = "Call") -> String {
        let (binding, faults) = binding(rule, method)
        guard let binding else { return "\(faults)" }
        guard case .success(let value) = JSONReader.read(Array(json.utf8)), let type = self.method(method)?.output,
            case .success(let message) = MessageJSONReader(codec).read(value, as: type)
        else { return "no message" }
        let bytes = codec.encode(message)
        var out = ByteWriter()
        switch bytes.withUnsafeBufferPointer({ binding.reply($0, into: &out) }) {
        case .success(.json): return String(decoding: out.bytes, as: UTF8.self)
        case .success(.raw(let contentType, let data)):
            return String(decoding: bytes[contentType], as: UTF8.self) + ": "
                + String(decoding: bytes[data], as: UTF8.self)
        case .failure(let error): return "error: " + error.message
        }
    }
}

extension String {
    fileprivate func components(of separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
