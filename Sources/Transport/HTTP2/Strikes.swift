import Pipeline

/// Counts what only an attacker does often: so many within some time, and the connection ends.
struct Strikes {
    private var count = 0
    private var since: Int64 = .min
    let most: Int
    let span: Int64

    init(_ most: Int, in seconds: Int64) {
        self.most = most
        span = seconds &* 1_000_000_000
    }

    /// One more; false if that is too many.
    mutating func take(_ now: Int64) -> Bool {
        if now >= LoopClock.later(since, span) || since == .min {
            since = now
            count = 0
        }
        count &+= 1
        return count <= most
    }

    mutating func forgive() { count = 0 }
}

/// The limits of HTTP/2 that no manifest sets, each with its origin.
enum HTTP2Limits {
    /// After how many nanoseconds without a stream a connection gives memory back.
    static let rest: Int64 = 1_000_000_000
    /// Requests that the client takes back, in 10 s (CVE-2023-44487): what NIO and grpc-swift allow in 30 s.
    static let resets = (most: 200, seconds: 10 as Int64)
    /// Streams that the client's mistakes end, in 30 s (CVE-2025-8671, where the server is made to reset): NIO's number.
    static let faults = (most: 200, seconds: 30 as Int64)
    /// PING and WINDOW_UPDATE between two frames of an answer, in 30 s. grpc-go sends a PING with each call to measure the
    /// way, 999 of them for a thousand calls; each answer forgives those before it. `PingStrikes` looks at the time between.
    static let pings = (most: 200_000, seconds: 30 as Int64)
    /// SETTINGS, PRIORITY and frames of no known kind between two frames of an answer, in 30 s: NIO's number for control
    /// frames.
    static let controls = (most: 10_000, seconds: 30 as Int64)
    /// DATA frames in a row that say nothing (CVE-2019-9518): NIO's number.
    static let emptyData = 1
    /// CONTINUATION frames behind HEADERS (CVE-2024-27316): NIO's number, and enough for what `header_total` allows.
    static func continuations(_ headerTotal: Int) -> Int { max(5, headerTotal / HTTP2.frameSize &+ 1) }
    /// How long the peer may take to acknowledge our SETTINGS.
    static let settingsTimeout: Int64 = 10_000_000_000
    /// How long the two GOAWAYs of a drain stand apart where no PING comes back (grpc-go's number).
    static let drainGap: Int64 = 1_000_000_000
    /// Bytes of answers that wait for windows, beyond which no responder is started: what the connection's window is the
    /// other way round.
    static let waitingOutput = 1024 * 1024
    /// What a responder may write at once, and a stream in its turn: a frame.
    static let room = HTTP2.frameSize
    /// Streams that we have reset, and of which frames may still be on their way.
    static let remembered = 256
}
