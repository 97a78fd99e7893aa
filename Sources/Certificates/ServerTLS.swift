import NIOCore
package import NIOSSL

/// TLS as a listener speaks it: its certificates, its versions, and whom it asks for certificates. Made when a manifest is
/// loaded, which takes long; connections share it.
package struct ServerTLS: Sendable {
    package enum Version: Sendable {
        case v12
        case v13
    }

    /// Whether clients show certificates.
    package enum ClientCertificates: Sendable {
        case off
        /// One that is shown must be good.
        case optional
        case required
    }

    private let context: NIOSSLContext

    /// How long a peer has to answer our close_notify (1 s): nobody has to (RFC 8446 section 6.1), and a drain waits for it.
    private static let closing = TimeAmount.seconds(1)

    /// Those of TLS 1.2 that have forward secrecy and authenticated encryption, as Mozilla's intermediate configuration
    /// lists them; those of TLS 1.3 are all so. What HTTP/2 forbids (RFC 9113 appendix A) is none of them.
    private static let ciphers = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
        ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """

    /// - Parameters:
    ///   - pairs: at least one; the first is shown to who asks for no name, or for one that none has.
    ///   - protocols: what ALPN offers, the best first.
    ///   - authorities: who may vouch for clients.
    package init(
        _ pairs: [KeyPair], minimum: Version, protocols: [String] = ["h2", "http/1.1"],
        authorities: CertificateAuthorities? = nil, clientCertificates: ClientCertificates = .off
    ) throws {
        guard let standard = pairs.first else { throw KeyPair.Fault.noCertificate }
        var configuration = standard.configuration
        configuration.minimumTLSVersion = minimum == .v13 ? .tlsv13 : .tlsv12
        configuration.cipherSuites = Self.ciphers
        configuration.applicationProtocols = protocols
        configuration.shutdownTimeout = Self.closing
        if clientCertificates != .off, let authorities {
            configuration.trustRoots = .certificates(authorities.certificates)
            configuration.certificateVerification =
                clientCertificates == .required ? .noHostnameVerification : .optionalVerification
            configuration.sendCANameList = true
        }
        if pairs.count > 1 {
            configuration.sslContextCallback = { asked, promise in
                promise.succeed(Self.pair(for: asked.serverHostname, among: pairs)?.override ?? .noChanges)
            }
        }
        context = try NIOSSLContext(configuration: configuration)
    }

    /// The pair for a name: one that has it before one whose wildcard covers it, the earlier before the later.
    static func pair(for host: String?, among pairs: [KeyPair]) -> KeyPair? {
        guard let host else { return nil }
        var found: (pair: KeyPair, match: CertificateNames.Match)?
        for pair in pairs {
            let match = pair.names.match(host)
            if match > found?.match ?? .absent { found = (pair, match) }
        }
        return found?.pair
    }

    /// The library's part of one connection.
    package func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context) }
}

extension KeyPair {
    fileprivate var override: NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = chain.map { .certificate($0) }
        override.privateKey = .privateKey(key)
        return override
    }
}
