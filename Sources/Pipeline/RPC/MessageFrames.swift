package import JSON

/// Takes messages out of a body (PROTOCOL-HTTP2.md, "Length-Prefixed-Message"): a byte that says whether it is compressed,
/// four of length, then the message, wherever DATA frames begin and end.
package struct MessageFrames {
    package enum Event {
        /// The piece is used up.
        case more
        /// As it came; valid until the next call with bytes, and no longer than the piece and `held` are.
        case message(UnsafeBufferPointer<UInt8>, isCompressed: Bool)
        /// Told before anything of it is kept.
        case tooLarge(Int)
        case badFlags(UInt8)
    }

    private static let prefixSize: UInt8 = 5

    /// How many messages were whole.
    package private(set) var count = 0
    private var prefix: UInt64 = 0
    private var prefixCount: UInt8 = 0
    /// What is held belongs to a message that has been handed out.
    private var isSpent = false

    package init() {}

    /// The last message that began has not come to its end.
    package var isPartial: Bool { prefixCount > 0 }

    private var length: Int { Int(prefix & 0xFFFF_FFFF) }

    /// Goes on in a piece of the body from `at`, behind what was used of it.
    ///
    /// - Parameter held: keeps a message that does not come in one piece.
    package mutating func next(
        _ piece: UnsafeBufferPointer<UInt8>, _ at: inout Int, limit: Int, held: inout ByteWriter
    ) -> Event {
        // What was handed out stays until there is more: nothing follows the one message of a unary call.
        guard at < piece.count else { return .more }
        if isSpent {
            isSpent = false
            held.clear()
            held.shrink(to: 64 * 1024)
        }
        if prefixCount == 0, piece.count &- at >= Int(Self.prefixSize), let base = piece.baseAddress, piece[at] <= 1 {
            let size = UnsafeRawPointer(base + (at &+ 1)).loadUnaligned(as: UInt32.self)
            prefix = UInt64(piece[at]) << 32 | UInt64(UInt32(bigEndian: size))
            prefixCount = Self.prefixSize
            at &+= Int(Self.prefixSize)
            if length > limit { return .tooLarge(length) }
        }
        // In pieces, or broken.
        while prefixCount < Self.prefixSize {
            guard at < piece.count else { return .more }
            prefix = prefix << 8 | UInt64(piece[at])
            prefixCount &+= 1
            at &+= 1
            if prefixCount == 1, prefix > 1 { return .badFlags(UInt8(truncatingIfNeeded: prefix)) }
            if prefixCount == Self.prefixSize, length > limit { return .tooLarge(length) }
        }
        let left = piece.count &- at
        if held.count == 0, left >= length {
            let message = UnsafeBufferPointer(rebasing: piece[at..<at &+ length])
            at &+= length
            return end(message)
        }
        let taken = min(left, length &- held.count)
        held.append(UnsafeBufferPointer(rebasing: piece[at..<at &+ taken]))
        at &+= taken
        guard held.count == length else { return .more }
        isSpent = true
        return end(held.bytes)
    }

    private mutating func end(_ message: UnsafeBufferPointer<UInt8>) -> Event {
        let isCompressed = prefix >> 32 != 0
        prefix = 0
        prefixCount = 0
        count &+= 1
        return .message(message, isCompressed: isCompressed)
    }

    /// `held` has been given another content, which is that of the message handed out.
    mutating func replaceHeld() { isSpent = true }
}
