// The body of a gRPC-Web call in base64, each piece of which may be padded: however it is cut, the same bytes come and the same
// text is refused, and bytes that were encoded in pieces come back. Envelopes within it are MessageFramesFuzz's, as are Connect's.
//
// The first byte says where the rest is cut.
import JSON
import Pipeline

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
    let cut = Int(start[0]) % (bytes.count + 1)
    let (head, tail) = (UnsafeBufferPointer(rebasing: bytes[..<cut]), UnsafeBufferPointer(rebasing: bytes[cut...]))
    let whole = decoded([bytes])
    precondition(whole == decoded([head, tail]), "cut at \(cut), other bytes come")
    precondition(
        whole == decoded(bytes.indices.map { UnsafeBufferPointer(rebasing: bytes[$0...$0]) }),
        "byte by byte, other bytes come")

    var text = ByteWriter()
    Base64.encode(head, into: &text)
    Base64.encode(tail, into: &text)
    precondition(decoded([text.bytes]) == Array(bytes), "what was encoded in two pieces is another text")
    return 0
}

/// Nil where it is refused or ends within a group.
private func decoded(_ pieces: [UnsafeBufferPointer<UInt8>]) -> [UInt8]? {
    var stream = Base64Stream()
    var out = ByteWriter()
    for piece in pieces where !stream.decode(piece, into: &out) { return nil }
    return stream.isPartial ? nil : Array(out.bytes)
}
