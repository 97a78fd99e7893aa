import CEL
import Diagnostics
import JSON
import Manifests
import NIOEmbedded
import Pipeline
import Protobuf
import Testing

@testable import Catalog

/// A method of a `.proto` held in memory, its responder made of YAML and driven step by step.
final class MethodBench {
    let method: RPCMethod
    let scope: CompileScope
    private let state: UnsafeMutablePointer<LoopState>
    let exchange: UnsafeMutablePointer<Exchange>

    /// - Parameter name: a method of `demo.Greeter`.
    init(_ proto: String = MethodBench.proto, _ name: String = "Unary") throws {
        var findings = Findings()
        let place = SourceRange(Source(name: "a.yaml", text: "x"), 0, 1)
        let compiled = ProtoFiles.compile(
            [ProtoFiles.Entry("demo.proto", at: place)], roots: [],
            read: { $0 == "demo.proto" ? .bytes(Array(proto.utf8)) : .missing }, &findings)
        let shown = findings.ordered().map(\.message).joined(separator: "\n")
        let pool = try #require(compiled, "\(shown)")
        let service = try #require(pool.service(named: "demo.Greeter"))
        method = RPCMethod(service: service, try #require(service.method(named: name)), MessageCodec(pool))
        scope =
            CompileScope(
                server: .unnamed, method: method, wildcards: [], restIsLast: false, outputs: nil, place: .root,
                states: SharedStates(), surroundings: .none
            ).forResponder
        let route = Route(
            stages: [], observers: 0, bodyStage: 0, responder: UnmatchedResponder(), needsBody: false, template: [],
            pattern: "", service: [], serviceName: "")
        let plan = Plan(
            name: "test", router: Router([]), numbers: [], unmatched: route, routes: RouteTable(capacity: 1))
        state = .allocate(capacity: 1)
        state.initialize(to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: plan))
        state.pointee.clock = LoopClock(standingAt: 1_764_115_200_000_000_000)
        exchange = state.pointee.take(LoopPointer(state))
        exchange.pointee.face = .grpc
        exchange.pointee.room = 1 << 20
    }

    deinit {
        state.pointee.give(exchange)
        state.deinitialize(count: 1)
        state.deallocate()
    }

    // MARK: Making

    static func node(_ yaml: String) throws -> Node {
        var findings = Findings()
        return try #require(YAMLReader.read(Source(name: "a.yaml", text: yaml), &findings))
    }

    func tree(_ yaml: String) throws -> (tree: MessageTree?, findings: [String]) {
        var findings = Findings()
        let tree = MessageTree(try Self.node(yaml), method.codec, type: method.output, scope, &findings)
        return (tree, findings.ordered().map(Self.shown))
    }

    /// The message as JSON, or what went wrong.
    func message(_ yaml: String) throws -> String {
        let (tree, findings) = try tree(yaml)
        guard let tree else { return findings.joined(separator: "\n") }
        var out = ByteWriter()
        switch tree.write(exchange.pointee.context, &out) {
        case .written: return json(Array(out.bytes))
        case .absent: return "absent"
        case .failed(let fault): return "failed: \(fault.error.message)"
        }
    }

    func responder<Section: ManifestSection & ResponderSection>(
        _ section: Section.Type, _ yaml: String
    ) throws -> (responder: (any Responder)?, findings: [String]) {
        var findings = Findings()
        let decoded = Section.decode(try Self.node(yaml), &findings)
        let responder = decoded?.responder(scope, &findings)
        return (responder, findings.ordered().map(Self.shown))
    }

    static func shown(_ finding: Finding) -> String {
        "\(finding.range.from.column) \(finding.rule.id): \(finding.message)"
            + (finding.help.map { "; \($0)" } ?? finding.label.map { "; \($0)" } ?? "")
    }

    // MARK: Driving

    /// Puts the message that the client sends in its place.
    func receive(_ json: String) throws {
        let value = try Array(json.utf8).withUnsafeBufferPointer { JSONReader.read($0) }.get()
        let message = try MessageJSONReader(method.codec).read(value, as: method.input).get()
        receive(bytes: method.codec.encode(message))
    }

    func receive(bytes: [UInt8]) {
        exchange.pointee.body.clear()
        exchange.pointee.body.append(bytes)
        exchange.pointee.message = exchange.pointee.body.bytes
    }

