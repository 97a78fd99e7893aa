/// The entry of a map as protoc writes it: key and value are both there, also where they are the default.
enum MapEntryBytes {
    static func complete(_ entry: [UInt8], key: FieldDescriptor, value: FieldDescriptor) -> [UInt8] {
        var keyBytes = zero(key)
        var valueBytes = zero(value)
        var reader = WireReader(entry)
        while let field = reader.next() {
            if field.number == 1 { keyBytes = payload(field, reader) }
            if field.number == 2 { valueBytes = payload(field, reader) }
        }
        var out = WireBytes()
        out.tag(1, key.type.wireType)
        out.raw(keyBytes)
        out.tag(2, value.type == .group ? .lengthDelimited : value.type.wireType)
        out.raw(valueBytes)
        return out.bytes
    }

    private static func zero(_ field: FieldDescriptor) -> [UInt8] {
        switch field.type.wireType {
        case .fixed32: [0, 0, 0, 0]
        case .fixed64: [0, 0, 0, 0, 0, 0, 0, 0]
        default: [0]
        }
    }

    private static func payload(_ field: WireReader.Field, _ reader: WireReader) -> [UInt8] {
        var out = WireBytes()
        switch field.value {
        case .varint(let value): out.varint(value)
        case .fixed32(let value): out.fixed(UInt64(value), count: 4)
        case .fixed64(let value): out.fixed(value, count: 8)
        case .bytes(let range), .group(let range):
            out.varint(UInt64(range.count))
            out.raw(reader.slice(range))
        }
        return out.bytes
    }
}
