import JSON
import Pipeline
import Transport

/// Frames, and the request heads in them: however the bytes are cut, the same frames come, and a head that is whole has what
/// the router needs of it.
///
/// The first byte says where the rest is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
    let cut = Int(start[0]) % (bytes.count + 1)
    let whole = frames([bytes])
    let parts = frames([
        UnsafeBufferPointer(rebasing: bytes[..<cut]), UnsafeBufferPointer(rebasing: bytes[cut...]),
    ])
    precondition(whole == parts, "cut at \(cut), other frames come")
    var decoder = HPACKDecoder()
    for frame in whole where frame.header.kind == FrameKind.headers {
        guard readHead(frame.payload, frame.header.flags.contains(.endStream), &decoder) else { return 0 }
    }
    return 0
}

private struct Frame: Equatable {
    let header: FrameHeader
    let payload: [UInt8]
}

private func frames(_ pieces: [UnsafeBufferPointer<UInt8>]) -> [Frame] {
    var reader = FrameReader()
    var found: [Frame] = []
    for piece in pieces {
        var at = 0
        while at < piece.count {
            switch reader.next(piece, &at) {
            case .more: break
            case .frame(let header, let payload):
                precondition(payload.count == header.length, "a payload of another length")
                found.append(Frame(header: header, payload: Array(payload)))
            case .tooLong(let header):
                found.append(Frame(header: header, payload: []))
                return found
            }
        }
    }
    return found
}

/// False if the decoder cannot go on.
private func readHead(_ block: [UInt8], _ endsStream: Bool, _ decoder: inout HPACKDecoder) -> Bool {
    var head = Head()
    var reader = RequestHeadReader(limits: HeadLimits(), endsStream: endsStream)
    let verdict = block.withUnsafeBufferPointer { reader.read($0, &decoder, into: &head) }
    guard let verdict else { return false }
    guard case .whole = verdict else { return true }
    precondition(!head.slice(head.methodName).isEmpty, "no method")
    precondition(!head.slice(head.host).isEmpty, "no host")
    precondition(head.method == .connect || !head.slice(head.path).isEmpty, "no path")
    precondition(head.fieldCount <= Head.fieldCapacity, "too many fields")
    for index in 0..<head.fieldCount {
        let field = head.fields[index]
        precondition(head.slice(field.name).count == Int(field.name.count), "a name outside")
        precondition(head.slice(field.value).count == Int(field.value.count), "a value outside")
        for byte in head.slice(field.value) {
            precondition(byte >= 0x20 && byte != 0x7F || byte == 9, "a control byte")
        }
    }
    return true
}
