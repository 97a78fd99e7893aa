import JSON

// The rest of CEL's strings extension.
let textPlaceFunctions: [Function] = [
    Function(
        "lastIndexOf", .method,
        [
            Overload([.string, .string], .int, .two { text, part, frame in lastIndexOf(text, part, nil, &frame) }),
            Overload(
                [.string, .string, .int], .int,
                .three { text, part, from, frame in lastIndexOf(text, part, from, &frame) }),
        ]),
    Function(
        "strings.quote", .function,
        [
            Overload(
                [.string], .string,
                .one { value, frame in
                    guard case .string(let text) = value else { return value }
                    // An escape has two bytes where the text has one.
                    if text.utf8.count > Limits.output / 2 { return .tooLarge }
                    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
                    return .string(escaped(text))
                })
        ]),
]

/// - Parameter from: the last place where the match may start; nil for the end.
private func lastIndexOf(_ value: Value, _ part: Value, _ from: Value?, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value, case .string(let wanted) = part else { return value }
    guard frame.pay(bytes: text.utf8.count + wanted.utf8.count) else { return .exhausted }
    let length = text.unicodeScalars.count
    var last = length
    if let from, case .int(let place) = from {
        guard place >= 0, place <= length else {
            return .failure("the index \(place) is not in a text of \(length) characters")
        }
        last = Int(place)
    }
    if wanted.isEmpty { return .int(Int64(last)) }
    let limit = text.utf8.distance(
        from: text.startIndex, to: text.unicodeScalars.index(text.startIndex, offsetBy: last))
    // Searched from the end: both are turned around, and the first match there is the last one here.
    let end = min(limit + wanted.utf8.count, text.utf8.count)
    let search = TextSearch(wanted.utf8.reversed())
    guard let found = search.first(in: text.utf8.prefix(end).reversed()) else { return .int(-1) }
    let start = text.utf8.index(text.startIndex, offsetBy: end - found - wanted.utf8.count)
    return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: start)))
}

/// In double quotes, with CEL's escapes.
private func escaped(_ text: String) -> String {
    var out = ByteWriter(capacity: 64)
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case 0x07: out.append("\\a" as StaticString)
        case 0x08: out.append("\\b" as StaticString)
        case 0x09: out.append("\\t" as StaticString)
        case 0x0A: out.append("\\n" as StaticString)
        case 0x0B: out.append("\\v" as StaticString)
        case 0x0C: out.append("\\f" as StaticString)
        case 0x0D: out.append("\\r" as StaticString)
        case UInt8(ascii: "\""): out.append("\\\"" as StaticString)
        case UInt8(ascii: "\\"): out.append("\\\\" as StaticString)
        default: out.append(byte)
        }
    }
    out.append(UInt8(ascii: "\""))
    return String(decoding: out.bytes, as: UTF8.self)
}
