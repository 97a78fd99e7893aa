// Any JSON as ProtoJSON of a message with every kind of field and all types that have a form of their own. Nothing may trap,
// hang or overflow the stack; what is read is written in protobuf's own form and in JSON, and read from either as the same.
import Diagnostics
import JSON
import Protobuf

private let file = """
    syntax = "proto3"; package three;
    import "google/protobuf/any.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/empty.proto";
    import "google/protobuf/field_mask.proto"; import "google/protobuf/struct.proto"; import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    enum E { A = 0; B = 1; }
    message M {
      int32 a = 1; repeated sint64 b = 2; M c = 3; string d = 4; map<string, M> f = 6; map<int32, E> g = 7; map<bool, bytes> h = 8;
      oneof o { M i = 9; bytes j = 10; E k = 11; } repeated M l = 12; double m = 13; float n = 14; optional uint64 p = 15;
      google.protobuf.Any q = 16; google.protobuf.Duration r = 17; google.protobuf.Timestamp s = 18;
      google.protobuf.FieldMask t = 19; google.protobuf.Struct u = 20; google.protobuf.Value v = 21;
      google.protobuf.ListValue w = 22; google.protobuf.Int64Value x = 23; google.protobuf.BytesValue y = 24;
      google.protobuf.Empty z = 25; repeated google.protobuf.Value aa = 26; google.protobuf.NullValue bb = 27;
    }
    """

private let codec: MessageCodec = {
    let manifest = SourceRange(Source(name: "manifest", text: ""), 0, 0)
    var findings = Findings()
    let pool = ProtoFiles.compile(
        [ProtoFiles.Entry("three.proto", at: manifest)], roots: [],
        read: { $0 == "three.proto" ? .bytes(Array(file.utf8)) : .missing }, &findings)
    guard let pool else { preconditionFailure("\(findings.ordered().map(\.message))") }
    return MessageCodec(pool)
}()

private let type: Int = {
    guard let index = codec.pool.messages.firstIndex(where: { $0.fullName == "three.M" }) else {
        preconditionFailure("no message")
    }
    return index
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    guard case .success(let json) = JSONReader.read(bytes, limits: JSONLimits(depth: 200, allowsRepeatedKeys: true))
    else {
        return 0
    }
    checkPlain(bytes)
    for ignoresUnknown in [false, true] {
        let reader = MessageJSONReader(codec, ignoresUnknown: ignoresUnknown)
        guard case .success(let message) = reader.read(json, as: type) else { continue }
        let encoded = codec.encode(message)
        // The reader of one pass may leave a text to this one; it never reads another message.
        var plain = ByteWriter()
        if case .success = codec.encode(json: bytes, as: type, ignoresUnknown: ignoresUnknown, into: &plain) {
            guard case .success(let other) = codec.decode(Array(plain.bytes), as: type) else {
                preconditionFailure("what is made in one pass is no message")
            }
            precondition(codec.encode(other) == encoded, "made in one pass it is another message")
        }
        guard case .success = codec.decode(encoded, as: type) else { preconditionFailure("its own form is refused") }
        var text = ByteWriter()
        guard case .success = MessageJSONWriter(codec).write(message, to: &text) else { continue }
        guard case .success(let again) = JSONReader.read(text.bytes, limits: JSONLimits(depth: 400)) else {
            preconditionFailure("what is written is no JSON")
        }
        guard case .success(let same) = MessageJSONReader(codec).read(again, as: type) else {
            preconditionFailure("what is written is refused: \(String(decoding: text.bytes, as: UTF8.self))")
        }
        precondition(codec.encode(same) == encoded, "another message: \(String(decoding: text.bytes, as: UTF8.self))")
    }
    return 0
}

/// What is read and written without a tree of values is what is read and written with one.
private func checkPlain(_ bytes: UnsafeBufferPointer<UInt8>) {
    var plain = ByteWriter()
    guard codec.encode(plainJSON: bytes, as: type, into: &plain) else { return }
    guard case .success(let json) = JSONReader.read(bytes),
        case .success(let message) = MessageJSONReader(codec).read(json, as: type)
    else { preconditionFailure("only the plain reader takes it") }
    guard case .success(let decoded) = codec.decode(Array(plain.bytes), as: type), decoded == message else {
        preconditionFailure("the plain reader reads another message")
    }
    let encoded = codec.encode(message)
    for form in [Array(plain.bytes), encoded] {
        var quick = ByteWriter()
        guard form.withUnsafeBufferPointer({ codec.write(plain: $0, as: type, toJSON: &quick) }) else { continue }
        var slow = ByteWriter()
        guard case .success = MessageJSONWriter(codec).write(message, to: &slow), slow.bytes.elementsEqual(quick.bytes)
        else { preconditionFailure("the plain writer writes: \(String(decoding: quick.bytes, as: UTF8.self))") }
    }
}
