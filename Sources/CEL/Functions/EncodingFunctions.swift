import JSON

// Text and bytes in the encodings of the web.
let encodingFunctions: [Function] = [
    Function(
        "url.encode", .function,
        [
            Overload([.string], .string, .one { value, frame in value.encoded(.urlComponent, &frame) })
        ]),
    Function(
        "url.decode", .function, [Overload([.string], .string, .one { value, frame in urlDecode(value, &frame) })]),
    onBytes("hex.encode") { bytes in hexEncode(bytes) },
    fromText("hex.decode", hexDecode),
    onBytes("base64.encode") { bytes in Base64.encode(bytes) },
    fromText("base64.decode", Base64.decode),
    onBytes("base64url.encode") { bytes in Base64.encodeURL(bytes) },
    fromText("base64url.decode", Base64.decodeURL),
    Function(
        "json.decode", .function,
        [.string, .bytes].map { type in Overload([type], .dyn, .one { value, frame in decoded(value, &frame) }) }),
    Function(
        "json.encode", .function,
        [
            Overload(
                [.dyn], .string,
                .one { value, frame in
                    var out = ByteWriter(capacity: 256)
                    switch value.writeJSON(&out) {
                    case .failed(let error): return .error(error)
                    case .absent: return .failure("an empty optional has no JSON")
                    case .written: break
                    }
                    if out.count > Limits.output { return .tooLarge }
                    guard frame.pay(bytes: out.count) else { return .exhausted }
                    return .string(String(decoding: out.bytes, as: UTF8.self))
                })
        ]),
]

private func decoded(_ value: Value, _ frame: inout Frame) -> Value {
    guard let bytes = value.contents else { return value }
    // A value of JSON takes two bytes at least, and about sixteen times that in memory.
    guard frame.pay(bytes.count / 16) else { return .exhausted }
    switch JSONReader.read(bytes) {
    case .success(let json): return Value(json)
    case .failure(let error): return .failure("'json.decode': \(error.message), at byte \(error.offset)")
    }
}

/// From bytes, or from a string's bytes, to text.
private func onBytes(_ name: String, _ body: @escaping @Sendable ([UInt8]) -> String) -> Function {
    Function(
        name, .function,
        [.bytes, .string].map { type in
            Overload(
                [type], .string,
                .one { value, frame in
                    guard let bytes = value.contents else { return value }
                    // Neither encoding takes more than two characters for a byte.
                    if bytes.count > Limits.output / 2 { return .tooLarge }
                    return frame.pay(bytes: bytes.count) ? .string(body(bytes)) : .exhausted
                })
        })
}

/// From text to bytes.
private func fromText(_ name: String, _ body: @escaping @Sendable (String) -> [UInt8]?) -> Function {
    Function(
        name, .function,
        [
            Overload(
                [.string], .bytes,
                .one { value, frame in
                    guard case .string(let text) = value else { return value }
                    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
                    return body(text).map { .bytes($0) } ?? .failure("'\(name)' cannot read \(value.shown)")
                })
        ])
}

extension Value {
    /// The bytes of bytes or of a string.
    var contents: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .string(let text): Array(text.utf8)
        default: nil
        }
    }

    fileprivate func encoded(_ encoding: Encoding, _ frame: inout Frame) -> Value {
        guard case .string(let text) = self else { return self }
        guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
        var out = ByteWriter(capacity: 256)
        _ = out.append(text, as: encoding)
        if out.count > Limits.output { return .tooLarge }
        return .string(String(decoding: out.bytes, as: UTF8.self))
    }
}

private func urlDecode(_ value: Value, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value else { return value }
    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
        if bytes[at] == UInt8(ascii: "%") {
            guard at + 2 < bytes.count, let high = hexValue(bytes[at + 1]), let low = hexValue(bytes[at + 2]) else {
                return .failure("'url.decode' cannot read \(value.shown)")
            }
            out.append(high << 4 | low)
            at += 3
        } else {
            out.append(bytes[at])
            at += 1
        }
    }
    return String(validating: out, as: UTF8.self).map { .string($0) }
        ?? .failure("what \(value.shown) encodes is not valid UTF-8")
}

private func hexEncode(_ bytes: [UInt8]) -> String {
    let digits: StaticString = "0123456789abcdef"
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        out.append(digits.utf8Start[Int(byte >> 4)])
        out.append(digits.utf8Start[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
}

func hexDecode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count / 2)
    for at in stride(from: 0, to: digits.count, by: 2) {
        guard let high = hexValue(digits[at]), let low = hexValue(digits[at + 1]) else { return nil }
        out.append(high << 4 | low)
    }
    return out
}
