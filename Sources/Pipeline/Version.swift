/// A version of HTTP, as names in logs and metrics have it.
@usableFromInline package enum Version: UInt8, Sendable {
    case http11
    case http10
    case http2

    /// `network.protocol.version` of the conventions.
    package var number: StaticString {
        switch self {
        case .http11: "1.1"
        case .http10: "1.0"
        case .http2: "2"
        }
    }

    /// As expressions see it.
    package var name: StaticString {
        switch self {
        case .http11: "HTTP/1.1"
        case .http10: "HTTP/1.0"
        case .http2: "HTTP/2"
        }
    }
}
