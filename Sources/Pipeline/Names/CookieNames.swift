import CEL

extension Names {
    /// `cookies.NAME`: by name, the first of each (RFC 6265 section 5.4).
    static let cookies = Root(
        "cookies", .map(.string, .string),
        whole: ValueReader { exchange in
            var entries: [(key: Value, value: Value)] = []
            forEachCookie(exchange) { name, value in
                let isNew = !entries.contains { entry in
                    if case .string(let known) = entry.key { known.utf8.elementsEqual(name) } else { false }
                }
                if isNew {
                    entries.append(
                        (
                            .string(String(decoding: name, as: UTF8.self)),
                            .string(String(decoding: value, as: UTF8.self))
                        ))
                }
            }
            return .map(MapValue(entries))
        },
        fields: .open(
            .string,
            { name in
                let wanted = Array(name.utf8)
                return TextReader { exchange in
                    var found: UnsafeBufferPointer<UInt8>?
                    forEachCookie(exchange) { name, value in
                        if found == nil, name.elementsEqual(wanted) { found = value }
                    }
                    return found
                }
            }),
        sentByClient: true, noun: "cookie")

    private static func forEachCookie(
        _ exchange: UnsafePointer<Exchange>, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        for index in 0..<exchange.pointee.head.fieldCount where exchange.pointee.head.fields[index].known == .cookie {
            let line = exchange.pointee.head.slice(exchange.pointee.head.fields[index].value)
            var at = 0
            while at < line.count {
                var end = at
                while end < line.count, line[end] != UInt8(ascii: ";") { end += 1 }
                var start = at
                while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
                if let equals = line[start..<end].firstIndex(of: UInt8(ascii: "=")) {
                    var value = line[(equals + 1)..<end]
                    if value.count > 1, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                        value = value.dropFirst().dropLast()
                    }
                    body(UnsafeBufferPointer(rebasing: line[start..<equals]), UnsafeBufferPointer(rebasing: value))
                }
                at = end + 1
            }
        }
    }
}
