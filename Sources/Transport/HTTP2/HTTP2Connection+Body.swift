import JSON
import Pipeline

// The chain with the request's body between its stages, and the windows that let the body in.
extension HTTP2Connection {
    /// Goes on from a verdict of the chain.
    ///
    /// - Parameter isEarly: the stages that come before the body have been asked.
    mutating func follow(
        _ verdict: Verdict, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64,
        isEarly: Bool
    ) {
        switch verdict {
        case .proceed: if isEarly { takeBody(stream, exchange, now) } else { startResponder(stream, exchange, now) }
        case .park:
            exchange.pointee.timeline.mark(.parked, now)
            stream.pointee.phase = isEarly ? .parked : .parkedLate
        case .refuse: refuse(stream, exchange, nil, now)
        case .cut: cut(stream, exchange, now)
        case .answer:
            loop.state.pointee.body.clear()
            complete(stream, exchange, now)
        }
    }

    /// Reads what the responder needs of the body, then asks the stages behind it.
    private mutating func takeBody(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        if exchange.pointee.isGRPC || exchange.pointee.isRefusedByFace {
            return takeCall(stream, exchange, now)
        }
        if let failure = exchange.pointee.refusalOfLength() { return refuse(stream, exchange, failure, now) }
        let intake = exchange.pointee.route.pointee.intake
        if intake == .wholeBody, !stream.pointee.bodyEnded, !exchange.pointee.prepareBody() {
            return refuse(stream, exchange, nil, now)
        }
        stream.pointee.phase = .body
        stream.pointee.since = now
        if stream.pointee.bodyEnded || intake == .bytes {
            exchange.pointee.inputEnded = stream.pointee.bodyEnded
            follow(exchange.pointee.admit(untilBody: false), stream, exchange, now, isEarly: false)
        } else {
            sendContinue(stream, exchange, now)
            takeInput(stream, exchange, now)
        }
    }

    /// `100 Continue`, once the body is wanted and none of it is here (RFC 9110 section 10.1.1).
    mutating func sendContinue(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        stream.pointee.since = now
        guard stream.pointee.continueOwed, !exchange.pointee.response.isSent else { return }
        stream.pointee.continueOwed = false
        let start = loop.state.pointee.wire.count
        loop.state.pointee.wire.append(frame: FrameKind.headers, .endHeaders, stream: stream.pointee.id, length: 0)
        encoder.begin(into: &loop.state.pointee.wire)
        encoder.write(status: 100, into: &loop.state.pointee.wire)
        loop.state.pointee.wire.close(headersAt: start)
    }

    mutating func startResponder(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        // A client that opens no window must not have answer upon answer kept for it.
        if waitingOutput > HTTP2Limits.waitingOutput {
            stream.pointee.phase = .held
            return
        }
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP2Limits.room
        if exchange.pointee.isGRPC {
            // A client that has no time left does not wait for an answer.
            if now >= exchange.pointee.deadline { return refuse(stream, exchange, Exchange.tooLate, now) }
            exchange.pointee.inputEnded = exchange.pointee.route.pointee.intake != .messages
        } else {
            exchange.pointee.inputEnded = stream.pointee.bodyEnded
        }
        stream.pointee.phase = .streaming
        stream.pointee.since = now
        perform(exchange.pointee.route.pointee.start(&exchange.pointee), stream, exchange, now)
    }

    mutating func resumeResponder(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP2Limits.room
        perform(exchange.pointee.route.pointee.responder.resume(&exchange.pointee), stream, exchange, now)
    }

    // MARK: Bytes

    /// DATA (RFC 9113 section 6.1). All of it counts against the windows, padding too (section 6.9.1).
    mutating func takeData(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream != 0, !isIdle(header.stream) else { return fail(.protocol, "DATA on an idle stream", now) }
        receiveWindow &-= payload.count
        if receiveWindow < 0 { return fail(.flowControl, "more than the window allows", now) }
        guard let piece = Padding.strip(header, payload) else {
            return fail(.protocol, "more padding than frame", now)
        }
        let ends = header.flags.contains(.endStream)
        if piece.isEmpty, !ends {
            emptyData &+= 1
            if emptyData > HTTP2Limits.emptyData { return fail(.enhanceYourCalm, "frames that say nothing", now) }
        } else {
            emptyData = 0
        }
        guard let stream = streams.find(header.stream) else {
            give(payload.count)
            // It may have been sent before our reset came (section 5.1).
            if !wasReset(header.stream) { fail(.streamClosed, "DATA on a closed stream", now) }
            return
        }
        stream.pointee.taken &+= payload.count &- piece.count
        stream.pointee.takenUntold &+= payload.count &- piece.count
        if stream.pointee.remoteEnded {
            give(piece.count)
            return fault(stream, .streamClosed, now)
        }
        stream.pointee.receiveWindow &-= payload.count
        if stream.pointee.receiveWindow < 0 {
            give(piece.count)
            return fault(stream, .flowControl, now)
        }
        if let left = stream.pointee.bodyLeft {
            stream.pointee.bodyLeft = left &- piece.count
            // The length was another one (section 8.1.1).
            if piece.count > left || ends && piece.count < left {
                give(piece.count)
                return fault(stream, .protocol, now)
            }
        }
        if stream.pointee.phase != .draining { stream.pointee.since = now }
        stream.pointee.continueOwed = false
        if ends { endInput(stream, now) }
        offer(piece, stream, now)
    }