    /// Puts the metadata that the client sends in its place.
    func receive(metadata: [(name: String, value: String)]) {
        func append(_ text: String) -> ByteRange {
            let start = exchange.pointee.head.bytes.count
            exchange.pointee.head.bytes.append(text)
            return ByteRange(start: start, end: exchange.pointee.head.bytes.count)
        }
        for (name, value) in metadata {
            _ = exchange.pointee.head.add(HeaderField(name: append(name), value: append(value), known: .other))
        }
    }

    func end() {
        exchange.pointee.message = nil
        exchange.pointee.inputEnded = true
    }

    var now: Int64 { state.pointee.clock.now }

    func header(_ name: String) -> String? {
        for index in 0..<exchange.pointee.response.fieldCount {
            if let field = exchange.pointee.response.field(index), field.name.elementsEqual(name.utf8) {
                return String(decoding: field.value, as: UTF8.self)
            }
        }
        return nil
    }

    var trailers: String { String(decoding: exchange.pointee.response.trailers.bytes, as: UTF8.self) }

    /// Takes what is written.
    func taken() -> [UInt8] {
        let bytes = Array(state.pointee.body.bytes)
        state.pointee.body.clear()
        return bytes
    }

    /// Takes the messages that are written, as JSON.
    func sent() -> [String] {
        let bytes = taken()
        var at = 0
        var messages: [String] = []
        while at + 5 <= bytes.count {
            let length = bytes[(at + 1)..<(at + 5)].reduce(0) { $0 << 8 | Int($1) }
            messages.append(json(Array(bytes[(at + 5)..<(at + 5 + length)])))
            at += 5 + length
        }
        if at != bytes.count { messages.append("\(bytes.count - at) bytes too many") }
        return messages
    }

    func json(_ bytes: [UInt8]) -> String { Self.json(bytes, method.codec, method.output) }

    static func json(_ bytes: [UInt8], _ codec: MessageCodec, _ type: Int) -> String {
        switch codec.decode(bytes, as: type) {
        case .failure(let error): return "malformed: \(error.message)"
        case .success(let message):
            var out = ByteWriter()
            guard case .success = MessageJSONWriter(codec).write(message, to: &out) else { return "unwritable" }
            return String(decoding: out.bytes, as: UTF8.self)
        }
    }

    static let proto = """
        syntax = "proto3";
        package demo;
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/duration.proto";
        import "google/protobuf/wrappers.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/any.proto";
        import "google/protobuf/field_mask.proto";
        enum Status { STATUS_UNKNOWN = 0; STATUS_ACTIVE = 1; STATUS_GONE = 2; }
        message Line { string sku = 1; int32 count = 2; Line next = 3; }
        message In { string name = 1; int32 count = 2; bytes blob = 3; repeated string tags = 4; Line line = 5;
          int64 big = 6; map<string, int32> sizes = 7; double extra = 40; google.protobuf.Struct data = 41; }
        message Out {
          string name = 11; int32 count = 2; uint64 large = 3; bool on = 4; double ratio = 5; float small = 6;
          sint32 signed = 7; fixed32 fixed = 8; sfixed64 far = 9; bytes blob = 10; Status status = 1;
          repeated int32 numbers = 12; repeated string tags = 13; Line line = 14; repeated Line lines = 15;
          map<string, int32> sizes = 16; map<int32, Line> by_id = 17;
          google.protobuf.Timestamp at = 18; google.protobuf.Duration wait = 19; google.protobuf.Int32Value maybe = 20;
          google.protobuf.Struct data = 21; google.protobuf.Value value = 22; google.protobuf.Any any = 23;
          google.protobuf.FieldMask mask = 24; optional int32 shown = 25; string display_name = 26; uint32 half = 27;
          oneof kind { string by_name = 30; int32 by_number = 31; }
          google.protobuf.ListValue list = 32; google.protobuf.StringValue text = 33;
        }
        service Greeter {
          rpc Unary(In) returns (Out); rpc Server(In) returns (stream Out); rpc Client(stream In) returns (Out);
          rpc Both(stream In) returns (stream Out); rpc Same(In) returns (In); rpc SameBoth(stream In) returns (stream In);
          rpc Delay(In) returns (stream Wait); rpc Other(In) returns (Unlike);
        }
        message Wait { int32 delay = 1; string message = 2; }
        message Unlike { int32 name = 1; }
        """
}
