package import CEL
import JSON

extension Names {
    /// `headers["x-a"]`: by lower-case name; fields of one name are joined (RFC 9110 section 5.3).
    package static let headers = Root(
        "headers", .map(.string, .string),
        whole: ValueReader { exchange in .map(MapValue(HeaderReader.all(exchange))) },
        fields: .open(.string, { name in HeaderReader(name) }), sentByClient: true, noun: "header")
}

final class HeaderReader: Reader {
    private let name: [UInt8]
    private let known: KnownField
    /// Cookies are joined by `; ` (RFC 6265 section 4.2.1), all else by a comma.
    private let isCookie: Bool

    init(_ name: String) {
        let bytes = Array(name.utf8)
        self.name = bytes
        self.known = bytes.withUnsafeBufferPointer { KnownField.named($0) }
        self.isCookie = known == .cookie
    }

    func read(_ context: Context) -> Value? {
        var out = ByteWriter(capacity: 128)
        guard write(context, &out, .plain) else { return nil }
        return .string(String(decoding: out.bytes, as: UTF8.self))
    }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        let exchange = context.exchange
        if known != .other, exchange.pointee.head.value(of: known) == nil { return false }
        var found = false
        for index in 0..<exchange.pointee.head.fieldCount {
            let field = exchange.pointee.head.fields[index]
            guard field.known == known, matches(exchange.pointee.head.slice(field.name)) else { continue }
            if found { out.append(isCookie ? "; " : ", ") }
            found = true
            let value = exchange.pointee.head.slice(field.value)
            if !out.append(value, as: encoding) { out.append(value) }
        }
        return found
    }

    var ownType: ValueType? { .string }

    private func matches(_ sent: UnsafeBufferPointer<UInt8>) -> Bool {
        guard sent.count == name.count else { return false }
        for index in 0..<sent.count {
            let byte = sent[index]
            let folded = byte &- 65 < 26 ? byte | 0x20 : byte
            if folded != name[index] { return false }
        }
        return true
    }

    static func all(_ exchange: UnsafePointer<Exchange>) -> [(key: Value, value: Value)] {
        var names: [[UInt8]] = []
        var values: [[UInt8]] = []
        for index in 0..<exchange.pointee.head.fieldCount {
            let field = exchange.pointee.head.fields[index]
            let name = exchange.pointee.head.slice(field.name).map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }
            let value = exchange.pointee.head.slice(field.value)
            if let at = names.firstIndex(of: name) {
                values[at] += Array((field.known == .cookie ? "; " : ", ").utf8) + value
            } else {
                names.append(name)
                values.append(Array(value))
            }
        }
        return zip(names, values).map { name, value in
            (.string(String(decoding: name, as: UTF8.self)), .string(String(decoding: value, as: UTF8.self)))
        }
    }
}
