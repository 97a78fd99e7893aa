package import Codings
package import JSON

// Content codings of the two bodies: the request's is undone while it is gathered, the answer's is made on its way out.
extension Exchange {
    /// Gets ready to undo the coding of a body that will be held. False: it cannot be, and the failure is declared.
    package mutating func prepareBody() -> Bool {
        // Connect codes what is in the envelopes of its streams; gRPC-Web may do either (PROTOCOL-WEB.md, "Compression").
        guard head.value(of: .contentEncoding) != nil, face != .connectStream else { return true }
        var coding: ContentCoding?
        for index in 0..<head.fieldCount where head.fields[index].known == .contentEncoding {
            for item in head.slice(head.fields[index].value).split(separator: UInt8(ascii: ",")) {
                let name = item.filter { $0 != 0x20 && $0 != 0x09 }
                if ContentCoding.isIdentity(name) { continue }
                // Nobody codes twice but to make a small body large.
                guard coding == nil, let known = ContentCoding.named(name) else { return refuseCoding() }
                coding = known
            }
        }
        guard let coding else { return true }
        decoder = loop.state.pointee.codings.inflater(coding)
        return decoder != nil || refuseCoding()
    }

    private mutating func refuseCoding() -> Bool {
        if face == .connect {
            let name = head.value(of: .contentEncoding).map {
                String(decoding: head.slice($0).prefix(64), as: UTF8.self)
            }
            return refuse(unknownCompression(name ?? ""))
        }
        fail(
            Failure(
                .invalidArgument, "the body's content-encoding is not one of gzip and deflate", status: 415,
                acceptsEncodings: true))
        return false
    }

    /// Keeps a piece of the request's body. False: it must not be kept, and the failure is declared.
    package mutating func keep(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let decoder else {
            body.append(piece)
            return true
        }
        switch decoder.inflate(piece, limit: decodedLimit, into: &body) {
        case .more, .ended: return true
        case .broken: fail(Self.brokenCoding)
        case .tooLarge:
            fail(
                Failure(
                    .resourceExhausted, "the request's body becomes too large when its coding is undone", status: 413,
                    reason: .bodyLimit))
        }
        return false
    }

    /// The request's body has come to its end. False: its coding has not, and the failure is declared.
    package mutating func endBody() -> Bool {
        guard let decoder, received > 0 else { return true }
        if decoder.inflate(UnsafeBufferPointer(start: nil, count: 0), limit: decodedLimit, into: &body) == .ended {
            return true
        }
        fail(Self.brokenCoding)
        return false
    }

    private static var brokenCoding: Failure {
        Failure(.invalidArgument, "the request's body is not what its content-encoding says", reason: .malformed)
    }

    /// What a body may become: the limit, and no more than a hundred times what came, since what grows more is made to
    /// (limits.md); small ones are let be.
    private var decodedLimit: Int {
        let (grown, overflow) = received.multipliedReportingOverflow(by: 100)
        return overflow ? bodyLimit : min(bodyLimit, max(grown, 64 * 1024))
    }

    /// Replaces what lies in the loop's body writer by what the encoder makes of it.
    package mutating func encodeBody(isLast: Bool) {
        guard let encoder else { return }
        let state = loop.state
        encoder.compress(state.pointee.body.bytes, isLast: isLast, into: &state.pointee.codings.coded)
        swap(&state.pointee.body, &state.pointee.codings.coded)
        state.pointee.codings.coded.clear()
        state.pointee.codings.coded.shrink(to: 64 * 1024)
    }

    package mutating func giveBackEncoder() {
        if let encoder { loop.state.pointee.codings.give(encoder) }
        encoder = nil
    }

    mutating func giveBackDecoder() {
        if let decoder { loop.state.pointee.codings.give(decoder) }
        decoder = nil
    }
}

/// A loop's compressors at rest: making one costs a quarter of a megabyte to clear.
package struct CodingPool: ~Copyable {
    private var deflaters: [Deflater] = []
    private var inflaters: [Inflater] = []
    /// For a body that replaces another one.
    package var coded = ByteWriter(capacity: 64)
    private static let kept = 8

    package init() {}

    /// One ready for a new body; nil if there is no memory for it.
    package mutating func deflater(_ coding: ContentCoding, level: Int) -> Deflater? {
        if let at = deflaters.lastIndex(where: { $0.coding == coding && $0.level == level }) {
            return deflaters.remove(at: at)
        }
        return Deflater(coding, level: level)
    }

    mutating func inflater(_ coding: ContentCoding) -> Inflater? {
        if let at = inflaters.lastIndex(where: { $0.coding == coding }) { return inflaters.remove(at: at) }
        return Inflater(coding)
    }

    package mutating func give(_ deflater: Deflater) {
        guard deflaters.count < Self.kept else { return }
        deflater.reset()
        deflaters.append(deflater)
    }

    mutating func give(_ inflater: Inflater) {
        guard inflaters.count < Self.kept else { return }
        inflater.reset()
        inflaters.append(inflater)
    }
}
