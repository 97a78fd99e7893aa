import JSON

// Whatever is read is written and read again as the same value; what is refused is refused inside of the input.

private func written(_ value: JSONValue) -> [UInt8] {
    var writer = ByteWriter()
    value.write(to: &writer)
    return Array(writer.bytes)
}

/// A whole double is written without a fraction, so it comes back as an integer.
private func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
    switch (left, right) {
    case (.double(let a), .int(let b)): a == Double(b)
    case (.array(let a), .array(let b)): a.elementsEqual(b, by: isSame)
    case (.object(let a), .object(let b)):
        a.elementsEqual(b) { $0.key.utf8.elementsEqual($1.key.utf8) && isSame($0.value, $1.value) }
    default: left == right
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    for allowsRepeatedKeys in [false, true] {
        switch JSONReader.read(bytes, limits: JSONLimits(depth: 32, allowsRepeatedKeys: allowsRepeatedKeys)) {
        case .failure(let error): precondition(error.offset >= 0 && error.offset <= count && !error.message.isEmpty)
        case .success(let value):
            let text = written(value)
            let limits = JSONLimits(depth: 32, allowsRepeatedKeys: allowsRepeatedKeys)
            guard case .success(let again) = JSONReader.read(text, limits: limits) else {
                preconditionFailure("not read again")
            }
            precondition(isSame(value, again), "another value")
            precondition(written(again) == text, "written in another way")
        }
    }
    // Escaping makes a string of any bytes; those that are UTF-8 come back as they were.
    var writer = ByteWriter()
    writer.append(UInt8(ascii: "\""))
    writer.append(jsonEscaped: bytes)
    writer.append(UInt8(ascii: "\""))
    guard case .success(.string(let text)) = JSONReader.read(writer.bytes) else { preconditionFailure("not a string") }
    precondition(UTF8Scanner.firstInvalid(bytes) != nil || text.utf8.elementsEqual(bytes), "another string")
    return 0
}
