import JSON

/// How many spans a collector rejected though it took the request (`ExportTraceServiceResponse.partial_success`).
enum PartialSuccess {
    static func rejected(_ body: [UInt8], _ format: OTLPFormat) -> Int {
        switch format {
        case .json:
            guard case .success(.object(let fields)) = JSONReader.read(body),
                case .object(let partial)? = fields.first(where: { $0.key == "partialSuccess" })?.value,
                let count = partial.first(where: { $0.key == "rejectedSpans" })?.value
            else { return 0 }
            switch count {
            case .string(let digits): return Int(digits) ?? 0
            case .int(let number): return Int(clamping: number)
            default: return 0
            }
        case .protobuf:
            guard let partial = field(1, of: body[...]), case .bytes(let inner) = partial,
                case .number(let count)? = field(1, of: inner)
            else { return 0 }
            return Int(clamping: count)
        }
    }

    private enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// A field of a protobuf message; nil if it is not there or the bytes are no message.
    private static func field(_ number: UInt64, of message: ArraySlice<UInt8>) -> Value? {
        var rest = message
        while !rest.isEmpty {
            guard let tag = varint(&rest) else { return nil }
            let value: Value
            switch tag & 7 {
            case 0:
                guard let number = varint(&rest) else { return nil }
                value = .number(number)
            case 2:
                guard let count = varint(&rest), count <= UInt64(rest.count) else { return nil }
                value = .bytes(rest.prefix(Int(count)))
                rest = rest.dropFirst(Int(count))
            default: return nil
            }
            if tag >> 3 == number { return value }
        }
        return nil
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
