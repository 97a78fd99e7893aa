import Pipeline

/// A connection in the version of HTTP that its first bytes chose: HTTP/2 where the client begins with its preface ("prior
/// knowledge", RFC 9113 section 3.3), else HTTP/1. Where the listener speaks only one of them, the other's bytes are answered
/// with 505 as HTTP/1 says it, which is what a person sees who took the wrong port.
///
/// Nothing is kept while that is open: what has come so far is the preface's beginning.
struct WireConnection: ~Copyable {
    private var http1: HTTP1Connection
    private var http2: UnsafeMutablePointer<HTTP2Connection>?
    private var isChosen: Bool
    private let takesHTTP1: Bool
    /// How many bytes of the preface have come.
    private var matched = 0
    private var firstByte: Int64 = 0

    init(
        loop: LoopPointer, limits: ConnectionLimits, versions: HTTPVersions = .all,
        facts: UnsafePointer<ConnectionFacts>, parker: any Parker, now: Int64
    ) {
        // HTTP/1's own parser refuses the preface.
        isChosen = !versions.contains(.http2)
        takesHTTP1 = isChosen || versions.contains(.http1)
        http1 = HTTP1Connection(loop: loop, limits: limits, facts: facts, parker: parker, now: now)
    }

    deinit {
        http2?.deinitialize(count: 1)
        http2?.deallocate()
    }

    // MARK: The choice

    /// Bytes from the peer. Returns how many were used; the rest must be offered again when `takesInput`.
    @inline(__always) mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) -> Int {
        guard isChosen else { return choose(bytes, now) }
        if let http2 { return http2.pointee.receive(bytes, now: now) }
        return http1.receive(bytes, now: now)
    }

    private mutating func choose(_ bytes: UnsafeBufferPointer<UInt8>, _ now: Int64) -> Int {
        if matched == 0 { firstByte = now }
        let preface = HTTP2.preface
        let before = matched
        while matched < preface.utf8CodeUnitCount, matched &- before < bytes.count,
            bytes[matched &- before] == preface.utf8Start[matched]
        {
            matched &+= 1
        }
        let used = matched &- before
        if matched == preface.utf8CodeUnitCount {
            isChosen = true
            let rest = UnsafeBufferPointer(rebasing: bytes[used...])
            return used &+ startHTTP2(now).pointee.receive(rest, now: now)
        }
        if used == bytes.count { return used }
        matched = before
        guard takesHTTP1 else {
            isChosen = true
            http1.refuseAll("this listener speaks HTTP/2 only", now)
            return bytes.count
        }
        giveUp()
        return http1.receive(bytes, now: now)
    }

    /// It is no preface: HTTP/1 gets what looked like one, if it is spoken here.
    private mutating func giveUp() {
        guard !isChosen, takesHTTP1 else { return }
        isChosen = true
        guard matched > 0 else { return }
        let start = UnsafeBufferPointer(start: HTTP2.preface.utf8Start, count: matched)
        _ = http1.receive(start, now: firstByte)
    }

    private mutating func startHTTP2(_ now: Int64) -> UnsafeMutablePointer<HTTP2Connection> {
        let connection = UnsafeMutablePointer<HTTP2Connection>.allocate(capacity: 1)
        connection.initialize(
            to: HTTP2Connection(
                loop: http1.loop, limits: http1.limits, facts: http1.facts, parker: http1.parker, now: now))
        http2 = connection
        return connection
    }

    // MARK: What the handler should do

    var closing: ConnectionClosing {
        @inline(__always) get { if let http2 { http2.pointee.closing } else { http1.closing } }
    }

    var takesInput: Bool {
        @inline(__always) get { if let http2 { http2.pointee.takesInput } else { http1.takesInput } }
    }

    var wantsRoom: Bool {
        @inline(__always) get { if let http2 { http2.pointee.wantsRoom } else { http1.wantsRoom } }
    }

    @inline(__always) func nextDeadline() -> Int64 {
        if let http2 { return http2.pointee.nextDeadline() }
        if !isChosen, matched > 0 { return LoopClock.later(firstByte, http1.limits.headerTimeout) }
        return http1.nextDeadline()
    }

    // MARK: Events

    mutating func inputClosed(now: Int64) {
        if let http2 { return http2.pointee.inputClosed(now: now) }
        giveUp()
        http1.inputClosed(now: now)
    }

    mutating func closed(now: Int64) {
        if let http2 { http2.pointee.closed(now: now) } else { http1.closed(now: now) }
    }

    mutating func writable(_ isWritable: Bool, now: Int64) {
        if let http2 { http2.pointee.writable(isWritable, now: now) } else { http1.writable(isWritable, now: now) }
    }

    mutating func progressed(now: Int64) {
        if let http2 { http2.pointee.progressed(now: now) } else { http1.progressed(now: now) }
    }

    mutating func flushed(now: Int64) {
        if let http2 { http2.pointee.flushed(now: now) } else { http1.flushed(now: now) }
    }

    mutating func roomReached(now: Int64) {
        if let http2 { http2.pointee.roomReached(now: now) } else { http1.roomReached(now: now) }
    }

    /// An exchange may go on, if it still waits where it did.
    mutating func wake(_ ticket: UInt64, turn: Int, now: Int64) {
        if let http2 {
            if http2.pointee.isParked(ticket, turn: turn) { http2.pointee.woken(ticket, now: now) }
        } else if http1.isParked(ticket, turn: turn) {
            http1.woken(now: now)
        }
    }

    mutating func drain(now: Int64) {
        if let http2 { http2.pointee.drain(now: now) } else { http1.drain(now: now) }
    }

    mutating func forceClose(now: Int64) {
        if let http2 { http2.pointee.forceClose(now: now) } else { http1.forceClose(now: now) }
    }

    mutating func timeReached(now: Int64) {
        if let http2 { return http2.pointee.timeReached(now: now) }
        if matched > 0 { giveUp() }
        http1.timeReached(now: now)
    }

    /// Whether there have been requests, and none runs.
    var isAtRest: Bool {
        if let http2 { return http2.pointee.requests > 0 && http2.pointee.streams.count == 0 }
        return http1.requests > 0 && http1.phase == .idle
    }

    func snapshot(now: Int64) -> ConnectionSnapshot {
        if let http2 { http2.pointee.snapshot(now: now) } else { http1.snapshot(now: now) }
    }
}
