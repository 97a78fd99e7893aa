package import CEL
import JSON

extension Names {
    /// `query.NAME`: the first value of a name, decoded as a form is (`+` is a space).
    package static let query = Root(
        "query", .map(.string, .string),
        whole: ValueReader { exchange in
            var entries: [(key: Value, value: Value)] = []
            QueryString.forEach(exchange.pointee.head.slice(exchange.pointee.head.query)) { name, value in
                let key = MapValueKey(QueryString.decode(name))
                if !entries.contains(where: { key.equals($0.key) }) {
                    entries.append((.string(key.text), .string(QueryString.decode(value))))
                }
            }
            return .map(MapValue(entries))
        },
        fields: .open(.string, { name in QueryReader(name) }), sentByClient: true, noun: "query parameter")

    /// `query_all.NAME`: every value of a name, in order.
    package static let queryAll = Root(
        "query_all", .map(.string, .list(.string)),
        fields: .open(
            .list(.string),
            { name in
                let wanted = Array(name.utf8)
                return ValueReader { exchange in
                    var values: [Value] = []
                    QueryString.forEach(exchange.pointee.head.slice(exchange.pointee.head.query)) { key, value in
                        if QueryString.equals(key, wanted) { values.append(.string(QueryString.decode(value))) }
                    }
                    return values.isEmpty ? nil : .list(values)
                }
            }),
        sentByClient: true, noun: "query parameter")
}

/// A key compared by its bytes.
private struct MapValueKey {
    let text: String

    init(_ text: String) { self.text = text }

    func equals(_ other: Value) -> Bool {
        if case .string(let string) = other { return string.utf8.elementsEqual(text.utf8) }
        return false
    }
}

private final class QueryReader: Reader {
    private let name: [UInt8]

    init(_ name: String) { self.name = Array(name.utf8) }

    func read(_ context: Context) -> Value? {
        find(context).map { .string(QueryString.decode($0)) }
    }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard let raw = find(context) else { return false }
        if QueryString.isPlain(raw) {
            if !out.append(raw, as: encoding) { out.append(raw) }
        } else {
            let text = QueryString.decode(raw)
            if !out.append(text, as: encoding) { out.append(text) }
        }
        return true
    }

    private func find(_ context: Context) -> UnsafeBufferPointer<UInt8>? {
        let query = context.exchange.pointee.head.slice(context.exchange.pointee.head.query)
        return QueryString.first(query, name)
    }
}

/// `a=1&b=2`, read in place (the URL standard's application/x-www-form-urlencoded).
package enum QueryString {
    package static func forEach(
        _ query: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var at = 0
        while at < query.count {
            var end = at
            var equals = -1
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if end > at {
                let nameEnd = equals < 0 ? end : equals
                let valueStart = equals < 0 ? end : equals + 1
                body(
                    UnsafeBufferPointer(rebasing: query[at..<nameEnd]),
                    UnsafeBufferPointer(rebasing: query[valueStart..<end]))
            }
            at = end + 1
        }
    }

    /// The first value of `name`, still encoded.
    package static func first(_ query: UnsafeBufferPointer<UInt8>, _ name: [UInt8]) -> UnsafeBufferPointer<UInt8>? {
        var found: UnsafeBufferPointer<UInt8>?
        forEach(query) { key, value in
            if found == nil, equals(key, name) { found = value }
        }
        return found
    }

    /// Whether the encoded `key` means `name`.
    package static func equals(_ key: UnsafeBufferPointer<UInt8>, _ name: [UInt8]) -> Bool {
        if isPlain(key) { return key.elementsEqual(name) }
        return decodedBytes(key).elementsEqual(name)
    }

    package static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text where byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") { return false }
        return true
    }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: decodedBytes(text), as: UTF8.self)
    }

    static func decodedBytes(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "+") {
                out.append(0x20)
            } else if byte == UInt8(ascii: "%"), at + 2 < text.count,
                let high = PathEscapes.value(text[at + 1]), let low = PathEscapes.value(text[at + 2])
            {
                out.append(high << 4 | low)
                at += 2
            } else {
                out.append(byte)
            }
            at += 1
        }
        return out
    }
}
