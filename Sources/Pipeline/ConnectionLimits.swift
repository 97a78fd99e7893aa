/// What a connection may take and how long it may take for it. Times are nanoseconds; `.max` is no limit.
package struct ConnectionLimits: Sendable {
    /// One field line, or the request's target; bytes.
    package var headerField = 16 * 1024
    package var headerTotal = 64 * 1024
    package var headerCount = 100
    /// From the first byte of a head, or from the connection's start, to the head's end.
    package var headerTimeout: Int64 = 10_000_000_000
    /// Between two pieces of a body.
    package var bodyGap: Int64 = 30_000_000_000
    /// Without the peer reading anything.
    package var sendStall: Int64 = 30_000_000_000
    /// Between two requests.
    package var idle: Int64 = 75_000_000_000
    package var requestsPerConnection = 10_000
    /// After this the connection ends behind its current request.
    package var connectionAge: Int64 = .max
    /// Connections at once, over all listeners.
    package var connections = Int.max

    /// Requests at once on an HTTP/2 connection.
    package var streams = 100
    /// What a client may send ahead, of the body of one request and of all on its HTTP/2 connection; bytes.
    package var streamWindow = 64 * 1024
    package var connectionWindow = 1024 * 1024
    /// Between two PINGs of a client of HTTP/2 to which nothing is sent meanwhile.
    package var pingInterval: Int64 = 500_000_000

    package init() {}

    /// What must be held in memory to be answered is never larger, whatever `body_limit` says.
    package static let bufferedBody = 64 * 1024 * 1024
    /// How much of an unwanted body is read to keep a connection alive; beyond it a new one is cheaper.
    package static let drainedBody = 256 * 1024
    /// How long a closing connection still reads, so that the peer sees the answer before a reset (RFC 9112 section 9.6).
    package static let linger: Int64 = 2_000_000_000
}
