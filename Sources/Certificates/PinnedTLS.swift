package import NIOCore
import NIOSSL

/// TLS as a client speaks it that has the server's certificates as files: it takes these and no other. Who vouches for them
/// and which names they are for does not matter then.
package struct PinnedTLS: Sendable {
    private let context: NIOSSLContext
    private let known: [NIOSSLCertificate]

    /// - Parameter files: in PEM, the server's own certificate first in each.
    package init(_ files: [[UInt8]]) throws {
        known = try files.compactMap { try KeyPair.certificates(in: $0).first }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        context = try NIOSSLContext(configuration: configuration)
    }

    /// The library's part of one connection.
    package func handler() throws -> any ChannelHandler {
        try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { [known] shown, promise in
                let isKnown = shown.first.map(known.contains) ?? false
                promise.succeed(isKnown ? .certificateVerified : .failed)
            })
    }

    /// What went wrong, in a few words; nil where it is not about TLS.
    package static func words(_ error: any Error) -> String? {
        switch error as? NIOSSLError {
        case .handshakeFailed(.sslError(let stack))
        where stack.contains { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }:
            "it shows another certificate than the one that the manifest names"
        case .some: "no TLS comes about with it"
        case nil: nil
        }
    }
}
