/// The frames of HTTP/2 (RFC 9113 section 6, RFC 9218 section 7).
package enum FrameKind {
    package static let data: UInt8 = 0
    package static let headers: UInt8 = 1
    package static let priority: UInt8 = 2
    package static let reset: UInt8 = 3
    package static let settings: UInt8 = 4
    package static let pushPromise: UInt8 = 5
    package static let ping: UInt8 = 6
    package static let goAway: UInt8 = 7
    package static let windowUpdate: UInt8 = 8
    package static let continuation: UInt8 = 9
    package static let priorityUpdate: UInt8 = 16
}

package struct FrameFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let endStream = FrameFlags(rawValue: 1)
    /// Of SETTINGS and PING.
    package static let ack = FrameFlags(rawValue: 1)
    package static let endHeaders = FrameFlags(rawValue: 4)
    package static let padded = FrameFlags(rawValue: 8)
    package static let priority = FrameFlags(rawValue: 32)
}

/// The nine bytes before each frame (RFC 9113 section 4.1).
package struct FrameHeader: Equatable, Sendable {
    package static let size = 9

    package let length: Int
    package let kind: UInt8
    package let flags: FrameFlags
    package let stream: UInt32

    /// - Parameter bytes: nine at least.
    package init(_ bytes: UnsafePointer<UInt8>) {
        length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        kind = bytes[3]
        flags = FrameFlags(rawValue: bytes[4])
        // The first bit is reserved, and ignored.
        stream = bigEndianWord(bytes + 5) & 0x7FFF_FFFF
    }
}

/// Four bytes, the first the highest; the caller knows that they are there.
@inline(__always) func bigEndianWord(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    UInt32(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
}

/// Why a stream or a connection ends (RFC 9113 section 7).
package enum HTTP2Error: UInt32, Sendable {
    case none = 0
    case `protocol` = 1
    case `internal` = 2
    case flowControl = 3
    case settingsTimeout = 4
    case streamClosed = 5
    case frameSize = 6
    case refusedStream = 7
    case cancel = 8
    case compression = 9
    case enhanceYourCalm = 11
}

/// The settings that a peer may send (RFC 9113 section 6.5.2, RFC 9218 section 2.1).
enum HTTP2Setting {
    static let headerTableSize: UInt16 = 1
    static let enablePush: UInt16 = 2
    static let maxConcurrentStreams: UInt16 = 3
    static let initialWindowSize: UInt16 = 4
    static let maxFrameSize: UInt16 = 5
    static let maxHeaderListSize: UInt16 = 6
    static let noOldPriorities: UInt16 = 9
}

/// Numbers of the protocol that both sides share.
package enum HTTP2 {
    /// How every client begins (RFC 9113 section 3.4).
    package static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// A window of a stream, and of the connection, before anybody has said otherwise (section 6.9.2).
    static let initialWindow = 65_535
    /// The largest window (section 6.9.1), and the largest stream id.
    static let most = 0x7FFF_FFFF
    /// The largest frame that we take and that we send: what every peer must take (section 4.2). A larger one would only
    /// hold the other streams up.
    static let frameSize = 16_384
}
