package import JSON

/// Undoes base64 that comes in pieces, of which each may be padded: gRPC-Web's text mode (PROTOCOL-WEB.md).
package struct Base64Stream {
    private var group: UInt32 = 0
    /// Digits and padding of a group that has begun.
    private var count: UInt8 = 0
    private var padding: UInt8 = 0

    package init() {}

    /// Whether a group has begun that has not ended.
    package var isPartial: Bool { count > 0 }

    /// Appends what a piece holds; false where it is not base64.
    package mutating func decode(_ piece: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) -> Bool {
        out.reserve(piece.count / 4 &* 3 &+ 3)
        for byte in piece {
            // Line ends are what tools put in; no digit is among them.
            if byte == 0x0A || byte == 0x0D { continue }
            if byte == UInt8(ascii: "=") {
                // Two digits hold a byte, so fewer cannot be padded.
                guard count >= 2 else { return false }
                padding &+= 1
                group <<= 6
            } else {
                guard padding == 0, let value = Base64.value(byte) else { return false }
                group = group << 6 | UInt32(value)
            }
            count &+= 1
            guard count == 4 else { continue }
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { out.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { out.append(UInt8(truncatingIfNeeded: group)) }
            (group, count, padding) = (0, 0, 0)
        }
        return true
    }
}
