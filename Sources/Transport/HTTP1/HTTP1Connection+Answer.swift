import JSON
import Pipeline

// From the responder's steps to bytes for the peer, and what becomes of the connection behind them.
extension HTTP1Connection {
    /// Goes on from a step of the responder, whose new body bytes are in the loop's writer.
    mutating func perform(_ step: Step, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        switch step {
        case .done: complete(exchange, now)
        case .fail: refuse(exchange, nil, now)
        case .cut: cut(exchange, now)
        case .breakOff: breakOff(exchange, now)
        case .needInput:
            if !bodyEnded { sendContinue(exchange, now) }
            guard sendPiece(exchange, now) else { return }
            phase = .streaming
            if bodyEnded { complete(exchange, now) }
        case .wait:
            guard sendPiece(exchange, now) else { return }
            exchange.pointee.timeline.mark(.parked, now)
            phase = .waiting
        case .blocked: if sendPiece(exchange, now) { phase = .blocked }
        }
    }

    /// Sends what a streaming responder has written so far, with the head before it the first time. False if that
    /// could not be, and the exchange has come to its end.
    mutating func sendPiece(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) -> Bool {
        let count = loop.state.pointee.body.count
        if let length = exchange.pointee.response.declaredLength, exchange.pointee.sent &+ count > length,
            ReplyShape.hasBody(exchange)
        {
            // The client would take the rest for the start of the next answer.
            refuse(exchange, ReplyShape.tooLong, now)
            return false
        }
        if !exchange.pointee.response.isSent {
            // A responder that only waits has not begun to answer.
            guard exchange.pointee.response.isStreaming || count > 0 else { return true }
            exchange.pointee.decorate()
            if exchange.pointee.response.overflowed {
                refuse(exchange, ReplyShape.tooManyFields, now)
                return false
            }
            isChunked = HTTP1Reply.writeStreamingHead(exchange, keepAlive: &keepAlive, now: now)
            exchange.pointee.timeline.mark(.headSent, now)
        }
        appendBody(exchange, isLast: false)
        return true
    }

    mutating func appendBody(_ exchange: UnsafeMutablePointer<Exchange>, isLast: Bool) {
        if exchange.pointee.encoder != nil { exchange.pointee.encodeBody(isLast: isLast) }
        let count = loop.state.pointee.body.count
        if ReplyShape.hasBody(exchange) {
            exchange.pointee.sent &+= count
            if isChunked {
                HTTP1Reply.writeChunk(exchange, isLast: isLast)
            } else if count > 0 {
                loop.state.pointee.wire.append(loop.state.pointee.body.bytes)
            }
        }
        loop.state.pointee.body.clear()
        loop.state.pointee.body.shrink(to: 1024 * 1024)
    }

    /// The answer is whole.
    mutating func complete(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if exchange.pointee.response.isSent {
            if let length = exchange.pointee.response.declaredLength,
                exchange.pointee.sent &+ loop.state.pointee.body.count != length, ReplyShape.hasBody(exchange)
            {
                cut(exchange, now)
                return
            }
            appendBody(exchange, isLast: true)
        } else {
            ReplyShape.decorateWhole(exchange)
            if ReplyShape.isStream(exchange) {
                keepAlive = keepAlive && !mustLinger()
                isChunked = HTTP1Reply.writeStreamingHead(exchange, keepAlive: &keepAlive, now: now)
                appendBody(exchange, isLast: true)
            } else {
                HTTP1Reply.write(exchange, keepAlive: keepAlive && !mustLinger(), now: now)
                loop.state.pointee.body.shrink(to: 1024 * 1024)
            }
        }
        isChunked = false
        conclude(exchange, max(now, LoopClock.now()))
    }

    /// The chain refused, the responder failed, the time is up: the failure is the answer, if none has begun.
    mutating func refuse(_ exchange: UnsafeMutablePointer<Exchange>, _ failure: Failure?, _ now: Int64) {
        if let failure { exchange.pointee.fail(failure) }
        if exchange.pointee.response.isSent {
            // The head promised another end: only a missing end tells the peer (RFC 9112 section 8).
            return exchange.pointee.endBegunCall() ? complete(exchange, now) : cut(exchange, now)
        }
        exchange.pointee.renderFailure()
        complete(exchange, now)
    }

    /// The answer ends here, and is not whole: what is written of it is sent, and the connection closed behind it.
    mutating func breakOff(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        guard sendPiece(exchange, now) else { return }
        isChunked = false
        if exchange.pointee.reason == .none { exchange.pointee.reason = .fault }
        exchange.pointee.finish(now: max(now, LoopClock.now()))
        if !bodyEnded || exchange.pointee.head.keepAlive {
            linger(exchange, now)
        } else {
            closeBehindWrites(now)
        }
    }

    mutating func cut(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        closing = .now
        if exchange.pointee.reason == .none { exchange.pointee.reason = .fault }
        // What the responder wrote before it gave up must not be taken for another exchange's.
        loop.state.pointee.body.clear()
        exchange.pointee.finish(now: max(now, LoopClock.now()))
        giveBack(exchange)
        phase = .closed
    }

    /// Whether the rest of the body is too much, or too uncertain, to be read to its end.
    func mustLinger() -> Bool {
        // A client that waits for `100 Continue` may or may not send the body after another answer.
        !bodyEnded
            && (continueOwed || !keepAlive || (bodyLeft != .max && bodyLeft > ConnectionLimits.drainedBody))
    }

    mutating func conclude(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        exchange.pointee.finish(now: now)
        since = now
        if mustLinger() {
            linger(exchange, now)
        } else if !bodyEnded {
            drainedFrom = exchange.pointee.received
            phase = .draining
        } else {
            release(exchange, now)
        }
    }

    /// Ends the connection so that the peer has a chance to read the answer first.
    mutating func linger(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        giveBack(exchange)
        since = now
        phase = .lingering
        closing = .linger
    }

    mutating func release(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if keepAlive {
            giveBack(exchange)
            since = now
            phase = .idle
        } else if exchange.pointee.head.keepAlive {
            // The end is our wish, and the client may have sent more by now: bytes that nobody reads would reset the
            // connection and take the answer with them (RFC 9112 section 9.6).
            linger(exchange, now)
        } else {
            closeBehindWrites(now)
        }
    }

    /// Ends the connection when all that was written has left.
    mutating func closeBehindWrites(_ now: Int64) {
        if let exchange { giveBack(exchange) }
        since = now
        phase = .closed
        closing = .afterWrite
    }

    mutating func giveBack(_ exchange: UnsafeMutablePointer<Exchange>) {
        self.exchange = nil
        loop.state.pointee.give(exchange)
    }

    /// Ends what is in progress without an answer.
    mutating func abandon(_ reason: Reason, now: Int64) {
        closing = .now
        since = now
        guard let exchange else {
            phase = .closed
            return
        }
        // A head that never became a request is no call to tell anyone of; an answer that is out has been told of.
        if phase != .head && phase != .draining {
            if exchange.pointee.reason == .none { exchange.pointee.reason = reason }
            exchange.pointee.finish(now: now)
        }
        giveBack(exchange)
        phase = .closed
    }
}
