// Any bytes as messages of proto2, proto3 and an edition. Nothing may trap, hang or overflow the stack; what is read is the
// same when it is written and read again. The check refuses what reading refuses, for the same reason; expressions may look
// at the fields of either.
import CEL
import Diagnostics
import JSON
import Protobuf

private let fields = """
    int32 a = 1; repeated sint64 b = 2; M c = 3; string d = 4; repeated string e = 5; map<string, M> f = 6; map<int32, E> g = 7;
    oneof o { M h = 8; bytes i = 9; E j = 10; } repeated M k = 11; repeated E l = 12; double m = 13; repeated fixed32 n = 14;
    """

private let files = [
    "two.proto": """
    syntax = "proto2"; package two; enum E { A = 0; B = 1; }
    message M { optional int32 a = 1; repeated sint64 b = 2 [packed = true]; optional M c = 3; required string d = 4;
      optional group Grp = 5 { optional M x = 1; } map<string, M> f = 6; map<int32, E> g = 7; repeated E l = 12; extensions 20; }
    extend M { optional M more = 20; }
    """,
    "three.proto": "syntax = \"proto3\"; package three; enum E { A = 0; B = 1; } message M { \(fields) }",
    "edition.proto": """
    edition = "2023"; package ed; option features.message_encoding = DELIMITED; option features.enum_type = CLOSED;
    enum E { A = 0; B = 1; } message M { \(fields) }
    """,
]

private let codec: MessageCodec = {
    let manifest = SourceRange(Source(name: "manifest", text: ""), 0, 0)
    var findings = Findings()
    let pool = ProtoFiles.compile(
        files.keys.sorted().map { ProtoFiles.Entry($0, at: manifest) }, roots: [],
        read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing }, &findings)
    guard let pool else { preconditionFailure("\(findings.ordered().map(\.message))") }
    return MessageCodec(pool)
}()

private let types = DescriptorTypes(codec, container: "")

/// Reads what is in a value as expressions would, not to any depth: each level is gone through anew for each field.
private func look(_ value: Value, _ depth: Int) {
    switch value {
    case .list(let items): for item in items { look(item, depth) }
    case .map(let map):
        precondition(map.keys.count == map.values.count)
        for value in map.values { look(value, depth) }
    case .message(let object):
        guard depth < 5 else { return }
        _ = object.isEqual(to: object)
        var out = ByteWriter()
        _ = object.writeJSON(&out)
        for field in types.type(named: object.typeName)?.fields ?? [] {
            guard let value = object.value(of: field.name) else { preconditionFailure("no field \(field.name)") }
            if object.has(field.name) == true { look(value, depth + 1) }
        }
    default: break
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for (index, type) in codec.pool.messages.enumerated() where type.parent == nil {
        let wrong = bytes.withUnsafeBufferPointer { codec.check($0, as: index) }
        look(bytes.withUnsafeBufferPointer { types.value($0, as: index) }, 0)
        switch codec.decode(bytes, as: index) {
        case .failure(let error):
            precondition(error.offset >= 0 && error.offset <= bytes.count)
            precondition(wrong == error, "reading says \(error), the check \(String(describing: wrong))")
        case .success(let message):
            precondition(wrong == nil, "the check says \(String(describing: wrong))")
            _ = codec.missingField(message)
            let encoded = codec.encode(message)
            guard case .success(let again) = codec.decode(encoded, as: index) else {
                preconditionFailure("it is refused")
            }
            precondition(codec.encode(again) == encoded, "reading and writing changes it")
        }
    }
    return 0
}
