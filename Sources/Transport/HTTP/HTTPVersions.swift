/// Which versions of HTTP a listener speaks.
package struct HTTPVersions: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// HTTP/1.1 and HTTP/1.0.
    package static let http1 = HTTPVersions(rawValue: 1)
    package static let http2 = HTTPVersions(rawValue: 2)
    package static let all: HTTPVersions = [.http1, .http2]
}
