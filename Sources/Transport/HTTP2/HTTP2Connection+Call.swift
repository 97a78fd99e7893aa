import JSON
import Pipeline

// The messages of a gRPC call on their way in (PROTOCOL-HTTP2.md, "Requests").
extension HTTP2Connection {
    /// The stages before the body have been asked: reads the one message, or goes on without any where more may come.
    mutating func takeCall(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if let failure = exchange.pointee.refusalOfCall() { return refuse(stream, exchange, failure, now) }
        stream.pointee.phase = .body
        stream.pointee.since = now
        if exchange.pointee.route.pointee.intake == .messages || exchange.pointee.isRefusedByFace {
            return follow(exchange.pointee.admit(untilBody: false), stream, exchange, now, isEarly: false)
        }
        sendContinue(stream, exchange, now)
        takeWaitingMessages(stream, exchange, now)
    }

    /// What came while nobody could take it, and the end where that came.
    mutating func takeWaitingMessages(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        guard stream.pointee.input.count > 0 else {
            return takeMessages(UnsafeBufferPointer(start: nil, count: 0), stream, exchange, now)
        }
        var input = ByteWriter(capacity: 64)
        swap(&input, &stream.pointee.input)
        takeMessages(input.bytes, stream, exchange, now)
    }

    /// A piece of the body, or its end, for whoever wants it.
    mutating func takeMessages(
        _ piece: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>,
        _ now: Int64
    ) {
        note(piece.count, stream, exchange)
        if stream.pointee.phase == .streaming {
            deliver(piece, stream, exchange, now)
        } else {
            gather(piece, stream, exchange, now)
        }
    }

    private func note(_ bytes: Int, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>) {
        stream.pointee.taken &+= bytes
        stream.pointee.takenUntold &+= bytes
        exchange.pointee.received &+= bytes
    }

    /// For a responder that is started when all is there.
    private mutating func gather(
        _ piece: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>,
        _ now: Int64
    ) {
        let isMany = exchange.pointee.route.pointee.clientStreams
        var at = 0
        reading: while true {
            if !isMany, exchange.pointee.call.frames.count > 0, at < piece.count {
                exchange.pointee.refuseMoreMessages()
                return refuse(stream, exchange, nil, now)
            }
            switch exchange.pointee.nextMessage(piece, &at) {
            case .more: break reading
            case .message: if isMany { exchange.pointee.message = nil } else { exchange.pointee.keepMessage() }
            case .refused: return refuse(stream, exchange, nil, now)
            }
        }
        guard stream.pointee.remoteEnded else { return }
        guard exchange.pointee.endMessages() else { return refuse(stream, exchange, nil, now) }
        exchange.pointee.inputEnded = true
        follow(exchange.pointee.admit(untilBody: false), stream, exchange, now, isEarly: false)
    }

    /// For a responder that takes message by message: each that is whole, and the end, until it wants something else.
    private mutating func deliver(
        _ piece: UnsafeBufferPointer<UInt8>, _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>,
        _ now: Int64
    ) {
        // Who was told of the end and wants more gets no more.
        if exchange.pointee.inputEnded { return complete(stream, exchange, now) }
        var at = 0
        while true {
            switch exchange.pointee.nextMessage(piece, &at) {
            case .refused: return refuse(stream, exchange, nil, now)
            case .message: break
            case .more:
                guard stream.pointee.remoteEnded else { return }
                guard exchange.pointee.endMessages() else { return refuse(stream, exchange, nil, now) }
                exchange.pointee.inputEnded = true
                exchange.pointee.message = nil
            }
            exchange.pointee.room = HTTP2Limits.room
            loop.state.pointee.body.clear()
            let step = exchange.pointee.route.pointee.responder.input(&exchange.pointee)
            // Who waits may still read it.
            if step == .wait || step == .blocked {
                exchange.pointee.holdMessage()
            } else {
                exchange.pointee.message = nil
            }
            if step == .needInput, exchange.pointee.inputEnded { return complete(stream, exchange, now) }
            if step == .needInput {
                guard sendPiece(stream, exchange, now) else { return }
                if stream.pointee.waitingOutput == 0 { continue }
            }
            // The rest waits in front of the windows, which bound it.
            let rest = UnsafeBufferPointer(rebasing: piece[at...])
            stream.pointee.input.append(rest)
            note(-rest.count, stream, exchange)
            if step == .needInput {
                stream.pointee.phase = .full
            } else {
                perform(step, stream, exchange, now)
            }
            return
        }
    }

    /// The responder wants the next message.
    mutating func goOnWithMessages(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        guard sendPiece(stream, exchange, now) else { return }
        if stream.pointee.waitingOutput > 0 {
            stream.pointee.phase = .full
            return
        }
        stream.pointee.phase = .streaming
        takeWaitingMessages(stream, exchange, now)
    }
}
