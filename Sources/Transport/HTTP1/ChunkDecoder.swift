package enum ChunkEvent: Equatable {
    /// This part of the input is body.
    case data(Range<Int>)
    /// All of the input is used up.
    case needMore
    /// The body and its trailers are over; what follows belongs to the next request.
    case end
    case refused(ChunkFault)
}

/// Why a chunked body is not one; the answer to each is 400, or 431 for too many trailers, and a closed connection.
package enum ChunkFault: UInt8, Equatable, Sendable {
    case badSize
    case largeSize
    case badExtension
    case longExtension
    case badLineEnd
    case badTrailer
    case forbiddenTrailer
    case manyTrailers

    package var status: Int { self == .manyTrailers ? 431 : 400 }

    package var reason: StaticString {
        switch self {
        case .badSize: "a chunk size is not a hexadecimal number"
        case .largeSize: "a chunk size is too large"
        case .badExtension: "a chunk extension is not valid"
        case .longExtension: "the chunk extensions are too long"
        case .badLineEnd: "a chunk does not end where its size says"
        case .badTrailer: "a trailer field is not valid"
        case .forbiddenTrailer: "a field that may not be a trailer"
        case .manyTrailers: "the trailers are too long or too many"
        }
    }
}

/// Takes `Transfer-Encoding: chunked` off a body (RFC 9112 section 7.1), however the input is cut.
///
/// Strict: CRLF alone ends a line, nothing stands between a size and its `;`. Extensions are ignored, trailers
/// checked and dropped, both within limits: they are bytes that a peer could send for ever without a body.
package struct ChunkDecoder: Sendable {
    /// Bytes of one chunk line.
    private static let lineLimit = 4096
    /// Bytes of extensions in one body: many small chunks must not carry a large message beside it.
    private static let extensionLimit = 16 * 1024

    private enum State {
        case size
        case extensionStart
        case extensionRest
        case sizeLF
        case data
        case dataCR
        case dataLF
        case trailers
        case done
        case failed(ChunkFault)
    }

    private var state = State.size
    private var remaining = 0
    private var digits = 0
    private var lineBytes = 0
    private var extensionBytes = 0
    private var trailers = TrailerScanner()

    package init() {}

    /// What comes next in `input` from `from`, which moves past what was used. Call it until `.needMore`, `.end` or
    /// `.refused`; after these two it answers the same again.
    package mutating func decode(_ input: UnsafeBufferPointer<UInt8>, from: inout Int) -> ChunkEvent {
        if case .done = state { return .end }
        if case .failed(let fault) = state { return .refused(fault) }
        while from >= 0, from < input.count {
            if case .data = state {
                let count = min(remaining, input.count &- from)
                let start = from
                from &+= count
                remaining &-= count
                if remaining == 0 { state = .dataCR }
                return .data(start..<from)
            }
            let byte = input[from]
            from &+= 1
            if let fault = step(byte) {
                state = .failed(fault)
                return .refused(fault)
            }
            if case .done = state { return .end }
        }
        return .needMore
    }

    /// One byte of what is not body.
    private mutating func step(_ byte: UInt8) -> ChunkFault? {
        switch state {
        case .size: return stepSize(byte)
        case .extensionStart, .extensionRest: return stepExtension(byte)
        case .sizeLF:
            guard byte == HeadByte.lf else { return .badSize }
            state = remaining == 0 ? .trailers : .data
        case .dataCR:
            guard byte == HeadByte.cr else { return .badLineEnd }
            state = .dataLF
        case .dataLF:
            guard byte == HeadByte.lf else { return .badLineEnd }
            state = .size
            digits = 0
            lineBytes = 0
        case .trailers:
            let (fault, isDone) = trailers.take(byte)
            if isDone { state = .done }
            return fault
        case .data, .done, .failed: break
        }
        return nil
    }

    private mutating func stepSize(_ byte: UInt8) -> ChunkFault? {
        if let digit = hexDigit(byte) {
            // The bits that the shift would lose, and the sign's.
            guard digits < 16, remaining >> 59 == 0 else { return .largeSize }
            remaining = remaining &<< 4 | Int(digit)
            digits &+= 1
            lineBytes &+= 1
            return nil
        }
        guard digits > 0 else { return .badSize }
        switch byte {
        case HeadByte.cr: state = .sizeLF
        case HeadByte.semicolon:
            state = .extensionStart
            return countExtension()
        default: return .badSize
        }
        return nil
    }

    private mutating func stepExtension(_ byte: UInt8) -> ChunkFault? {
        let isStart: Bool
        if case .extensionStart = state { isStart = true } else { isStart = false }
        if byte == HeadByte.cr {
            if isStart { return .badExtension }
            state = .sizeLF
            return nil
        }
        let isBlank = byte == HeadByte.space || byte == HeadByte.tab
        if isStart, !isBlank {
            // A name must follow (section 7.1.1).
            guard HeadByteSet.token.contains(byte) else { return .badExtension }
            state = .extensionRest
        } else if byte < 0x20 && !isBlank || byte == 0x7F {
            return .badExtension
        }
        return countExtension()
    }

    private mutating func countExtension() -> ChunkFault? {
        lineBytes &+= 1
        extensionBytes &+= 1
        return lineBytes > Self.lineLimit || extensionBytes > Self.extensionLimit ? .longExtension : nil
    }

    private func hexDigit(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let lower = byte | 0x20
        return lower &- 0x61 < 6 ? lower &- 0x61 &+ 10 : nil
    }
}
