import JSON
import Pipeline

// Bodies on their way out: what the peer's windows let through, and whose turn it is (RFC 9113 sections 5.2 and 6.9).
extension HTTP2Connection {
    /// Sends what the loop's writer holds of the answer's body, as far as it may be; the rest waits in the stream.
    mutating func sendBody(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, isLast: Bool, _ now: Int64
    ) {
        if exchange.pointee.encoder != nil { exchange.pointee.encodeBody(isLast: isLast) }
        if exchange.pointee.call.compresses { exchange.pointee.compressMessages() }
        if ReplyShape.hasBody(exchange), !stream.pointee.localEnded {
            exchange.pointee.sent &+= loop.state.pointee.body.count
            if isLast { stream.pointee.behind = ReplyShape.sendsTrailers(exchange) ? .trailers : .end }
            push(stream, now)
            if stream.pointee.waitingOutput == 0 { sendBehind(stream, exchange, now) }
        }
        loop.state.pointee.body.clear()
        loop.state.pointee.body.shrink(to: 1024 * 1024)
    }

    private mutating func push(_ stream: StreamPointer, _ now: Int64) {
        let bytes = loop.state.pointee.body.bytes
        var sent = 0
        if stream.pointee.waitingOutput == 0 {
            sent = min(bytes.count, sendable(stream))
            if sent > 0 {
                write(
                    UnsafeBufferPointer(rebasing: bytes[..<sent]), stream,
                    ends: sent == bytes.count && stream.pointee.behind == .end, now)
            }
        }
        guard sent < bytes.count else { return }
        if stream.pointee.waitingOutput == 0 {
            stream.pointee.output.clear()
            stream.pointee.outputAt = 0
            stream.pointee.sentSince = now
        }
        stream.pointee.output.append(UnsafeBufferPointer(rebasing: bytes[sent...]))
        waitingOutput &+= bytes.count &- sent
    }

    /// How many bytes of a body may leave on this stream now.
    @inline(__always) func sendable(_ stream: StreamPointer) -> Int {
        // What the channel holds for a peer that does not read is memory too.
        stalledSince == .max ? max(0, min(stream.pointee.sendWindow, sendWindow)) : 0
    }

    /// DATA; the windows have been asked.
    private mutating func write(
        _ bytes: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, ends: Bool, _ now: Int64
    ) {
        var at = 0
        repeat {
            let count = min(bytes.count &- at, HTTP2.frameSize)
            let isLast = ends && at &+ count == bytes.count
            loop.state.pointee.wire.append(
                frame: FrameKind.data, isLast ? .endStream : [], stream: stream.pointee.id, length: count)
            loop.state.pointee.wire.append(UnsafeBufferPointer(rebasing: bytes[at..<at &+ count]))
            at &+= count
        } while at < bytes.count
        sendWindow &-= bytes.count
        stream.pointee.sendWindow &-= bytes.count
        if ends { stream.pointee.localEnded = true }
        stream.pointee.sentSince = now
        sentSince = now
        keepalive.excuse(bytes.count, now)
        forgive()
    }

    /// What comes when all of the body so far is out.
    private mutating func sendBehind(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        guard !stream.pointee.localEnded else { return }
        switch stream.pointee.behind {
        case .more, .reset: break
        case .end: write(UnsafeBufferPointer(start: nil, count: 0), stream, ends: true, now)
        case .trailers: writeTrailers(stream, exchange)
        }
    }

    // MARK: Turns

    /// Whether something can be sent, or a responder go on, as soon as the channel takes it.
    var wantsRoom: Bool {
        guard closing == .open, stalledSince == .max else { return false }
        for index in 0..<streams.count {
            if let stream = streams[index], canGoOn(stream) { return true }
        }
        return false
    }

    private func canGoOn(_ stream: StreamPointer) -> Bool {
        if stream.pointee.waitingOutput > 0 { return sendable(stream) > 0 }
        switch stream.pointee.phase {
        case .blocked, .full: return sendable(stream) > 0
        case .held: return waitingOutput <= HTTP2Limits.waitingOutput
        default: return false
        }
    }

    /// The channel takes more: each stream that can go on has its turn, a frame each, so that none waits for another's
    /// whole answer.
    mutating func roomReached(now: Int64) {
        let start = loop.state.pointee.wire.count
        var left = streams.count
        while left > 0, closing == .open, loop.state.pointee.wire.count &- start < 64 * 1024 {
            if turn >= streams.count { turn = 0 }
            guard let stream = streams[turn] else { break }
            let id = stream.pointee.id
            if canGoOn(stream) { goOn(stream, now) }
            // Where the stream has ended, the next one stands in its place.
            if streams[turn]?.pointee.id == id { turn &+= 1 }
            left &-= 1
        }
    }

    private mutating func goOn(_ stream: StreamPointer, _ now: Int64) {
        guard let exchange = stream.pointee.exchange else { return }
        if stream.pointee.waitingOutput > 0 {
            sendWaiting(stream, now)
            guard stream.pointee.waitingOutput == 0 else { return }
            if stream.pointee.phase == .ending {
                if stream.pointee.behind == .reset { return cut(stream, exchange, now) }
                sendBehind(stream, exchange, now)
                return conclude(stream, exchange, now)
            }
            openWindow(stream)
            guard canGoOn(stream) else { return }
        }
        switch stream.pointee.phase {
        case .blocked: resumeResponder(stream, exchange, now)
        case .held: startResponder(stream, exchange, now)
        case .full:
            stream.pointee.phase = .streaming
            takeWaitingMessages(stream, exchange, now)
            return openWindow(stream)
        default: return
        }
        if stream.pointee.phase != .free { takeInputAgain(stream, exchange, now) }
        // What was taken just now has room for more.
        openWindow(stream)
    }

    /// Who streams again takes what came meanwhile.
    private mutating func takeInputAgain(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        switch stream.pointee.phase {
        case .body, .streaming: takeInput(stream, exchange, now)
        default: break
        }
    }

    private mutating func sendWaiting(_ stream: StreamPointer, _ now: Int64) {
        let count = min(stream.pointee.waitingOutput, sendable(stream), HTTP2Limits.room)
        guard count > 0 else { return }
        let at = stream.pointee.outputAt
        let isAll = count == stream.pointee.waitingOutput
        let bytes = UnsafeBufferPointer(rebasing: stream.pointee.output.bytes[at..<at &+ count])
        write(bytes, stream, ends: isAll && stream.pointee.behind == .end, now)
        waitingOutput &-= count
        stream.pointee.outputAt = at &+ count
        if isAll {
            stream.pointee.output.clear()
            stream.pointee.output.shrink(to: 64 * 1024)
            stream.pointee.outputAt = 0
        }
    }
}
