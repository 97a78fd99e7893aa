import JSON
import Pipeline

// From header blocks to requests.
extension HTTP2Connection {
    /// HEADERS (RFC 9113 section 6.2).
    mutating func takeHeaders(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream & 1 == 1 else { return fail(.protocol, "HEADERS on a stream that no client opens", now) }
        guard var fragment = Padding.strip(header, payload) else {
            return fail(.protocol, "more padding than frame", now)
        }
        if header.flags.contains(.priority) {
            guard fragment.count >= 5 else { return fail(.frameSize, "HEADERS are not whole", now) }
            fragment = UnsafeBufferPointer(rebasing: fragment[5...])
        }
        let endsStream = header.flags.contains(.endStream)
        if header.flags.contains(.endHeaders) { return takeBlock(header.stream, endsStream, fragment, now) }
        block.clear()
        block.append(fragment)
        blockStream = header.stream
        blockEndsStream = endsStream
        blockFrames = 0
        blockSince = now
    }

    /// CONTINUATION (section 6.10).
    mutating func takeContinuation(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard blockStream != 0 else { return fail(.protocol, "CONTINUATION of nothing", now) }
        blockFrames &+= 1
        // A block is bounded by the number of its frames (CVE-2024-27316).
        if blockFrames > HTTP2Limits.continuations(limits.headerTotal) {
            return fail(.enhanceYourCalm, "a header block without an end", now)
        }
        block.append(payload)
        guard header.flags.contains(.endHeaders) else { return }
        let stream = blockStream
        blockStream = 0
        takeBlock(stream, blockEndsStream, block.bytes, now)
        block.clear()
    }

    private mutating func takeBlock(
        _ id: UInt32, _ endsStream: Bool, _ block: UnsafeBufferPointer<UInt8>, _ now: Int64
    ) {
        if let stream = streams.find(id) { return takeTrailers(stream, endsStream, block, now) }
        guard id > lastID else {
            guard passOver(block, now) else { return }
            // Section 5.1: it may have been sent before our reset came.
            if wasReset(id) { return }
            if wasUsed(id) { return fail(.streamClosed, "HEADERS on a closed stream", now) }
            // Section 5.1.1: one that was passed over cannot be opened any more.
            return fail(.protocol, "the ids of streams do not rise", now)
        }
        if leaving == .final {
            guard passOver(block, now) else { return }
            loop.state.pointee.wire.append(reset: id, .refusedStream)
            // More of it may be on its way (section 6.8).
            triedID = max(triedID, id)
            remember(id)
            return
        }
        use(id)
        if streams.count >= limits.streams {
            // Section 5.1.2; it may be tried again.
            guard passOver(block, now) else { return }
            loop.state.pointee.wire.append(reset: id, .refusedStream)
            remember(id)
            // Before it has heard of the limit, a client cannot keep to it.
            if isAcknowledged { countFault(now) }
            return
        }
        open(id, endsStream, block, now)
    }

    private mutating func use(_ id: UInt32) {
        usedIDs = usedIDs << UInt64((id &- lastID) >> 1) | 1
        lastID = id
    }

    /// Whether this id, which is not over `lastID`, has been a stream's; of those long ago it is believed.
    private func wasUsed(_ id: UInt32) -> Bool {
        let distance = (lastID &- id) >> 1
        return distance >= 64 || usedIDs >> UInt64(distance) & 1 == 1
    }

    /// Decodes what nobody wants: what comes next may refer to it. False if that ended the connection.
    private mutating func passOver(_ block: UnsafeBufferPointer<UInt8>, _ now: Int64) -> Bool {
        var at = 0
        while true {
            loop.state.pointee.scratch.clear()
            switch decoder.next(block, &at, into: &loop.state.pointee.scratch, isWanted: false) {
            case .field: break
            case .end: return true
            case .broken:
                fail(.compression, "a header block that cannot be read", now)
                return false
            }
        }
    }

