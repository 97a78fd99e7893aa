package import JSON

// Values as text: what a hole in a template becomes.
extension Value {
    /// Appends the value's text, encoded; nil if that went well. A list, a map or a message is written as JSON, null as `null`,
    /// bytes as they are, an empty optional as nothing.
    ///
    /// What an encoding refuses is an error, and nothing is written.
    package func write(_ out: inout ByteWriter, _ encoding: Encoding) -> EvaluationError? {
        switch self {
        case .string(let text): return out.append(text, as: encoding) ? nil : Limits.refused(encoding)
        case .bytes(let bytes):
            return bytes.withUnsafeBufferPointer { out.append($0, as: encoding) } ? nil : Limits.refused(encoding)
        case .int(let number): out.append(decimal: Int(number))
        case .uint(let number): out.append(decimal: UInt(number))
        case .bool(let flag): out.append(flag ? "true" as StaticString : "false" as StaticString)
        case .null: out.append("null" as StaticString)
        case .double(let number): out.append(doubleText(number))
        case .timestamp(let time):
            // Its colons are the only thing that an encoding could mind.
            if encoding == .urlComponent { return out.append(time.text, as: encoding) ? nil : Limits.refused(encoding) }
            time.write(into: &out)
        case .duration(let span): span.write(into: &out)
        case .ip(let address): out.append(address.text)
        case .cidr(let network): out.append(network.text)
        case .type(let type): out.append(type.nameAsValue)
        case .optional(let wrapped): return wrapped?.write(&out, encoding)
        case .error(let error): return error
        case .list, .map, .message:
            var json = ByteWriter(capacity: 256)
            if case .failed(let error) = writeJSON(&json) { return error }
            return out.append(json.bytes, as: encoding) ? nil : Limits.refused(encoding)
        }
        return nil
    }

    /// The value as text, as `string(…)` gives it; nil where there is none.
    var text: String? {
        var out = ByteWriter(capacity: 64)
        if write(&out, .plain) != nil { return nil }
        return String(validating: out.bytes, as: UTF8.self)
    }
}

/// A double as text: the shortest digits that read back equal, whole numbers without a point, exponents from 1e21 on
/// and below 1e-6, as JSON's users expect them (RFC 8785 section 3.2.2.3).
func doubleText(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    // Swift's description has the shortest digits; only their arrangement differs.
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let shown = Array(number.magnitude.description.utf8)
    for (at, byte) in shown.enumerated() {
        if byte == UInt8(ascii: ".") {
            point = digits.count
        } else if byte == UInt8(ascii: "e") {
            exponent = Int(String(decoding: shown[(at + 1)...], as: UTF8.self)) ?? 0
            break
        } else {
            digits.append(byte)
        }
    }
    // The value is 0.DIGITS times ten to the power of `scale`.
    var scale = (point ?? digits.count) + exponent
    let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(zeros)
    scale -= zeros
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (number < 0 ? "-" : "") + arrange(String(decoding: digits, as: UTF8.self), scale)
}

private func arrange(_ digits: String, _ scale: Int) -> String {
    let count = digits.utf8.count
    if scale > 0, scale <= 21 {
        if count <= scale { return digits + String(repeating: "0", count: scale - count) }
        return digits.prefix(scale) + "." + digits.dropFirst(scale)
    }
    if scale <= 0, scale > -6 { return "0." + String(repeating: "0", count: -scale) + digits }
    let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst(1)
    let power = scale - 1
    return "\(mantissa)e\(power < 0 ? "-" : "+")\(power.magnitude)"
}
