/// Reads protobuf's wire format (protobuf.dev, Encoding) without knowing the messages, as a check on what was written.
struct ProtobufReader {
    enum Value: Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes([UInt8])
    }

    let fields: [(number: Int, value: Value)]

    /// Nil if the bytes are no message.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        func fixed(_ count: Int) -> UInt64? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        var fields: [(number: Int, value: Value)] = []
        while !rest.isEmpty {
            guard let tag = varint() else { return nil }
            let value: Value
            switch tag & 7 {
            case 0:
                guard let number = varint() else { return nil }
                value = .varint(number)
            case 1:
                guard let number = fixed(8) else { return nil }
                value = .fixed64(number)
            case 2:
                guard let count = varint(), count <= rest.count else { return nil }
                value = .bytes(Array(rest.prefix(Int(count))))
                rest = rest.dropFirst(Int(count))
            case 5:
                guard let number = fixed(4) else { return nil }
                value = .fixed32(UInt32(number))
            default: return nil
            }
            fields.append((Int(tag >> 3), value))
        }
        self.fields = fields
    }

    func all(_ number: Int) -> [Value] { fields.filter { $0.number == number }.map(\.value) }

    func number(_ number: Int) -> UInt64? {
        switch all(number).last {
        case .varint(let value), .fixed64(let value): value
        case .fixed32(let value): UInt64(value)
        case .bytes, nil: nil
        }
    }

    func bytes(_ number: Int) -> [UInt8]? {
        if case .bytes(let bytes) = all(number).last { bytes } else { nil }
    }

    func text(_ number: Int) -> String? { bytes(number).flatMap { String(validating: $0, as: UTF8.self) } }

    /// The messages of a repeated field.
    func messages(_ number: Int) -> [ProtobufReader] {
        all(number).compactMap { if case .bytes(let bytes) = $0 { ProtobufReader(bytes) } else { nil } }
    }
}
