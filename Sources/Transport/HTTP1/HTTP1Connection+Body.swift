import JSON
import Pipeline

// The chain with the request's body between its stages: read whole, piece by piece, or dropped.
extension HTTP1Connection {
    /// Goes on from a verdict of the chain.
    mutating func follow(_ verdict: Verdict, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        let isEarly = phase == .head || phase == .parked || phase == .idle
        switch verdict {
        case .proceed: if isEarly { takeBody(exchange, now) } else { startResponder(exchange, now) }
        case .park:
            exchange.pointee.timeline.mark(.parked, now)
            phase = isEarly ? .parked : .parkedLate
        case .refuse: refuse(exchange, nil, now)
        case .cut: cut(exchange, now)
        case .answer:
            loop.state.pointee.body.clear()
            complete(exchange, now)
        }
    }

    /// Reads what the responder needs of the body, then asks the stages behind it.
    mutating func takeBody(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if let failure = exchange.pointee.refusalOfLength() {
            refuse(exchange, failure, now)
            return
        }
        if exchange.pointee.route.pointee.intake == .wholeBody, !bodyEnded, !exchange.pointee.prepareBody() {
            refuse(exchange, nil, now)
            return
        }
        phase = .body
        if bodyEnded || exchange.pointee.route.pointee.intake == .bytes {
            follow(exchange.pointee.admit(untilBody: false), exchange, now)
        } else {
            sendContinue(exchange, now)
        }
    }

    /// `100 Continue`, once the body is wanted and none of it is here (RFC 9110 section 10.1.1).
    mutating func sendContinue(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        since = now
        // Once the answer has begun, a `100` would land in its body.
        guard continueOwed, !exchange.pointee.response.isSent else { return }
        continueOwed = false
        loop.state.pointee.wire.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    mutating func startResponder(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP1Connection.room
        exchange.pointee.inputEnded = bodyEnded
        phase = .streaming
        perform(exchange.pointee.route.pointee.start(&exchange.pointee), exchange, now)
    }

    mutating func resumeResponder(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP1Connection.room
        perform(exchange.pointee.route.pointee.responder.resume(&exchange.pointee), exchange, now)
    }

    /// How much a responder may write before it should wait for the peer to read.
    static let room = 64 * 1024

    mutating func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ now: Int64) {
        guard let exchange else {
            phase = .idle
            return
        }
        since = now
        continueOwed = false
        if case .chunked = exchange.pointee.head.framing {
            receiveChunks(bytes, &at, exchange, now)
            return
        }
        let taken = min(bytes.count &- at, bodyLeft)
        let piece = UnsafeBufferPointer(rebasing: bytes[at..<at &+ taken])
        at &+= taken
        bodyLeft &-= taken
        if bodyLeft == 0 { endBody(exchange, now) }
        take(piece, exchange, now)
    }

    private mutating func endBody(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        bodyEnded = true
        exchange.pointee.timeline.mark(.bodyRead, now)
    }

    mutating func receiveChunks(
        _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        switch chunks.decode(bytes, from: &at) {
        case .data(let range): take(UnsafeBufferPointer(rebasing: bytes[range]), exchange, now)
        case .needMore: break
        case .end:
            endBody(exchange, now)
            take(UnsafeBufferPointer(start: nil, count: 0), exchange, now)
        case .refused(let fault):
            at = bytes.count
            failBody(fault.status, fault.reason, .malformed, now)
        }
    }

    /// A piece of the body, or its end, for whoever wants it.
    mutating func take(
        _ piece: UnsafeBufferPointer<UInt8>, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        exchange.pointee.received &+= piece.count
        if phase == .draining {
            if bodyEnded {
                release(exchange, now)
            } else if exchange.pointee.received &- drainedFrom > ConnectionLimits.drainedBody {
                linger(exchange, now)
            }
            return
        }
        if exchange.pointee.received > exchange.pointee.bodyLimit {
            refuse(exchange, exchange.pointee.bodyTooLarge, now)
            return
        }
        if phase == .streaming {
            exchange.pointee.piece = piece
            exchange.pointee.inputEnded = bodyEnded
            exchange.pointee.room = HTTP1Connection.room
            loop.state.pointee.body.clear()
            let step = exchange.pointee.route.pointee.responder.input(&exchange.pointee)
            exchange.pointee.piece = UnsafeBufferPointer(start: nil, count: 0)
            perform(step, exchange, now)
            return
        }
        if exchange.pointee.route.pointee.intake == .wholeBody {
            guard exchange.pointee.keep(piece), !bodyEnded || exchange.pointee.endBody() else {
                refuse(exchange, nil, now)
                return
            }
        }
        if bodyEnded {
            exchange.pointee.inputEnded = true
            follow(exchange.pointee.admit(untilBody: false), exchange, now)
        }
    }

    mutating func failBody(_ status: Int, _ message: StaticString, _ reason: Reason, _ now: Int64) {
        guard let exchange else { return }
        keepAlive = false
        if phase == .draining {
            // The answer is out, and was told of.
            linger(exchange, now)
            return
        }
        refuse(
            exchange, Failure(Code.forStatus(status), String(describing: message), status: status, reason: reason), now)
    }
}
