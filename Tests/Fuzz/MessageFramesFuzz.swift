// The body of a call as messages: however it is cut, the same messages come, and none is longer than the limit.
//
// The first two bytes say where the rest is cut, and what the limit is.
import JSON
import Pipeline

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let bytes = UnsafeBufferPointer(start: start + 2, count: count - 2)
    let cut = Int(start[0]) % (bytes.count + 1)
    let limit = Int(start[1])
    let whole = read([bytes], limit)
    let parts = read(
        [UnsafeBufferPointer(rebasing: bytes[..<cut]), UnsafeBufferPointer(rebasing: bytes[cut...])], limit)
    precondition(whole == parts, "cut at \(cut), other messages come")
    let single = bytes.indices.map { UnsafeBufferPointer(rebasing: bytes[$0...$0]) }
    precondition(whole == read(single, limit), "byte by byte, other messages come")
    return 0
}

private enum Event: Equatable {
    case message([UInt8], isCompressed: Bool)
    case tooLarge(Int)
    case badFlags(UInt8)
    case end(isPartial: Bool)
}

private func read(_ pieces: [UnsafeBufferPointer<UInt8>], _ limit: Int) -> [Event] {
    var frames = MessageFrames()
    var held = ByteWriter()
    var events: [Event] = []
    var messages = 0
    for piece in pieces {
        var at = 0
        reading: while true {
            let before = at
            switch frames.next(piece, &at, limit: limit, held: &held) {
            case .more:
                precondition(at == piece.count, "not all is used")
                break reading
            case .message(let message, let isCompressed):
                precondition(at > before && message.count <= limit, "a message of nothing, or too large")
                messages += 1
                precondition(frames.count == messages, "another count")
                events.append(.message(Array(message), isCompressed: isCompressed))
            case .tooLarge(let length):
                precondition(length > limit, "it is not too large")
                return events + [.tooLarge(length)]
            case .badFlags(let flags): return events + [.badFlags(flags)]
            }
            precondition(held.count <= limit, "more is held than may be")
        }
    }
    return events + [.end(isPartial: frames.isPartial)]
}
