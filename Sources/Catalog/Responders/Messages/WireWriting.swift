import JSON
import Protobuf

// Protobuf's wire format, appended in place (encoding guide, "Message structure").
extension ByteWriter {
    mutating func append(tag number: Int32, _ type: WireType) {
        append(varint: UInt64(UInt32(bitPattern: number)) << 3 | UInt64(type.rawValue))
    }

    mutating func append(fixed value: UInt64, count: Int) {
        var rest = value
        for _ in 0..<count {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Whether all bytes from `start` on are zero, as the payload of a scalar's default is.
    func isZero(from start: Int) -> Bool {
        for at in start..<max(start, count) where bytes[at] != 0 { return false }
        return true
    }
}

/// Bytes that are put together when the plan is made.
enum Wire {
    static func bytes(_ fill: (inout ByteWriter) -> Void) -> [UInt8] {
        var out = ByteWriter(capacity: 64)
        fill(&out)
        return Array(out.bytes)
    }

    static func tag(_ number: Int32, _ type: WireType) -> [UInt8] { bytes { $0.append(tag: number, type) } }
}
