// Functions on strings. Positions count Unicode scalars.
let textFunctions: [Function] = [
    onTexts("startsWith") { text, prefix in .bool(text.utf8.starts(with: prefix.utf8)) },
    onTexts("endsWith") { text, suffix in
        .bool(text.utf8.count >= suffix.utf8.count && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8))
    },
    onTexts("contains") { text, part in .bool(TextSearch.first(part, in: text) != nil) },
    onText("lowerAscii") { text in .string(mapped(text, from: "A"..."Z", by: 32)) },
    onText("upperAscii") { text in .string(mapped(text, from: "a"..."z", by: -32)) },
    onText("trim") { text in .string(trimmed(text)) },
    Function(
        "replace", .method,
        [
            Overload(
                [.string, .string, .string], .string,
                .three { text, old, new, frame in replace(text, old, new, nil, &frame) }),
            Overload(
                [.string, .string, .string, .int], .string,
                .four { text, old, new, count, frame in replace(text, old, new, count, &frame) }),
        ]),
    Function(
        "split", .method,
        [
            Overload([.string, .string], .list(.string), .two { text, by, frame in split(text, by, nil, &frame) }),
            Overload(
                [.string, .string, .int], .list(.string),
                .three { text, by, count, frame in split(text, by, count, &frame) }),
        ]),
    Function(
        "join", .method,
        [
            Overload([.list(.string)], .string, .one { list, frame in join(list, .string(""), &frame) }),
            Overload([.list(.string), .string], .string, .two { list, by, frame in join(list, by, &frame) }),
        ]),
    Function(
        "substring", .method,
        [
            Overload([.string, .int], .string, .two { text, from, frame in substring(text, from, nil, &frame) }),
            Overload(
                [.string, .int, .int], .string,
                .three { text, from, to, frame in substring(text, from, to, &frame) }),
        ]),
    Function(
        "indexOf", .method,
        [
            Overload([.string, .string], .int, .two { text, part, frame in indexOf(text, part, .int(0), &frame) }),
            Overload(
                [.string, .string, .int], .int,
                .three { text, part, from, frame in indexOf(text, part, from, &frame) }),
        ]),
    Function(
        "charAt", .method,
        [
            Overload(
                [.string, .int], .string,
                .two { text, at, frame in
                    guard case .string(let string) = text, case .int(let place) = at else { return text }
                    guard frame.pay(bytes: string.utf8.count) else { return .exhausted }
                    guard let scalar = scalarIndex(string, place) else { return outside(at, string) }
                    // The end itself has no character: empty, as in CEL's strings extension.
                    if scalar == string.endIndex { return .string("") }
                    return .string(String(string.unicodeScalars[scalar]))
                })
        ]),
]

private func onText(_ name: String, _ body: @escaping @Sendable (String) -> Value) -> Function {
    Function(
        name, .method,
        [
            Overload(
                [.string], .string,
                .one { value, frame in
                    guard case .string(let text) = value else { return value }
                    return frame.pay(bytes: text.utf8.count) ? body(text) : .exhausted
                })
        ])
}

/// A question about two texts.
private func onTexts(_ name: String, _ body: @escaping @Sendable (String, String) -> Value) -> Function {
    Function(
        name, .method,
        [
            Overload(
                [.string, .string], .bool,
                .two { value, other, frame in
                    guard case .string(let text) = value, case .string(let part) = other else { return value }
                    return frame.pay(bytes: text.utf8.count + part.utf8.count) ? body(text, part) : .exhausted
                })
        ])
}

private func mapped(_ text: String, from range: ClosedRange<Unicode.Scalar>, by distance: Int) -> String {
    var text = text
    return text.withUTF8 { bytes in
        String(unsafeUninitializedCapacity: bytes.count) { target in
            for (at, byte) in bytes.enumerated() {
                target[at] =
                    range.contains(Unicode.Scalar(byte)) ? UInt8(truncatingIfNeeded: Int(byte) + distance) : byte
            }
            return bytes.count
        }
    }
}

private func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}

/// Where the scalar of that number is; the end for the number behind the last; nil outside.
private func scalarIndex(_ text: String, _ place: Int64) -> String.Index? {
    guard place >= 0, place <= text.utf8.count else { return nil }
    return text.unicodeScalars.index(text.startIndex, offsetBy: Int(place), limitedBy: text.endIndex)
}

