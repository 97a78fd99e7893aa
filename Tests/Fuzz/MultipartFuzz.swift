import CEL
import JSON
import Pipeline

// Any bytes as a multipart body; the first line is the boundary. Nothing that is read is longer than what came, and what
// is written anew is read as the same.

private func bytes(_ value: Value) -> [UInt8] {
    switch value {
    case .string(let text): Array(text.utf8)
    case .bytes(let content): content
    case .map(let map): map.value(for: "content").map(bytes) ?? []
    default: preconditionFailure("a part is a text or a file")
    }
}

/// Names and file names end at a quote, and a head at an empty line: what holds these cannot be written again as it is.
private func isPlain(_ text: String) -> Bool { !text.utf8.contains { $0 == 0x22 || $0 == 0x0D || $0 == 0x0A } }

private func written(_ map: MapValue, boundary: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    for (key, value) in zip(map.keys, map.values) {
        guard case .string(let name) = key, isPlain(name) else { return nil }
        out += Array("--".utf8) + boundary + Array("\r\nContent-Disposition: form-data; name=\"\(name)\"".utf8)
        if case .map(let file) = value, case .string(let filename)? = file.value(for: "filename") {
            guard isPlain(filename) else { return nil }
            out += Array("; filename=\"\(filename)\"".utf8)
        }
        out += Array("\r\n\r\n".utf8) + bytes(value) + [13, 10]
    }
    return out + Array("--".utf8) + boundary + Array("--\r\n".utf8)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMultipart(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    guard let end = input.firstIndex(of: 0x0A), (1...70).contains(end) else { return 0 }
    let boundary = Array(input[..<end])
    guard case .map(let map) = Multipart.parse(UnsafeBufferPointer(rebasing: input[(end + 1)...]), boundary: boundary)
    else { return 0 }
    // Bytes that are not UTF-8 become three each.
    precondition(map.values.reduce(0) { $0 + bytes($1).count } <= 3 * count, "more than came")
    // A line break, a hyphen or a blank would let the boundary be found elsewhere than it is meant.
    guard boundary.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }),
        let again = written(map, boundary: boundary)
    else { return 0 }
    let read = again.withUnsafeBufferPointer { Multipart.parse($0, boundary: boundary) }
    guard case .map(let second) = read else {
        precondition(map.isEmpty, "not read again")
        return 0
    }
    precondition(second.count == map.count, "another form")
    for (key, value) in zip(map.keys, map.values) {
        guard case .string(let name) = key else { preconditionFailure("a name is a text") }
        precondition(second.value(for: name).map(bytes) == bytes(value), "another part")
    }
    return 0
}
