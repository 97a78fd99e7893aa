import JSON
import Pipeline

/// The life of one HTTP/2 connection (RFC 9113), without its channel: bytes and events in, bytes and wishes out, as
/// `HTTP1Connection`.
///
/// Requests run side by side in `streams`. What an answer says goes straight to the loop's `wire` writer while the peer's
/// windows are open; what they do not let out waits in its stream, and its responder with it.
struct HTTP2Connection: ~Copyable {
    /// How far the connection is with taking its leave (RFC 9113 section 6.8).
    enum Leaving: UInt8 {
        case no
        /// The peer knows that the end comes; what it sends until it has heard of it is answered.
        case announced
        /// What is over `lastID` is refused.
        case final
    }

    let loop: LoopPointer
    let limits: ConnectionLimits
    let facts: UnsafePointer<ConnectionFacts>
    /// Resumes parked exchanges: the handler.
    unowned(unsafe) let parker: any Parker
    let opened: Int64

    var closing = ConnectionClosing.open
    var reader = FrameReader()
    var decoder: HPACKDecoder
    var encoder = HPACKEncoder()
    /// Which of the encoder's entries the last `date` is, and the end of the second that it was of.
    var dateNumber = 0
    var dateSecond: Int64 = 0
    var streams = StreamTable()
    /// The highest id that a stream of the peer's has had, and the highest that it has tried to open.
    var lastID: UInt32 = 0
    var triedID: UInt32 = 0
    /// Which of the ids up to that have been used: a bit for each, that of `lastID` the lowest.
    var usedIDs: UInt64 = 0
    var requests = 0

    /// What the peer takes of bodies in all, and of those of a new stream.
    var sendWindow = HTTP2.initialWindow
    var peerWindow = HTTP2.initialWindow
    /// What the peer may still send in all, and what was taken since it was told.
    var receiveWindow: Int
    var taken = 0

    /// A header block that came in pieces, and whose; 0 if none is open.
    var block = ByteWriter(capacity: 64)
    var blockStream: UInt32 = 0
    var blockEndsStream = false
    var blockFrames = 0
    var blockSince: Int64 = 0

    /// The peer's first SETTINGS has come; ours has been acknowledged.
    var hasSettings = false
    var isAcknowledged = false
    var leaving = Leaving.no
    var leavingSince: Int64 = 0
    /// The peer said GOAWAY.
    var peerLeaves = false

    /// Bytes of bodies that wait for windows, over all streams.
    var waitingOutput = 0
    /// Whose turn to send it is.
    var turn = 0
    /// Streams that we reset, the latest; a ring.
    var reset: [UInt32] = []
    var resetNext = 0

    var resets = Strikes(HTTP2Limits.resets.most, in: HTTP2Limits.resets.seconds)
    var faults = Strikes(HTTP2Limits.faults.most, in: HTTP2Limits.faults.seconds)
    var pings = Strikes(HTTP2Limits.pings.most, in: HTTP2Limits.pings.seconds)
    var controls = Strikes(HTTP2Limits.controls.most, in: HTTP2Limits.controls.seconds)
    var keepalive: PingStrikes
    /// What an idle connection need not hold has been given back.
    var isRested = true
    var emptyData = 0

    /// When the last stream ended, or the connection began.
    var since: Int64
    /// When something of any body last left.
    var sentSince: Int64
    /// When the peer stopped reading; `.max` while it reads.
    var stalledSince: Int64 = .max
    /// Everything has been handed over since `closing` asked for it.
    var isFlushed = false

    /// Begins where the peer's preface has been read: our own goes to the wire (section 3.4).
    init(
        loop: LoopPointer, limits: ConnectionLimits, facts: UnsafePointer<ConnectionFacts>, parker: any Parker,
        now: Int64
    ) {
        self.loop = loop
        self.limits = limits
        self.facts = facts
        self.parker = parker
        // More than any head may be, so that one that is too large is answered; what goes far beyond is an attack.
        decoder = HPACKDecoder(limit: 1024 * 1024 &+ 2 &* limits.headerTotal)
        keepalive = PingStrikes(interval: limits.pingInterval)
        opened = now
        since = now
        sentSince = now
        receiveWindow = max(limits.connectionWindow, HTTP2.initialWindow)
        writePreface()
    }

    // MARK: What the handler should do

    /// Whether more bytes from the peer can be used now; if not, the handler stops reading.
    var takesInput: Bool {
        // While the peer does not read, nothing is taken that would be answered: memory stays flat.
        closing == .open ? stalledSince == .max : closing != .now
    }

    /// The next moment at which `timeReached` has something to do, on the monotonic clock.
    func nextDeadline() -> Int64 {
        switch closing {
        case .now: return .max
        // A peer that never reads the end must not hold the connection for ever.
        case .afterWrite, .linger: return later(since, isFlushed ? ConnectionLimits.linger : limits.sendStall)
        case .open: break
        }
        var next = connectionDeadline
        for index in 0..<streams.count {
            if let stream = streams[index] { next = min(next, deadline(stream)) }
        }
        return next
    }

