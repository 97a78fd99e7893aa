import JSON
import Pipeline

// From the responder's steps to frames for the peer.
extension HTTP2Connection {
    /// Goes on from a step of the responder, whose new body bytes are in the loop's writer.
    mutating func perform(
        _ step: Step, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        switch step {
        case .done: complete(stream, exchange, now)
        case .fail:
            if exchange.pointee.isGRPC {
                failCall(stream, exchange, now)
            } else {
                refuse(stream, exchange, nil, now)
            }
        case .cut: cut(stream, exchange, now)
        case .breakOff:
            if exchange.pointee.isGRPC {
                failCall(stream, exchange, now)
            } else {
                breakOff(stream, exchange, now)
            }
        case .needInput:
            if exchange.pointee.route.pointee.intake == .messages { return goOnWithMessages(stream, exchange, now) }
            if !stream.pointee.bodyEnded { sendContinue(stream, exchange, now) }
            guard sendPiece(stream, exchange, now) else { return }
            stream.pointee.phase = .streaming
            if !stream.pointee.bodyEnded {
                takeInput(stream, exchange, now)
            } else if exchange.pointee.inputEnded {
                complete(stream, exchange, now)
            } else {
                // The end came while the responder wanted nothing: it has not been told of it.
                take(UnsafeBufferPointer(start: nil, count: 0), stream, exchange, now)
            }
        case .wait:
            guard sendPiece(stream, exchange, now) else { return }
            exchange.pointee.timeline.mark(.parked, now)
            stream.pointee.phase = .waiting
        case .blocked:
            guard sendPiece(stream, exchange, now) else { return }
            if stream.pointee.waitingOutput == 0 { stream.pointee.sentSince = now }
            stream.pointee.phase = .blocked
        }
    }

    /// Sends what a streaming responder has written so far, with the head before it the first time. False if that could not
    /// be, and the exchange has come to its end.
    mutating func sendPiece(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) -> Bool {
        let count = loop.state.pointee.body.count
        if let length = exchange.pointee.response.declaredLength, exchange.pointee.sent &+ count > length,
            ReplyShape.hasBody(exchange)
        {
            // Longer than its length is malformed for the client (RFC 9113 section 8.1.1).
            refuse(stream, exchange, ReplyShape.tooLong, now)
            return false
        }
        if !exchange.pointee.response.isSent {
            // A responder that only waits has not begun to answer.
            guard exchange.pointee.response.isStreaming || count > 0 else { return true }
            exchange.pointee.decorate()
            if exchange.pointee.response.overflowed {
                refuse(stream, exchange, ReplyShape.tooManyFields, now)
                return false
            }
            writeStreamingHead(stream, exchange, now)
        }
        sendBody(stream, exchange, isLast: false, now)
        return true
    }

    /// The answer is whole.
    mutating func complete(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        if exchange.pointee.isGRPC { return completeCall(stream, exchange, now) }
        if exchange.pointee.response.isSent {
            if let length = exchange.pointee.response.declaredLength, ReplyShape.hasBody(exchange),
                exchange.pointee.sent &+ loop.state.pointee.body.count != length
            {
                return cut(stream, exchange, now)
            }
            sendBody(stream, exchange, isLast: true, now)
        } else {
            ReplyShape.decorateWhole(exchange)
            if ReplyShape.isStream(exchange) {
                writeStreamingHead(stream, exchange, now)
            } else {
                let length = ReplyShape.length(exchange)
                writeHead(
                    stream, exchange, length: exchange.pointee.response.allowsBody ? length : nil,
                    ends: length == 0 || !ReplyShape.hasBody(exchange), now)
            }
            sendBody(stream, exchange, isLast: true, now)
        }
        if stream.pointee.waitingOutput == 0 {
            conclude(stream, exchange, now)
        } else {
            stream.pointee.phase = .ending
        }
    }

    /// The chain refused, the responder failed, the time is up: the failure is the answer, if none has begun.
    mutating func refuse(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ failure: Failure?, _ now: Int64
    ) {
        if let failure { exchange.pointee.fail(failure) }
        if exchange.pointee.isGRPC {
            loop.state.pointee.body.clear()
            return failCall(stream, exchange, now)
        }
        // The head promised another end.
        if exchange.pointee.response.isSent {
            return exchange.pointee.endBegunCall() ? complete(stream, exchange, now) : cut(stream, exchange, now)
        }
        exchange.pointee.renderFailure()
        complete(stream, exchange, now)
    }

    /// The answer ends here, and is not whole: what is written of it is sent, and the stream reset behind it.
    private mutating func breakOff(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        guard sendPiece(stream, exchange, now) else { return }
        if exchange.pointee.reason == .none { exchange.pointee.reason = .fault }
        if stream.pointee.waitingOutput == 0 { return cut(stream, exchange, now) }
        stream.pointee.behind = .reset
        stream.pointee.phase = .ending
    }