    /// The last byte of the body has come; it is to be offered.
    func endInput(_ stream: StreamPointer, _ now: Int64) {
        stream.pointee.remoteEnded = true
        stream.pointee.exchange?.pointee.timeline.mark(.bodyRead, now)
    }

    /// Bytes of the body, or its end without any, for whoever wants them now.
    mutating func offer(_ piece: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, _ now: Int64) {
        switch stream.pointee.phase {
        case .body, .streaming:
            if let exchange = stream.pointee.exchange { take(piece, stream, exchange, now) }
        case .parked, .parkedLate, .held, .waiting, .blocked, .full: stream.pointee.input.append(piece)
        // Nobody wants it any more. The window stays as it is, so not much more of it comes.
        case .ending, .free: give(piece.count)
        case .draining:
            give(piece.count)
            if stream.pointee.remoteEnded { end(stream, now) }
        }
    }

    /// What came while nobody could take it.
    mutating func takeInput(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        guard stream.pointee.input.count > 0 else { return }
        // Out of the slot first: who takes the last of it must see that it is the last.
        var input = ByteWriter(capacity: 64)
        swap(&input, &stream.pointee.input)
        take(input.bytes, stream, exchange, now)
    }

    /// A piece of the body, or its end, for whoever wants it.
    mutating func take(
        _ piece: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>,
        _ now: Int64
    ) {
        if exchange.pointee.isGRPC {
            takeMessages(piece, stream, exchange, now)
            return openWindow(stream)
        }
        stream.pointee.taken &+= piece.count
        stream.pointee.takenUntold &+= piece.count
        exchange.pointee.received &+= piece.count
        if exchange.pointee.received > exchange.pointee.bodyLimit {
            return refuse(stream, exchange, exchange.pointee.bodyTooLarge, now)
        }
        let ended = stream.pointee.bodyEnded
        if stream.pointee.phase == .streaming {
            exchange.pointee.piece = piece
            exchange.pointee.inputEnded = ended
            exchange.pointee.room = HTTP2Limits.room
            loop.state.pointee.body.clear()
            let step = exchange.pointee.route.pointee.responder.input(&exchange.pointee)
            exchange.pointee.piece = UnsafeBufferPointer(start: nil, count: 0)
            perform(step, stream, exchange, now)
        } else {
            if exchange.pointee.route.pointee.intake == .wholeBody {
                guard exchange.pointee.keep(piece), !ended || exchange.pointee.endBody() else {
                    return refuse(stream, exchange, nil, now)
                }
            }
            if ended {
                exchange.pointee.inputEnded = true
                follow(exchange.pointee.admit(untilBody: false), stream, exchange, now, isEarly: false)
            }
        }
        openWindow(stream)
    }

    // MARK: Windows

    /// Lets the peer send as much as has been taken, in steps of half a window (section 6.9). Not while nobody takes more: a
    /// parked exchange, or one whose answer does not leave, so that the peer feels it.
    mutating func openWindow(_ stream: StreamPointer) {
        switch stream.pointee.phase {
        case .body, .streaming: break
        default: return
        }
        guard stream.pointee.waitingOutput == 0 else { return }
        give(stream.pointee.takenUntold)
        stream.pointee.takenUntold = 0
        guard !stream.pointee.remoteEnded, stream.pointee.taken &* 2 >= max(1, limits.streamWindow) else { return }
        loop.state.pointee.wire.append(windowUpdate: stream.pointee.id, stream.pointee.taken)
        stream.pointee.receiveWindow &+= stream.pointee.taken
        stream.pointee.taken = 0
    }

    /// The same for the connection's window.
    mutating func give(_ count: Int) {
        taken &+= count
        guard taken &* 2 >= max(limits.connectionWindow, HTTP2.initialWindow), closing == .open else { return }
        loop.state.pointee.wire.append(windowUpdate: 0, taken)
        receiveWindow &+= taken
        taken = 0
    }
}
