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

    /// Begins what stands behind its length. Most of it is short, so that one byte is kept for the length.
    @inline(__always) mutating func beginLength() -> Int {
        append(UInt8(0))
        return count
    }

    /// Ends what began at `start`, and puts its length in front.
    @inline(__always) mutating func endLength(_ start: Int) {
        let length = count - start
        if length < 0x80 {
            replace(at: start - 1, with: UInt8(truncatingIfNeeded: length))
        } else {
            widen(start, length)
        }
    }

    private mutating func widen(_ start: Int, _ length: Int) {
        var bytes = 1
        while bytes < 10, length >> (7 * bytes) > 0 { bytes += 1 }
        insert(bytes - 1, at: start)
        for at in 0..<bytes {
            let more: UInt8 = at < bytes - 1 ? 0x80 : 0
            replace(at: start - 1 + at, with: UInt8(truncatingIfNeeded: length >> (7 * at)) & 0x7F | more)
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
