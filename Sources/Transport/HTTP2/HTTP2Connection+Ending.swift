import JSON
import Pipeline

// How streams and the connection end, on time or before it (RFC 9113 sections 5.4 and 6.8).
extension HTTP2Connection {
    // MARK: Times

    /// The next moment at which this stream has something to do.
    func deadline(_ stream: StreamPointer) -> Int64 {
        if stream.pointee.phase == .draining { return later(stream.pointee.since, ConnectionLimits.linger) }
        guard let exchange = stream.pointee.exchange else { return .max }
        var next = stream.pointee.phase == .ending ? .max : exchange.pointee.deadline
        switch stream.pointee.phase {
        case .parked, .parkedLate, .waiting: next = min(next, exchange.pointee.wakeAt)
        case .body, .streaming:
            // Whose window is not opened cannot be late.
            if !stream.pointee.remoteEnded, stream.pointee.waitingOutput == 0, stalledSince == .max,
                !exchange.pointee.isBetweenMessages
            {
                next = min(next, later(stream.pointee.since, limits.bodyGap))
            }
        case .free, .held, .blocked, .full, .ending, .draining: break
        }
        if stream.pointee.waitingOutput > 0 || stream.pointee.phase == .blocked || stream.pointee.phase == .full {
            next = min(next, later(stallSince(stream), limits.sendStall))
        }
        return next
    }

    /// Since when the peer lets nothing of this stream out. Who waits for the connection's window waits as long as nothing
    /// leaves on it.
    private func stallSince(_ stream: StreamPointer) -> Int64 {
        stream.pointee.sendWindow > 0 ? max(stream.pointee.sentSince, sentSince) : stream.pointee.sentSince
    }

    mutating func timeReached(_ stream: StreamPointer, _ now: Int64) {
        if stream.pointee.phase == .draining { return reset(stream, .none, now) }
        guard let exchange = stream.pointee.exchange else { return }
        if stream.pointee.waitingOutput > 0 || stream.pointee.phase == .blocked || stream.pointee.phase == .full,
            now >= later(stallSince(stream), limits.sendStall)
        {
            return stall(stream, now)
        }
        if now >= exchange.pointee.deadline, stream.pointee.phase != .ending {
            return refuse(stream, exchange, Exchange.tooLate, now)
        }
        switch stream.pointee.phase {
        case .parked, .parkedLate, .waiting: wake(stream, now)
        case .body, .streaming:
            refuse(
                stream, exchange,
                Failure(
                    Code.forStatus(408), "the request's body came too slowly", status: 408, reason: .slowBody), now)
        case .free, .held, .blocked, .full, .ending, .draining: break
        }
    }

    /// The peer opens no window: its stream ends; and the connection, if nothing leaves on any of them.
    private mutating func stall(_ stream: StreamPointer, _ now: Int64) {
        if now >= later(sentSince, limits.sendStall) {
            return fail(.enhanceYourCalm, "the windows stay closed", now, .sendStall)
        }
        loop.state.pointee.wire.append(reset: stream.pointee.id, .cancel)
        remember(stream.pointee.id)
        abandon(stream, .sendStall, now)
    }

    /// A parked exchange goes on.
    mutating func wake(_ stream: StreamPointer, _ now: Int64) {
        guard let exchange = stream.pointee.exchange else { return }
        switch stream.pointee.phase {
        case .parked:
            exchange.pointee.timeline.mark(.resumed, now)
            follow(exchange.pointee.resumeAdmission(untilBody: true), stream, exchange, now, isEarly: true)
        case .parkedLate:
            exchange.pointee.timeline.mark(.resumed, now)
            follow(exchange.pointee.resumeAdmission(untilBody: false), stream, exchange, now, isEarly: false)
        case .waiting:
            exchange.pointee.timeline.mark(.resumed, now)
            exchange.pointee.wakeAt = .max
            // What the peer has not read yet must not grow by what comes with time.
            if exchange.pointee.response.isSent, stream.pointee.waitingOutput > 0 || sendable(stream) == 0 {
                stream.pointee.phase = .blocked
                if stream.pointee.waitingOutput == 0 { stream.pointee.sentSince = now }
            } else {
                resumeResponder(stream, exchange, now)
            }
        default: return
        }
        // The same exchange, if it still runs, takes what came while it stood still.
        guard stream.pointee.exchange == exchange else { return }
        switch stream.pointee.phase {
        case .body, .streaming: takeInput(stream, exchange, now)
        default: break
        }
        openWindow(stream)
    }

