import NIOCore
import NIOSSL

/// How the client speaks TLS, and whom it takes the server for.
package struct CallTLS: Sendable {
    private let configuration: TLSConfiguration

    /// - Parameters:
    ///   - authorities: a file in PEM; those of the system without it.
    ///   - isInsecure: whether any certificate will do.
    ///   - certificate: the client's own with its chain, and its key: files in PEM.
    package init(
        authorities: String?, isInsecure: Bool, certificate: String?, key: String?
    ) throws(CallMistake) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            if let authorities {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
            }
        } catch {
            throw CallMistake("cannot read the certificates of --ca `\(authorities ?? "")`: a file in PEM is wanted")
        }
        do {
            if let certificate {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map {
                    .certificate($0)
                }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key ?? certificate, format: .pem))
            }
        } catch {
            throw CallMistake("cannot read --cert and --key: a certificate and its key in PEM are wanted")
        }
        if isInsecure { configuration.certificateVerification = .none }
        self.configuration = configuration
    }

    /// The library's part of one connection.
    func handler(for peer: CallPeer, _ application: String) throws -> NIOSSLClientHandler {
        var configuration = configuration
        configuration.applicationProtocols = [application]
        let context = try NIOSSLContext(configuration: configuration)
        var name: String?
        // An address is no server name (RFC 6066 section 3).
        if case .tcp(let host, _) = peer.address, (try? SocketAddress(ipAddress: host, port: 0)) == nil { name = host }
        return try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    /// What went wrong, in a few words; nil where it is not about TLS.
    static func words(_ error: any Error) -> String? {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let stack)):
            if stack.contains(where: { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }) {
                "nobody trusted vouches for the server's certificate: name its authority with --ca"
            } else if stack.contains(where: { $0.description.contains("WRONG_VERSION_NUMBER") }) {
                "the server does not speak TLS there"
            } else {
                "no TLS comes about with it"
            }
        case is NIOSSLExtraError: "the server's certificate is for another name"
        case is NIOSSLError, is BoringSSLError: "no TLS comes about with it"
        default: nil
        }
    }
}
