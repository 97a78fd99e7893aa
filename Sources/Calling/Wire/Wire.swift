/// Fields in their order, names in lower case.
package typealias CallFields = [(name: String, value: String)]

/// A request of HTTP, whatever its version.
struct WireRequest: Sendable {
    enum Version: Sendable {
        case http1
        case http2
    }

    enum Body: Sendable {
        case whole([UInt8])
        /// Piece by piece, until it is finished.
        case stream
    }

    var version: Version
    var method = "POST"
    /// With the query.
    var path: String
    /// Without those that frame the message: length, coding, host.
    var fields: CallFields
    var body: Body
}

/// What comes of a request, in its order.
enum WireEvent: Sendable {
    case head(status: Int, CallFields)
    case body([UInt8])
    /// With the trailers.
    case end(CallFields)
    case failed(WireFailure)
}

/// Why there is no answer, or no whole one.
struct WireFailure: Error, Equatable {
    enum Kind: Equatable {
        /// Nothing was sent.
        case unreachable
        /// The connection ended.
        case broken
        /// The stream was reset with this code of HTTP/2 (RFC 9113 section 7).
        case reset(UInt32)
    }

    let kind: Kind
    /// In a few words.
    let reason: String
}

/// What carries requests to a server.
protocol Wire: Sendable {
    /// Sends the head, and the body where it is whole. What comes of it is told to `events`.
    func open(_ request: WireRequest, _ events: CallEvents) -> any WireStream
}

/// One request on its way, and what ends it.
protocol WireStream: Sendable {
    /// - Parameter whenSent: called once the bytes have left, or never will.
    func send(_ bytes: [UInt8], whenSent: @escaping @Sendable () -> Void)
    /// Nothing more will be sent.
    func finish()
    /// Gives the call up, and waits until the server can know.
    func cancel()
}