    // MARK: Streams

    /// The slot is free; the exchange has been told of its end.
    mutating func end(_ stream: StreamPointer, _ now: Int64) {
        if let exchange = stream.pointee.exchange { loop.state.pointee.give(exchange) }
        waitingOutput &-= stream.pointee.waitingOutput
        let untaken = stream.pointee.takenUntold &+ stream.pointee.input.count
        streams.close(stream)
        give(untaken)
        since = now
        closeIfDone(now)
    }

    mutating func reset(_ stream: StreamPointer, _ error: HTTP2Error, _ now: Int64) {
        loop.state.pointee.wire.append(reset: stream.pointee.id, error)
        remember(stream.pointee.id)
        end(stream, now)
    }

    /// The client's mistake ends its stream, and nothing else; unless there are too many of them.
    mutating func fault(_ stream: StreamPointer, _ error: HTTP2Error, _ now: Int64) {
        loop.state.pointee.wire.append(reset: stream.pointee.id, error)
        remember(stream.pointee.id)
        abandon(stream, .malformed, now)
        countFault(now)
    }

    mutating func countFault(_ now: Int64) {
        if !faults.take(now) { fail(.enhanceYourCalm, "too many streams with mistakes", now) }
    }

    /// Ends what is in progress without an answer.
    mutating func abandon(_ stream: StreamPointer, _ reason: Reason, _ now: Int64) {
        if let exchange = stream.pointee.exchange {
            if exchange.pointee.reason == .none { exchange.pointee.reason = reason }
            exchange.pointee.finish(now: now)
        }
        end(stream, now)
    }

    mutating func abandonAll(_ reason: Reason, _ now: Int64) {
        while let stream = streams[0] { abandon(stream, reason, now) }
    }

    /// Frames of this stream may still be on their way, and mean nothing.
    mutating func remember(_ id: UInt32) {
        if reset.count < HTTP2Limits.remembered {
            reset.append(id)
        } else {
            reset[resetNext] = id
            resetNext = (resetNext &+ 1) % HTTP2Limits.remembered
        }
    }

    func wasReset(_ id: UInt32) -> Bool { reset.contains(id) }

    // MARK: The connection

    /// The peer's mistake, or what looks like an attack: the connection ends (section 5.4.1).
    mutating func fail(_ error: HTTP2Error, _ text: StaticString, _ now: Int64, _ reason: Reason = .malformed) {
        guard closing == .open else { return }
        // First, so that what is written for streams that end with it cannot be taken for answers.
        closing = .linger
        since = now
        abandonAll(reason, now)
        loop.state.pointee.wire.append(goAway: lastID, error, text)
    }

    /// Takes its leave in two steps: what is on its way to us when the peer hears of it is still answered (section 6.8).
    mutating func leave(_ now: Int64) {
        guard leaving == .no, closing == .open else { return }
        leaving = .announced
        leavingSince = now
        loop.state.pointee.wire.append(goAway: UInt32(HTTP2.most), .none, "")
        let mark: StaticString = "radicled"
        loop.state.pointee.wire.append(
            ping: UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount), [])
    }

    /// The peer has heard of it, or has had the time to.
    mutating func leaveForGood(_ now: Int64) {
        guard leaving != .final, closing == .open else { return }
        leaving = .final
        loop.state.pointee.wire.append(goAway: lastID, .none, "")
        closeIfDone(now)
    }

    /// Nothing runs and nothing more will come.
    mutating func closeIfDone(_ now: Int64) {
        guard streams.count == 0, closing == .open, leaving == .final || peerLeaves else { return }
        close(.linger, now)
    }

    mutating func close(_ how: ConnectionClosing, _ now: Int64) {
        guard closing != .now else { return }
        closing = how
        since = now
    }
}
