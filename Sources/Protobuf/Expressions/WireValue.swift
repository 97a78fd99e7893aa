import CEL

/// The value of a number on the wire.
enum WireValue {
    /// Nil for what is no number.
    static func value(_ bits: UInt64, _ type: FieldType) -> Value? {
        switch type {
        case .double: return .double(Double(bitPattern: bits))
        case .float: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .int64, .sfixed64: return .int(Int64(bitPattern: bits))
        case .uint64, .fixed64: return .uint(bits)
        case .int32, .enum, .sfixed32: return .int(Int64(Int32(truncatingIfNeeded: bits)))
        case .uint32, .fixed32: return .uint(UInt64(UInt32(truncatingIfNeeded: bits)))
        case .bool: return .bool(bits != 0)
        case .sint32:
            let value = UInt32(truncatingIfNeeded: bits)
            return .int(Int64(Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)))
        case .sint64: return .int(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))
        case .string, .bytes, .message, .group: return nil
        }
    }

    /// Whether it is the default of a field without presence.
    static func isZero(_ bits: UInt64, _ type: FieldType) -> Bool {
        switch type {
        case .int32, .uint32, .enum, .sint32: UInt32(truncatingIfNeeded: bits) == 0
        default: bits == 0
        }
    }
}