    private mutating func open(
        _ id: UInt32, _ endsStream: Bool, _ block: UnsafeBufferPointer<UInt8>, _ now: Int64
    ) {
        let exchange = loop.state.pointee.take(loop)
        exchange.pointee.connection = facts
        exchange.pointee.head.version = .http2
        let headLimits = HeadLimits(field: limits.headerField, total: limits.headerTotal, count: limits.headerCount)
        var reading = RequestHeadReader(limits: headLimits, endsStream: endsStream)
        guard let verdict = reading.read(block, &decoder, into: &exchange.pointee.head) else {
            loop.state.pointee.give(exchange)
            return fail(.compression, "a header block that cannot be read", now)
        }
        let stream = streams.open(id)
        stream.pointee.exchange = exchange
        stream.pointee.phase = .body
        stream.pointee.remoteEnded = endsStream
        stream.pointee.sendWindow = peerWindow
        stream.pointee.receiveWindow = min(max(limits.streamWindow, 1), HTTP2.most)
        stream.pointee.since = now
        stream.pointee.priority = reading.priority
        requests &+= 1
        switch verdict {
        case .whole: begin(stream, exchange, now)
        case .malformed(let why): refuseMalformed(stream, exchange, why, now)
        case .refused(let stop): refuseHead(stream, exchange, stop.status, stop.reason, now)
        }
        if leaving == .no, requests >= limits.requestsPerConnection { leave(now) }
    }

    private mutating func begin(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        exchange.pointee.parker = parker
        exchange.pointee.begin(now: now)
        if case .length(let length) = exchange.pointee.head.framing { stream.pointee.bodyLeft = length }
        stream.pointee.continueOwed = exchange.pointee.head.expectsContinue
        exchange.pointee.inputEnded = stream.pointee.bodyEnded
        follow(exchange.pointee.admit(untilBody: true), stream, exchange, now, isEarly: true)
    }

    /// Not answered, since it is no request; those that see every call see it (section 8.1.1).
    private mutating func refuseMalformed(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ why: StaticString, _ now: Int64
    ) {
        exchange.pointee.head.framing = .none
        exchange.pointee.beginRefused(
            now: now, Failure(.invalidArgument, String(describing: why), reason: .malformed))
        fault(stream, .protocol, now)
    }

    private mutating func refuseHead(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ status: Int, _ why: StaticString,
        _ now: Int64
    ) {
        exchange.pointee.head.framing = .none
        exchange.pointee.beginRefused(
            now: now,
            Failure(Code.forStatus(status), String(describing: why), status: status, reason: .malformed))
        exchange.pointee.parker = parker
        refuse(stream, exchange, nil, now)
    }

    /// Fields behind the body (section 8.1): read, checked and dropped, as over HTTP/1.
    private mutating func takeTrailers(
        _ stream: StreamPointer, _ endsStream: Bool, _ block: UnsafeBufferPointer<UInt8>, _ now: Int64
    ) {
        var at = 0
        var size = 0
        var isSound = endsStream
        reading: while true {
            loop.state.pointee.scratch.clear()
            switch decoder.next(block, &at, into: &loop.state.pointee.scratch) {
            case .field(let field):
                size &+= field.listSize
                if !field.isSound || field.meaning.isPseudo || field.meaning == .forbidden || field.meaning == .broken
                    || size > limits.headerTotal
                {
                    isSound = false
                }
            case .end: break reading
            case .broken: return fail(.compression, "a header block that cannot be read", now)
            }
        }
        if stream.pointee.remoteEnded { return fault(stream, .streamClosed, now) }
        guard isSound, stream.pointee.bodyLeft ?? 0 == 0 else { return fault(stream, .protocol, now) }
        endInput(stream, now)
        offer(UnsafeBufferPointer(start: nil, count: 0), stream, now)
    }
}

/// The padding of DATA and HEADERS (RFC 9113 section 6.1).
enum Padding {
    /// What is left without it; nil if there is more of it than there is frame.
    static func strip(
        _ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard header.flags.contains(.padded) else { return payload }
        guard let first = payload.first else { return nil }
        let end = payload.count &- Int(first)
        return end >= 1 ? UnsafeBufferPointer(rebasing: payload[1..<end]) : nil
    }
}
