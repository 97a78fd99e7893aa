import Codings
import JSON

// Compressed messages of the answer (gRPC's compression document): each for itself, told by its first byte.
extension Exchange {
    /// Smaller ones grow by what gzip puts around them.
    private static let leastCompressed = 1024

    /// Compresses those messages in the loop's body writer that are worth it. All of them are whole.
    package mutating func compressMessages() {
        let state = loop.state
        let bytes = state.pointee.body.bytes
        guard Self.hasLarge(bytes), let deflater = state.pointee.codings.deflater(.gzip, level: 5) else { return }
        var out = ByteWriter(capacity: 64)
        swap(&out, &state.pointee.codings.coded)
        out.clear()
        var at = 0
        while let length = Self.length(bytes, at) {
            let frame = UnsafeBufferPointer(rebasing: bytes[at..<at &+ 5 &+ length])
            at &+= frame.count
            let start = out.count
            if length >= Self.leastCompressed, frame[0] == 0 {
                out.append("\u{1}\0\0\0\0")
                deflater.compress(UnsafeBufferPointer(rebasing: frame[5...]), isLast: true, into: &out)
                deflater.reset()
                out.endMessage(start)
                if out.count &- start < frame.count { continue }
                out.truncate(to: start)
            }
            out.append(frame)
        }
        state.pointee.codings.give(deflater)
        swap(&out, &state.pointee.body)
        out.clear()
        out.shrink(to: 64 * 1024)
        swap(&out, &state.pointee.codings.coded)
    }

    private static func hasLarge(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while let length = length(bytes, at) {
            if length >= leastCompressed { return true }
            at &+= 5 &+ length
        }
        return false
    }

    /// The length of the message whose prefix is at `at`; nil where none is whole.
    static func length(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
        guard at >= 0, bytes.count &- at >= 5 else { return nil }
        var length = 0
        for index in 1..<5 { length = length << 8 | Int(bytes[at &+ index]) }
        return bytes.count &- at &- 5 >= length ? length : nil
    }
}
