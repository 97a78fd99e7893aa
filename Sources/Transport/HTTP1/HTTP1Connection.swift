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

    /// What should become of the channel.
    enum Closing: UInt8 {
        case open
        /// Close when all is written.
        case afterWrite
        /// Close the sending side when all is written, and go on reading for a moment.
        case linger
        /// Close at once; a failure of the answer is shown by the missing end.
        case now
    }

    let loop: LoopPointer
    let limits: ConnectionLimits
    let facts: UnsafePointer<ConnectionFacts>
    /// Resumes parked exchanges: the handler.
    unowned(unsafe) let parker: any Parker
    let opened: Int64

    private(set) var phase = Phase.idle
    private(set) var closing = Closing.open
    private var exchange: UnsafeMutablePointer<Exchange>?
    private var requests = 0
    private var scanned = 0
    /// Bytes of a body with a known length that are still to come.
    private var bodyLeft = 0
    /// How much of the body had come when the answer was out.
    private var drainedFrom = 0
    private var chunks = ChunkDecoder()
    private var bodyEnded = true
    private var continueOwed = false
    private var keepAlive = true
    private var isDraining = false
    /// The responder's body is sent as chunks.
    private var isChunked = false
    /// Monotonic time of the last event that counts for the current phase's limit.
    private var since: Int64
    private var headSince: Int64 = 0
    /// When the peer stopped reading; `.max` while it reads.
    private var stalledSince: Int64 = .max
    /// Everything has been handed over since `closing` asked for it.
    private var isFlushed = false

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

    private var idleDeadline: Int64 { min(later(since, limits.idle), later(opened, limits.connectionAge)) }
    private var deadline: Int64 { exchange?.pointee.deadline ?? .max }

    private func later(_ time: Int64, _ span: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(span)
        return overflow ? .max : sum
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

    /// Whether the exchange in progress is this one.
    func isServing(_ ticket: UInt64) -> Bool { exchange?.pointee.ticket == ticket }

    /// A parked exchange goes on.
    mutating func woken(now: Int64) {
        guard let exchange else { return }
        switch phase {
        case .parked: follow(exchange.pointee.resumeAdmission(untilBody: true), exchange, now)
        case .parkedLate: follow(exchange.pointee.resumeAdmission(untilBody: false), exchange, now)
        case .waiting:
            exchange.pointee.wakeAt = .max
            resumeResponder(exchange, now)
        case .idle, .head, .body, .streaming, .blocked, .draining, .lingering, .closed: break
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
    private var hasOnlyEmptyLine: Bool {
        guard requests > 0, let exchange else { return false }
        return exchange.pointee.head.bytes.count <= 2 && exchange.pointee.head.bytes.bytes.first == HeadByte.cr
    }

    private mutating func timeOut(_ now: Int64) {
        guard let exchange else { return }
        refuse(exchange, Failure(.deadlineExceeded, "the call took too long", reason: .timeout), now)
    }

    // MARK: The head

    private mutating func receiveHead(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ now: Int64) {
        let exchange: UnsafeMutablePointer<Exchange>
        if let current = self.exchange {
            exchange = current
        } else {
            exchange = loop.state.pointee.take(loop)
            exchange.pointee.connection = facts
            self.exchange = exchange
            phase = .head
            headSince = now
            scanned = 0
        }
        // Bodies and further requests may follow: copy no more than a head is likely to need at a time.
        let before = exchange.pointee.head.bytes.count
        let taken = min(bytes.count &- at, 4096)
        exchange.pointee.head.bytes.append(UnsafeBufferPointer(rebasing: bytes[at..<at &+ taken]))
        let headLimits = HeadLimits(field: limits.headerField, total: limits.headerTotal, count: limits.headerCount)
        switch HeadParser.parse(&exchange.pointee.head, limits: headLimits, scanned: &scanned) {
        case .complete(let length):
            exchange.pointee.head.bytes.truncate(to: length)
            at &+= max(0, length &- before)
            // Who has begun to send the body does not wait to be asked for it.
            continueOwed = exchange.pointee.head.expectsContinue && at == bytes.count
            beginRequest(exchange, now)
        case .incomplete:
            at &+= taken
        case .refused(let status, let reason):
            at &+= taken
            refuseHead(status, reason, .malformed, now)
        }
    }

    private mutating func refuseHead(_ status: Int, _ message: StaticString, _ reason: Reason, _ now: Int64) {
        guard let exchange else { return }
        keepAlive = false
        bodyEnded = false
        bodyLeft = .max
        exchange.pointee.head.framing = .none
        exchange.pointee.beginRefused(
            now: now,
            Failure(Code.forStatus(status), String(describing: message), status: status, reason: reason))
        exchange.pointee.parker = parker
        phase = .body
        refuse(exchange, nil, now)
    }

    private mutating func beginRequest(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        requests &+= 1
        exchange.pointee.parker = parker
        exchange.pointee.begin(now: now)
        keepAlive =
            exchange.pointee.head.keepAlive && !isDraining && requests < limits.requestsPerConnection
            && now < later(opened, limits.connectionAge)
        switch exchange.pointee.head.framing {
        case .none:
            bodyEnded = true
            bodyLeft = 0
        case .length(let length):
            bodyLeft = length
            bodyEnded = length == 0
        case .chunked:
            chunks = ChunkDecoder()
            bodyLeft = .max
            bodyEnded = false
        }
        exchange.pointee.inputEnded = bodyEnded
        since = now
        follow(exchange.pointee.admit(untilBody: true), exchange, now)
    }

    // MARK: The chain

    /// Goes on from a verdict of the chain.
    private mutating func follow(_ verdict: Verdict, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        let isEarly = phase == .head || phase == .parked || phase == .idle
        switch verdict {
        case .proceed: if isEarly { takeBody(exchange, now) } else { startResponder(exchange, now) }
        case .park: phase = isEarly ? .parked : .parkedLate
        case .refuse: refuse(exchange, nil, now)
        case .cut: cut(exchange, now)
        }
    }

    /// Reads what the responder needs of the body, then asks the stages behind it.
    private mutating func takeBody(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        let intake = exchange.pointee.route.pointee.intake
        if intake == .wholeBody, exchange.pointee.bodyLimit > ConnectionLimits.bufferedBody {
            exchange.pointee.bodyLimit = ConnectionLimits.bufferedBody
        }
        if case .length(let length) = exchange.pointee.head.framing, length > exchange.pointee.bodyLimit {
            refuse(exchange, bodyTooLarge(exchange), now)
            return
        }
        phase = .body
        if bodyEnded || intake == .bytes {
            follow(exchange.pointee.admit(untilBody: false), exchange, now)
        } else {
            sendContinue(exchange, now)
        }
    }

    private func bodyTooLarge(_ exchange: UnsafeMutablePointer<Exchange>) -> Failure {
        Failure(
            .resourceExhausted, "the request's body is larger than \(exchange.pointee.bodyLimit) bytes", status: 413,
            reason: .bodyLimit)
    }

    /// `100 Continue`, once the body is wanted and none of it is here (RFC 9110 section 10.1.1).
    private mutating func sendContinue(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        since = now
        // Once the answer has begun, a `100` would land in its body.
        guard continueOwed, !exchange.pointee.response.isSent else { return }
        continueOwed = false
        loop.state.pointee.wire.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    private mutating func startResponder(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP1Connection.room
        exchange.pointee.inputEnded = bodyEnded
        phase = .streaming
        perform(exchange.pointee.route.pointee.responder.start(&exchange.pointee), exchange, now)
    }

    private mutating func resumeResponder(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        loop.state.pointee.body.clear()
        exchange.pointee.room = HTTP1Connection.room
        perform(exchange.pointee.route.pointee.responder.resume(&exchange.pointee), exchange, now)
    }

    /// How much a responder may write before it should wait for the peer to read.
    private static let room = 64 * 1024

    // MARK: The body

    private mutating func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ now: Int64) {
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
        if bodyLeft == 0 { bodyEnded = true }
        take(piece, exchange, now)
    }

    private mutating func receiveChunks(
        _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        switch chunks.decode(bytes, from: &at) {
        case .data(let range): take(UnsafeBufferPointer(rebasing: bytes[range]), exchange, now)
        case .needMore: break
        case .end:
            bodyEnded = true
            take(UnsafeBufferPointer(start: nil, count: 0), exchange, now)
        case .refused(let fault):
            at = bytes.count
            failBody(fault.status, fault.reason, .malformed, now)
        }
    }

    /// A piece of the body, or its end, for whoever wants it.
    private mutating func take(
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
            refuse(exchange, bodyTooLarge(exchange), now)
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
        if exchange.pointee.route.pointee.intake == .wholeBody { exchange.pointee.body.append(piece) }
        if bodyEnded {
            exchange.pointee.inputEnded = true
            follow(exchange.pointee.admit(untilBody: false), exchange, now)
        }
    }

    private mutating func failBody(_ status: Int, _ message: StaticString, _ reason: Reason, _ now: Int64) {
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

    // MARK: The answer

    /// Goes on from a step of the responder, whose new body bytes are in the loop's writer.
    private mutating func perform(_ step: Step, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        switch step {
        case .done: complete(exchange, now)
        case .fail: refuse(exchange, nil, now)
        case .cut: cut(exchange, now)
        case .needInput:
            if !bodyEnded { sendContinue(exchange, now) }
            guard sendPiece(exchange, now) else { return }
            phase = .streaming
            if bodyEnded { complete(exchange, now) }
        case .wait: if sendPiece(exchange, now) { phase = .waiting }
        case .blocked: if sendPiece(exchange, now) { phase = .blocked }
        }
    }

    /// Sends what a streaming responder has written so far, with the head before it the first time. False if that
    /// could not be, and the exchange has come to its end.
    private mutating func sendPiece(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) -> Bool {
        let count = loop.state.pointee.body.count
        if let length = exchange.pointee.response.declaredLength, exchange.pointee.sent &+ count > length,
            HTTP1Reply.hasBody(exchange)
        {
            // The client would take the rest for the start of the next answer.
            refuse(exchange, Failure(.internal, "the answer is longer than was said"), now)
            return false
        }
        if !exchange.pointee.response.isSent {
            // A responder that only waits has not begun to answer.
            guard exchange.pointee.response.isStreaming || count > 0 else { return true }
            exchange.pointee.decorate()
            if exchange.pointee.response.overflowed {
                refuse(exchange, Self.tooManyFields, now)
                return false
            }
            isChunked = HTTP1Reply.writeStreamingHead(exchange, keepAlive: &keepAlive, now: now)
        }
        appendBody(exchange, isLast: false)
        return true
    }

    private static var tooManyFields: Failure {
        Failure(.internal, "the answer has more header fields than the server sends")
    }

    private mutating func appendBody(_ exchange: UnsafeMutablePointer<Exchange>, isLast: Bool) {
        let count = loop.state.pointee.body.count
        if HTTP1Reply.hasBody(exchange) {
            exchange.pointee.sent &+= count
            if isChunked {
                HTTP1Reply.writeChunk(loop, isLast: isLast)
            } else if count > 0 {
                loop.state.pointee.wire.append(loop.state.pointee.body.bytes)
            }
        }
        loop.state.pointee.body.clear()
        loop.state.pointee.body.shrink(to: 1024 * 1024)
    }

    /// The answer is whole.
    private mutating func complete(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if exchange.pointee.response.isSent {
            if let length = exchange.pointee.response.declaredLength,
                exchange.pointee.sent &+ loop.state.pointee.body.count != length, HTTP1Reply.hasBody(exchange)
            {
                cut(exchange, now)
                return
            }
            appendBody(exchange, isLast: true)
        } else {
            exchange.pointee.decorate()
            if exchange.pointee.response.overflowed {
                exchange.pointee.fail(Self.tooManyFields)
                exchange.pointee.renderFailure()
                exchange.pointee.decorate()
            }
            HTTP1Reply.write(exchange, keepAlive: keepAlive && !mustLinger(), now: now)
            loop.state.pointee.body.shrink(to: 1024 * 1024)
        }
        isChunked = false
        conclude(exchange, max(now, LoopClock.now()))
    }

    /// The chain refused, the responder failed, the time is up: the failure is the answer, if none has begun.
    private mutating func refuse(_ exchange: UnsafeMutablePointer<Exchange>, _ failure: Failure?, _ now: Int64) {
        if let failure { exchange.pointee.fail(failure) }
        if exchange.pointee.response.isSent {
            // The head promised another end: only a missing end tells the peer (RFC 9112 section 8).
            cut(exchange, now)
            return
        }
        exchange.pointee.renderFailure()
        complete(exchange, now)
    }

    private mutating func cut(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        closing = .now
        if exchange.pointee.reason == .none { exchange.pointee.reason = .fault }
        // What the responder wrote before it gave up must not be taken for another exchange's.
        loop.state.pointee.body.clear()
        exchange.pointee.finish(now: max(now, LoopClock.now()))
        giveBack(exchange)
        phase = .closed
    }

    /// Whether the rest of the body is too much, or too uncertain, to be read to its end.
    private func mustLinger() -> Bool {
        // A client that waits for `100 Continue` may or may not send the body after another answer.
        !bodyEnded
            && (continueOwed || !keepAlive || (bodyLeft != .max && bodyLeft > ConnectionLimits.drainedBody))
    }

    private mutating func conclude(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
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
    private mutating func linger(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        giveBack(exchange)
        since = now
        phase = .lingering
        closing = .linger
    }

    private mutating func release(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
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
    private mutating func closeBehindWrites(_ now: Int64) {
        if let exchange { giveBack(exchange) }
        since = now
        phase = .closed
        closing = .afterWrite
    }

    private mutating func giveBack(_ exchange: UnsafeMutablePointer<Exchange>) {
        self.exchange = nil
        loop.state.pointee.give(exchange)
    }

    /// Ends what is in progress without an answer.
    private mutating func abandon(_ reason: Reason, now: Int64) {
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