    /// What the connection as such waits for.
    var connectionDeadline: Int64 {
        var next: Int64 = .max
        if !hasSettings { next = later(opened, limits.headerTimeout) }
        if hasSettings, !isAcknowledged { next = later(opened, HTTP2Limits.settingsTimeout) }
        if blockStream != 0 { next = min(next, later(blockSince, limits.headerTimeout)) }
        if stalledSince != .max { next = min(next, later(stalledSince, limits.sendStall)) }
        if leaving == .announced { next = min(next, later(leavingSince, HTTP2Limits.drainGap)) }
        if leaving == .no {
            next = min(next, later(opened, limits.connectionAge))
            if streams.count == 0 { next = min(next, later(since, limits.idle)) }
        }
        if streams.count == 0, !isRested { next = min(next, later(since, HTTP2Limits.rest)) }
        return next
    }

    func later(_ time: Int64, _ span: Int64) -> Int64 { LoopClock.later(time, span) }

    // MARK: Events

    /// Bytes from the peer. Returns how many were used; the rest must be offered again when `takesInput`.
    mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) -> Int {
        var at = 0
        while at < bytes.count {
            // Nothing behind the end is read; what comes is dropped.
            if closing != .open { return bytes.count }
            // A peer that sends requests and does not read the answers must not fill our memory.
            if !takesInput || loop.state.pointee.wire.count > 256 * 1024 { break }
            switch reader.next(bytes, &at) {
            case .more: noteProgress(now)
            case .frame(let header, let payload): take(header, payload, now)
            case .tooLong: fail(.frameSize, "a frame is too long", now)
            }
        }
        isRested = false
        return at
    }

    /// A frame of DATA that has not come to its end is progress too.
    private func noteProgress(_ now: Int64) {
        guard let header = reader.partial, header.kind == FrameKind.data else { return }
        streams.find(header.stream)?.pointee.since = now
    }

    /// An idle connection holds little. Not as soon as its last stream ends: clients that send one burst of requests after
    /// the other would have the same memory given back and taken again.
    private mutating func rest() {
        isRested = true
        reader.rest()
        streams.trim()
        if blockStream == 0 { block.shrink(to: 64) }
    }

    /// The peer will send nothing more, so it opens no window either.
    mutating func inputClosed(now: Int64) {
        guard closing == .open else {
            if isFlushed { close(.now, now) }
            return
        }
        abandonAll(.clientGone, now)
        close(.afterWrite, now)
    }

    /// The channel is gone.
    mutating func closed(now: Int64) {
        abandonAll(.clientGone, now)
        closing = .now
    }

    /// The peer reads, or has stopped to.
    mutating func writable(_ isWritable: Bool, now: Int64) {
        if stalledSince != .max, isWritable {
            // What it did not read, it could not answer to.
            for index in 0..<streams.count { streams[index]?.pointee.since = now }
        }
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

    /// Whether this exchange is one of ours, and still waits where it did.
    func isParked(_ ticket: UInt64, turn: Int) -> Bool {
        guard let stream = streams.find(ticket: ticket), let exchange = stream.pointee.exchange else { return false }
        switch stream.pointee.phase {
        case .parked, .parkedLate: return exchange.pointee.admitted == turn
        case .waiting: return turn == .max
        default: return false
        }
    }

    /// A parked exchange goes on.
    mutating func woken(_ ticket: UInt64, now: Int64) {
        guard let stream = streams.find(ticket: ticket) else { return }
        wake(stream, now)
    }

    /// No new requests: the server goes down.
    mutating func drain(now: Int64) { leave(now) }

    /// The grace is over: whatever runs ends now.
    mutating func forceClose(now: Int64) {
        if closing == .open { loop.state.pointee.wire.append(goAway: lastID, .none, "") }
        abandonAll(.drained, now)
        close(.now, now)
    }

    mutating func timeReached(now: Int64) {
        guard now >= nextDeadline() else { return }
        if closing != .open { return close(.now, now) }
        if stalledSince != .max, now >= later(stalledSince, limits.sendStall) {
            abandonAll(.sendStall, now)
            return close(.now, now)
        }
        if streams.count == 0, !isRested, now >= later(since, HTTP2Limits.rest) { rest() }
        if connectionDeadline <= now { connectionTimeReached(now) }
        var index = 0
        while closing == .open, let stream = streams[index] {
            let id = stream.pointee.id
            if deadline(stream) <= now { timeReached(stream, now) }
            if streams[index]?.pointee.id == id { index &+= 1 }
        }
    }

    private mutating func connectionTimeReached(_ now: Int64) {
        if !hasSettings {
            fail(.settingsTimeout, "no SETTINGS came in time", now, .slowBody)
        } else if !isAcknowledged, now >= later(opened, HTTP2Limits.settingsTimeout) {
            fail(.settingsTimeout, "our SETTINGS were not acknowledged", now, .slowBody)
        } else if blockStream != 0, now >= later(blockSince, limits.headerTimeout) {
            fail(.enhanceYourCalm, "a header block did not come to its end in time", now, .slowBody)
        } else if leaving == .announced {
            leaveForGood(now)
        } else if leaving == .no, streams.count == 0, now >= later(since, limits.idle) {
            leaveForGood(now)
        } else {
            leave(now)
        }
    }
}
