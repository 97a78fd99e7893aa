/// Checks the trailer section of a chunked body (RFC 9112 section 7.1.2) byte by byte and keeps nothing of it.
struct TrailerScanner: Sendable {
    private static let byteLimit = 8 * 1024
    private static let fieldLimit = 64
    /// The longest forbidden name is `transfer-encoding`, 17 bytes.
    private static let nameCapacity = 24

    private enum State {
        case lineStart
        case name
        case value
        case lineLF
        case finalLF
    }

    private var state = State.lineStart
    private var bytes = 0
    private var fields = 0
    /// The name's first bytes in lower case: it may come in pieces, and no piece is kept.
    private var name = InlineArray<24, UInt8>(repeating: 0)
    private var nameCount = 0

    /// Takes one byte; `isDone` once it was the last.
    mutating func take(_ byte: UInt8) -> (fault: ChunkFault?, isDone: Bool) {
        bytes &+= 1
        if bytes > Self.byteLimit { return (.manyTrailers, false) }
        switch state {
        case .lineStart:
            if byte == HeadByte.cr {
                state = .finalLF
                return (nil, false)
            }
            fields &+= 1
            if fields > Self.fieldLimit { return (.manyTrailers, false) }
            nameCount = 0
            state = .name
            return (takeName(byte), false)
        case .name: return (takeName(byte), false)
        case .value:
            if byte == HeadByte.cr {
                state = .lineLF
            } else if byte < 0x20 && byte != HeadByte.tab || byte == 0x7F {
                return (.badTrailer, false)
            }
            return (nil, false)
        case .lineLF:
            state = .lineStart
            return (byte == HeadByte.lf ? nil : .badTrailer, false)
        case .finalLF:
            return byte == HeadByte.lf ? (nil, true) : (.badTrailer, false)
        }
    }

    private mutating func takeName(_ byte: UInt8) -> ChunkFault? {
        if byte == HeadByte.colon {
            state = .value
            if nameCount == 0 { return .badTrailer }
            return isForbidden ? .forbiddenTrailer : nil
        }
        guard HeadByteSet.token.contains(byte) else { return .badTrailer }
        if nameCount < Self.nameCapacity { name[nameCount] = byte &- 65 < 26 ? byte | 0x20 : byte }
        nameCount &+= 1
        return nil
    }

    /// Fields about framing, routing, authentication or the content's form (RFC 9110 section 6.5.1): as trailers they
    /// come too late to be obeyed, so they are a mistake or an attack.
    private var isForbidden: Bool {
        isNamed("host") || isNamed("content-length") || isNamed("transfer-encoding") || isNamed("connection")
            || isNamed("te")
            || isNamed("trailer") || isNamed("upgrade") || isNamed("expect") || isNamed("range") || isNamed("cookie")
            || isNamed("authorization") || isNamed("content-type") || isNamed("content-encoding")
            || isNamed("content-range")
    }

    private func isNamed(_ lower: StaticString) -> Bool {
        guard nameCount == lower.utf8CodeUnitCount, nameCount <= Self.nameCapacity else { return false }
        for index in 0..<nameCount where name[index] != lower.utf8Start[index] { return false }
        return true
    }
}
