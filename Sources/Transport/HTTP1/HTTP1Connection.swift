import JSON
import Pipeline

/// The life of one HTTP/1 connection, without its channel: bytes and events in, bytes and wishes out.
///
/// After each event the bytes for the peer are in the loop's `wire` writer, and `closing`, `takesInput`, `wantsRoom`
/// and `nextDeadline` say what the handler should do. Requests are taken one at a time: the next one is looked at
/// when the answer before it is whole.
struct HTTP1Connection: ~Copyable {
    /// What the connection is doing.
    enum Phase: UInt8 {
        /// Between requests.
        case idle
        /// A part of a head is there.
        case head
        /// A stage that comes before the body parked the exchange.
        case parked
        /// The body is read, kept or dropped, before the responder starts.
        case body
        /// A stage that comes after the body parked the exchange.
        case parkedLate
        /// The responder takes the body piece by piece.
        case streaming
        /// The responder waits for its time.
        case waiting
        /// The responder waits for the peer to read.
        case blocked
        /// The answer is out; the rest of the request's body is dropped.
        case draining
        /// The answer is out and nothing more will be taken; input is dropped until the peer closes.
        case lingering
        case closed
    }

    typealias Closing = ConnectionClosing

    let loop: LoopPointer
    let limits: ConnectionLimits
    let facts: UnsafePointer<ConnectionFacts>
    /// Resumes parked exchanges: the handler.
    unowned(unsafe) let parker: any Parker
    let opened: Int64

    var phase = Phase.idle
    var closing = Closing.open
    var exchange: UnsafeMutablePointer<Exchange>?
    var requests = 0
    var scanned = 0
    /// Bytes of a body with a known length that are still to come.
    var bodyLeft = 0
    /// How much of the body had come when the answer was out.
    var drainedFrom = 0
    var chunks = ChunkDecoder()
    var bodyEnded = true
    var continueOwed = false
    var keepAlive = true
    var isDraining = false
    /// The responder's body is sent as chunks.
    var isChunked = false
    /// Monotonic time of the last event that counts for the current phase's limit.
    var since: Int64
    var headSince: Int64 = 0
    /// When the peer stopped reading; `.max` while it reads.
    var stalledSince: Int64 = .max
    /// Everything has been handed over since `closing` asked for it.
    var isFlushed = false

    init(
        loop: LoopPointer, limits: ConnectionLimits, facts: UnsafePointer<ConnectionFacts>, parker: any Parker,
        now: Int64
    ) {
        self.loop = loop
        self.limits = limits
        self.facts = facts
        self.parker = parker
        self.opened = now
        self.since = now
    }

    // MARK: What the handler should do

    /// Whether more bytes from the peer can be used now; if not, the handler stops reading.
    var takesInput: Bool {
        switch phase {
        // While the peer does not read, nothing is taken that would be answered: memory stays flat.
        case .idle, .head, .body, .streaming: closing == .open && stalledSince == .max
        case .draining, .lingering: closing != .now
        case .parked, .parkedLate, .waiting, .blocked, .closed: false
        }
    }

    /// Whether the responder has more to write as soon as the peer reads.
    var wantsRoom: Bool { phase == .blocked && closing == .open }

    /// The next moment at which `timeReached` has something to do, on the monotonic clock.
    func nextDeadline() -> Int64 {
        if closing == .now { return .max }
        var next: Int64
        switch phase {
        case .idle: next = requests == 0 ? later(since, limits.headerTimeout) : idleDeadline
        case .head: next = later(headSince, limits.headerTimeout)
        // While the peer does not read, its body is not taken, so it cannot be late.
        case .body, .streaming: next = min(stalledSince == .max ? later(since, limits.bodyGap) : .max, deadline)
        case .parked, .parkedLate, .waiting: next = min(exchange?.pointee.wakeAt ?? .max, deadline)
        case .blocked: next = deadline
        case .draining: next = later(since, limits.bodyGap)
        // A peer that never reads the end must not hold the connection for ever.
        case .lingering: next = later(since, isFlushed ? ConnectionLimits.linger : limits.sendStall)
        case .closed: next = closing == .open ? .max : later(since, limits.sendStall)
        }
        if stalledSince != .max { next = min(next, later(stalledSince, limits.sendStall)) }
        return next
    }

    var idleDeadline: Int64 { min(later(since, limits.idle), later(opened, limits.connectionAge)) }
    var deadline: Int64 { exchange?.pointee.deadline ?? .max }

    func later(_ time: Int64, _ span: Int64) -> Int64 {
        LoopClock.later(time, span)
    }

    // MARK: Events