private func outside(_ place: Value, _ text: String) -> Value {
    .failure("the index \(place.shown) is not in a text of \(text.unicodeScalars.count) characters")
}

private func substring(_ value: Value, _ from: Value, _ to: Value?, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value, case .int(let first) = from else { return value }
    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
    guard let start = scalarIndex(text, first) else { return outside(from, text) }
    guard let to, case .int(let last) = to else { return .string(String(text.unicodeScalars[start...])) }
    guard let end = scalarIndex(text, last) else { return outside(to, text) }
    if end < start { return .failure("substring ends at \(last), before it starts at \(first)") }
    return .string(String(text.unicodeScalars[start..<end]))
}

private func indexOf(_ value: Value, _ part: Value, _ from: Value, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value, case .string(let wanted) = part, case .int(let first) = from else {
        return value
    }
    guard frame.pay(bytes: text.utf8.count + wanted.utf8.count) else { return .exhausted }
    guard let start = scalarIndex(text, first) else { return outside(from, text) }
    let skipped = text.utf8.distance(from: text.startIndex, to: start)
    guard let found = TextSearch.first(wanted, in: text, from: skipped) else { return .int(-1) }
    let place = text.utf8.index(text.startIndex, offsetBy: found)
    return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: place)))
}

/// The places of `part`, at most `limit` of them; an empty part is found between all scalars.
private func places(of part: String, in text: String, limit: Int) -> [Int] {
    var found: [Int] = []
    if part.isEmpty {
        var at = 0
        for scalar in text.unicodeScalars {
            if found.count >= limit { return found }
            found.append(at)
            at += UTF8.width(scalar)
        }
        if found.count < limit { found.append(at) }
        return found
    }
    let search = TextSearch(part)
    var at = 0
    while found.count < limit, let place = search.first(in: text, from: at) {
        found.append(place)
        at = place + part.utf8.count
    }
    return found
}

private func limit(_ count: Value?) -> Int {
    guard let count, case .int(let number) = count, number >= 0 else { return .max }
    return Int(number)
}

private func replace(_ value: Value, _ old: Value, _ new: Value, _ count: Value?, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value, case .string(let old) = old, case .string(let new) = new else {
        return value
    }
    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
    let found = places(of: old, in: text, limit: limit(count))
    let (growth, overflow) = found.count.multipliedReportingOverflow(by: new.utf8.count - old.utf8.count)
    if overflow || growth > Limits.output - text.utf8.count { return .tooLarge }
    guard frame.pay(found.count), frame.pay(bytes: max(0, text.utf8.count + growth)) else { return .exhausted }
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + growth)
    var at = 0
    for place in found {
        out += bytes[at..<place]
        out += new.utf8
        at = place + old.utf8.count
    }
    out += bytes[at...]
    return .string(String(decoding: out, as: UTF8.self))
}

private func split(_ value: Value, _ by: Value, _ count: Value?, _ frame: inout Frame) -> Value {
    guard case .string(let text) = value, case .string(let by) = by else { return value }
    let parts = limit(count)
    if parts == 0 { return .list([]) }
    guard frame.pay(bytes: text.utf8.count) else { return .exhausted }
    var found = places(of: by, in: text, limit: by.isEmpty ? parts : parts - 1)
    if by.isEmpty {
        // Between the scalars only, not before the first or behind the last.
        if text.isEmpty { return .list([]) }
        found = found.filter { $0 > 0 && $0 < text.utf8.count }
    }
    guard frame.pay(found.count) else { return .exhausted }
    let bytes = Array(text.utf8)
    var list: [Value] = []
    var at = 0
    for place in found {
        list.append(.string(String(decoding: bytes[at..<place], as: UTF8.self)))
        at = place + by.utf8.count
    }
    list.append(.string(String(decoding: bytes[at...], as: UTF8.self)))
    return .list(list)
}

private func join(_ value: Value, _ by: Value, _ frame: inout Frame) -> Value {
    guard case .list(let list) = value, case .string(let by) = by else { return value }
    guard frame.pay(list.count) else { return .exhausted }
    var out = ""
    for (at, element) in list.enumerated() {
        guard case .string(let text) = element else {
            return .failure("'join' wants a list of strings, found \(element.typeName)")
        }
        guard frame.pay(bytes: text.utf8.count + by.utf8.count) else { return .exhausted }
        if at > 0 { out += by }
        out += text
        if out.utf8.count > Limits.output { return .tooLarge }
    }
    return .string(out)
}
