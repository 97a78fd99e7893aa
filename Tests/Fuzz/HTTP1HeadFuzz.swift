import JSON
import Pipeline
import Transport

// A head and the body behind it, as they come from the network. What must hold, besides not to trap:
// - all ranges lie inside the head;
// - a piece of the bytes never gets another answer than all of them: it gets the same, or waits;
// - the short cut for heads that come in drops hides no complete head.

private struct Outcome: Equatable {
    var status = 0
    var length = 0
    var isComplete = false
}

private func parse(_ head: inout Head, _ scanned: inout Int) -> Outcome {
    switch HeadParser.parse(&head, limits: HeadLimits(field: 256, total: 1024, count: 8), scanned: &scanned) {
    case .complete(let length): Outcome(status: 0, length: length, isComplete: true)
    case .incomplete: Outcome()
    case .refused(let status, _): Outcome(status: status)
    }
}

private func checkRanges(_ head: borrowing Head, _ length: Int) {
    func check(_ range: ByteRange) {
        precondition(range.isEmpty || Int(range.start) + Int(range.count) <= length, "a range outside of the head")
    }
    check(head.methodName)
    check(head.target)
    check(head.path)
    check(head.query)
    check(head.host)
    precondition(head.fieldCount <= 8 && !head.methodName.isEmpty && !head.target.isEmpty)
    for index in 0..<head.fieldCount {
        check(head.fields[index].name)
        check(head.fields[index].value)
    }
}

private func decode(_ pieces: [UnsafeBufferPointer<UInt8>]) -> (body: [UInt8], end: ChunkEvent, used: Int) {
    var decoder = ChunkDecoder()
    var body: [UInt8] = []
    var used = 0
    for piece in pieces {
        var at = 0
        var event = decoder.decode(piece, from: &at)
        while case .data(let range) = event {
            body += piece[range]
            event = decoder.decode(piece, from: &at)
        }
        used += at
        if event != .needMore { return (body, event, used) }
        precondition(at == piece.count, "bytes left behind")
    }
    return (body, .needMore, used)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1, count < 8192 else { return 0 }
    // The first byte says where to cut.
    let bytes = UnsafeBufferPointer(start: start + 1, count: count - 1)
    let cut = Int(start[0]) * bytes.count / 255
    let first = UnsafeBufferPointer(rebasing: bytes[..<cut])
    let second = UnsafeBufferPointer(rebasing: bytes[cut...])

    var whole = Head()
    var scanned = 0
    whole.bytes.append(bytes)
    let expected = parse(&whole, &scanned)
    if expected.isComplete { checkRanges(whole, expected.length) }

    var head = Head()
    scanned = 0
    head.bytes.append(first)
    var found = parse(&head, &scanned)
    if found == Outcome() {
        head.bytes.append(second)
        found = parse(&head, &scanned)
        precondition(found == expected || found == Outcome() && !expected.isComplete, "the short cut hides an answer")
        scanned = 0
        found = parse(&head, &scanned)
    }
    precondition(found == expected, "cut at \(cut), the answer is \(found) instead of \(expected)")

    let body = expected.isComplete ? UnsafeBufferPointer(rebasing: bytes[expected.length...]) : bytes
    let middle = min(cut, body.count)
    let once = decode([body])
    let twice = decode([
        UnsafeBufferPointer(rebasing: body[..<middle]), UnsafeBufferPointer(rebasing: body[middle...]),
    ])
    precondition(once.body == twice.body && once.end == twice.end && once.used == twice.used, "chunks cut at \(middle)")
    return 0
}
