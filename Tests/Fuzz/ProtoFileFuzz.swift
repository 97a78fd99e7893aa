// Any bytes as a .proto file and as a descriptor set. Nothing may trap, hang or overflow the stack; every finding is inside of
// its text; and what compiles is the same when its descriptors are read again.
import Diagnostics
import JSON
import Protobuf

private let manifest = SourceRange(Source(name: "manifest", text: ""), 0, 0)

private func compile(_ bytes: [UInt8]) -> DescriptorPool? {
    var findings = Findings()
    let pool = ProtoFiles.compile(
        [ProtoFiles.Entry("a.proto", at: manifest)], roots: [],
        read: { path in path == "a.proto" ? .bytes(bytes) : .missing }, &findings)
    for finding in findings.ordered() {
        precondition(finding.range.start >= 0 && finding.range.end <= finding.range.source.bytes.count)
        precondition(!finding.message.isEmpty)
        for related in finding.related { precondition(related.range.end <= related.range.source.bytes.count) }
    }
    precondition(pool == nil || !findings.hasErrors)
    precondition(pool != nil || findings.hasErrors, "a refusal says why")
    return pool
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let pool = compile(bytes) else { return 0 }
    let set = DescriptorWriter(pool).fileSet()
    guard let again = compile(set) else { preconditionFailure("its own descriptors are refused") }
    precondition(DescriptorWriter(again).fileSet() == set, "reading and writing changes them")
    return 0
}