    /// Over HTTP/1 the connection would be closed; here the other streams go on.
    mutating func cut(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if exchange.pointee.reason == .none { exchange.pointee.reason = .fault }
        // What the responder wrote before it gave up must not be taken for another exchange's.
        loop.state.pointee.body.clear()
        exchange.pointee.finish(now: max(now, LoopClock.now()))
        reset(stream, .internal, now)
    }

    /// All of the answer has left.
    mutating func conclude(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        exchange.pointee.finish(now: max(now, LoopClock.now()))
        if stream.pointee.remoteEnded { return end(stream, now) }
        // Clients of gRPC have their status, and know a reset behind it for what it is.
        if exchange.pointee.isGRPC { return reset(stream, .none, now) }
        // A body that nobody wants any more need not come to its end, and a reset says so (RFC 9113 section 8.1). Not at
        // once: clients that are still writing take that for a failure, and lose the answer.
        loop.state.pointee.give(exchange)
        stream.pointee.exchange = nil
        stream.pointee.phase = .draining
        stream.pointee.since = now
    }

    // MARK: Writing

    private mutating func writeStreamingHead(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        let sendsTrailers = ReplyShape.sendsTrailers(exchange)
        var length: Int?
        if exchange.pointee.isGRPC {
            writeCallHead(stream, exchange, now)
            return exchange.pointee.timeline.mark(.headSent, now)
        }
        if exchange.pointee.response.allowsBody, !sendsTrailers {
            length = exchange.pointee.response.declaredLength.map { max(0, $0) }
        }
        writeHead(stream, exchange, length: length, ends: !ReplyShape.hasBody(exchange), now)
        exchange.pointee.timeline.mark(.headSent, now)
    }

    /// HEADERS: the status, the fields, and those that the face adds.
    private mutating func writeHead(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, length: Int?, ends: Bool, _ now: Int64
    ) {
        let state = loop.state
        let start = state.pointee.wire.count
        state.pointee.wire.append(
            frame: FrameKind.headers, ends ? [.endHeaders, .endStream] : .endHeaders, stream: stream.pointee.id,
            length: 0)
        encoder.begin(into: &state.pointee.wire)
        encoder.write(status: exchange.pointee.response.status, into: &state.pointee.wire)
        for index in 0..<exchange.pointee.response.fieldCount {
            guard let field = exchange.pointee.response.field(index) else { continue }
            encoder.write(field.name, field.value, into: &state.pointee.wire)
        }
        writeDate(now)
        if let length {
            state.pointee.scratch.clear()
            state.pointee.scratch.append(decimal: UInt(bitPattern: length))
            write("content-length", state.pointee.scratch.bytes)
        }
        if ReplyShape.sendsTrailers(exchange) {
            exchange.pointee.response.trailerNames.withUnsafeBufferPointer { write("trailer", $0) }
        }
        state.pointee.wire.close(headersAt: start)
        exchange.pointee.response.isSent = true
        stream.pointee.localEnded = ends
        forgive()
    }

    /// `date`, which is the same for a second.
    mutating func writeDate(_ now: Int64) {
        let state = loop.state
        let second = state.pointee.clock.endOfSecond(now)
        if second == dateSecond, encoder.repeats(dateNumber, into: &state.pointee.wire) { return }
        state.pointee.scratch.clear()
        state.pointee.clock.write(dateAt: now, into: &state.pointee.scratch)
        let name: StaticString = "date"
        dateNumber = encoder.place(
            UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), state.pointee.scratch.bytes,
            into: &state.pointee.wire)
        dateSecond = second
    }

    mutating func write(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        encoder.write(name, value, into: &loop.state.pointee.wire)
    }

    /// HEADERS behind the body: the lines `name: value` that the responder left (RFC 9113 section 8.1).
    mutating func writeTrailers(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>) {
        let state = loop.state
        let start = state.pointee.wire.count
        state.pointee.wire.append(
            frame: FrameKind.headers, [.endHeaders, .endStream], stream: stream.pointee.id, length: 0)
        encoder.begin(into: &state.pointee.wire)
        if exchange.pointee.isGRPC { writeStatus(exchange) }
        writeTrailerLines(exchange)
        state.pointee.wire.close(headersAt: start)
        stream.pointee.localEnded = true
        forgive()
    }

    mutating func writeTrailerLines(_ exchange: UnsafeMutablePointer<Exchange>) {
        TrailerLines.forEach(exchange.pointee.response.trailers.bytes) { name, value in
            encoder.write(name, value, into: &loop.state.pointee.wire)
        }
    }

    /// Who gets answers may ask how long the way is (see `HTTP2Limits.pings` and `PingStrikes`).
    mutating func forgive() {
        keepalive.excuse()
        pings.forgive()
        controls.forgive()
    }
}