    /// Bytes from the peer. Returns how many were used; the rest must be offered again when `takesInput`.
    mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) -> Int {
        var at = 0
        while at < bytes.count, takesInput {
            // A peer that sends requests and does not read the answers must not fill our memory.
            if loop.state.pointee.wire.count > 256 * 1024 { break }
            switch phase {
            case .idle, .head: receiveHead(bytes, &at, now)
            case .body, .streaming, .draining: receiveBody(bytes, &at, now)
            case .lingering: at = bytes.count
            case .parked, .parkedLate, .waiting, .blocked, .closed: return at
            }
        }
        return at
    }

    /// The peer will send nothing more.
    mutating func inputClosed(now: Int64) {
        switch phase {
        case .idle, .draining, .lingering: closeBehindWrites(now)
        case .head, .body, .streaming, .parked, .parkedLate, .waiting:
            let hasBegun = exchange.map { $0.pointee.response.isSent } ?? false
            abandon(.clientGone, now: now)
            // Answers from before may still be on their way.
            if !hasBegun { closing = .afterWrite }
        // It may still read the answer, whose writing will fail if it does not.
        case .blocked:
            keepAlive = false
            exchange?.pointee.head.keepAlive = false
        case .closed: break
        }
    }

    /// The channel is gone.
    mutating func closed(now: Int64) {
        abandon(.clientGone, now: now)
        phase = .closed
    }

    /// The peer reads, or has stopped to.
    mutating func writable(_ isWritable: Bool, now: Int64) {
        if stalledSince != .max, phase == .body || phase == .streaming { since = now }
        stalledSince = isWritable ? .max : now
    }

    /// The peer has read some of what is waiting, though not enough for more.
    mutating func progressed(now: Int64) {
        if stalledSince != .max { stalledSince = now }
        if closing != .open, !isFlushed { since = now }
    }

    /// All that was written before `closing` has been handed over.
    mutating func flushed(now: Int64) {
        isFlushed = true
        stalledSince = .max
        since = now
    }

    /// There is room again for a responder that asked for it.
    mutating func roomReached(now: Int64) {
        guard phase == .blocked, let exchange else { return }
        resumeResponder(exchange, now)
    }

    /// Whether the exchange in progress is this one, and still waits where it did.
    func isParked(_ ticket: UInt64, turn: Int) -> Bool {
        guard let exchange, exchange.pointee.ticket == ticket else { return false }
        switch phase {
        case .parked, .parkedLate: return exchange.pointee.admitted == turn
        case .waiting: return turn == .max
        default: return false
        }
    }

    /// A parked exchange goes on.
    mutating func woken(now: Int64) {
        guard let exchange, phase == .parked || phase == .parkedLate || phase == .waiting else { return }
        exchange.pointee.timeline.mark(.resumed, now)
        switch phase {
        case .parked: follow(exchange.pointee.resumeAdmission(untilBody: true), exchange, now)
        case .parkedLate: follow(exchange.pointee.resumeAdmission(untilBody: false), exchange, now)
        default:
            exchange.pointee.wakeAt = .max
            // What the peer has not read yet must not grow by what comes with time.
            if stalledSince != .max, exchange.pointee.response.isSent {
                phase = .blocked
            } else {
                resumeResponder(exchange, now)
            }
        }
    }

    /// No new requests: the server goes down.
    mutating func drain(now: Int64) {
        isDraining = true
        keepAlive = false
        if phase == .idle { closeBehindWrites(now) }
    }

    /// The grace is over: whatever runs ends now.
    mutating func forceClose(now: Int64) {
        abandon(.drained, now: now)
        closing = .now
    }

    mutating func timeReached(now: Int64) {
        guard now >= nextDeadline() else { return }
        if stalledSince != .max, now >= later(stalledSince, limits.sendStall) {
            abandon(.sendStall, now: now)
            closing = .now
            return
        }
        switch phase {
        case .idle: closeBehindWrites(now)
        case .draining, .lingering, .closed: closing = .now
        case .head:
            if hasOnlyEmptyLine {
                closeBehindWrites(now)
            } else {
                refuseHead(408, "the request's head did not come in time", .slowBody, now)
            }
        case .body, .streaming:
            if now >= deadline {
                timeOut(now)
            } else {
                failBody(408, "the request's body came too slowly", .slowBody, now)
            }
        case .parked, .parkedLate, .waiting: if now >= deadline { timeOut(now) } else { woken(now: now) }
        case .blocked: timeOut(now)
        }
    }

    /// Nothing came behind a request but the empty line that old clients send after a body (RFC 9112 section 2.2). The
    /// client would take an answer to that for the answer to its next request.
    var hasOnlyEmptyLine: Bool {
        guard requests > 0, let exchange else { return false }
        return exchange.pointee.head.bytes.count <= 2 && exchange.pointee.head.bytes.bytes.first == HeadByte.cr
    }

    mutating func timeOut(_ now: Int64) {
        guard let exchange else { return }
        refuse(exchange, Exchange.tooLate, now)
    }
}
