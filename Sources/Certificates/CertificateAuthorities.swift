import NIOSSL

/// Those who vouch for clients.
package struct CertificateAuthorities: Sendable {
    let certificates: [NIOSSLCertificate]

    /// - Parameter text: their certificates in PEM, at least one.
    package init(_ text: [UInt8]) throws(KeyPair.Fault) { certificates = try KeyPair.certificates(in: text) }
}
