import JSON

/// Messages with a byte of flags and four of length in front: gRPC's, gRPC-Web's and Connect's.
struct Envelopes {
    enum Event {
        case more
        case message(flags: UInt8, [UInt8])
        case tooLarge
    }

    private static let prefixSize = 5
    /// What a client keeps of one message.
    private static let limit = 256 << 20

    private var held: [UInt8] = []
    private var at = 0

    mutating func append(_ bytes: [UInt8]) {
        if at > 0 {
            held.removeFirst(at)
            at = 0
        }
        held += bytes
    }

    mutating func next() -> Event {
        guard held.count - at >= Self.prefixSize else { return .more }
        let count = held[at + 1..<at + Self.prefixSize].reduce(0) { $0 << 8 | Int($1) }
        if count > Self.limit { return .tooLarge }
        let start = at + Self.prefixSize
        guard held.count - start >= count else { return .more }
        let flags = held[at]
        at = start + count
        return .message(flags: flags, Array(held[start..<at]))
    }

    /// What came is not whole.
    var isPartial: Bool { at < held.count }

    static func enveloped(_ message: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        var out = ByteWriter(capacity: message.count + prefixSize)
        out.append(flags)
        let count = UInt32(truncatingIfNeeded: message.count)
        for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
            out.append(UInt8(truncatingIfNeeded: count >> shift))
        }
        out.append(message)
        return Array(out.bytes)
    }
}
