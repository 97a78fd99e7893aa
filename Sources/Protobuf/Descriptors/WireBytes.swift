/// Encoded fields, appended one by one.
struct WireBytes {
    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func fixed(_ value: UInt64, count: Int) {
        var rest = value
        for _ in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func raw(_ more: [UInt8]) { bytes += more }

    mutating func tag(_ number: Int32, _ type: WireType) {
        varint(UInt64(UInt32(bitPattern: number)) << 3 | UInt64(type.rawValue))
    }

    // MARK: Whole fields

    mutating func field(_ number: Int32, varint value: UInt64) {
        tag(number, .varint)
        varint(value)
    }

    /// Negative numbers take ten bytes (encoding guide, "Signed Integers").
    mutating func field(_ number: Int32, int32 value: Int32) {
        field(number, varint: UInt64(bitPattern: Int64(value)))
    }

    mutating func field(_ number: Int32, bytes value: [UInt8]) {
        tag(number, .lengthDelimited)
        varint(UInt64(value.count))
        raw(value)
    }

    mutating func field(_ number: Int32, text value: String) {
        field(number, bytes: Array(value.utf8))
    }
}
