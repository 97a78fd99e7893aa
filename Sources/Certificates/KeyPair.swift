import Cryptography
import NIOSSL

/// A certificate with those that vouch for it, and its private key.
package struct KeyPair: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    package let names: CertificateNames
    /// When the certificate begins and ends to hold, in seconds since the Unix epoch.
    package let begins: Int64
    package let ends: Int64

    /// Why two files are no such pair.
    package enum Fault: Error, Equatable {
        case noCertificate
        /// The certificate with this number, the first being 1.
        case brokenCertificate(Int)
        case noKey
        case encryptedKey
        case brokenKey
        /// Of a kind or on a curve that TLS has not.
        case unsuitedCertificate
        case mismatch
    }

    /// - Parameters:
    ///   - certificate: PEM: the server's own first, then those that vouch for it.
    ///   - key: PEM, in PKCS #8, PKCS #1 or SEC 1.
    package init(certificate: [UInt8], key: [UInt8]) throws(Fault) {
        chain = try Self.certificates(in: certificate)
        guard let own = chain.first, let der = try? own.toDERBytes(), let body = try? CertificateBody(der: der) else {
            throw .brokenCertificate(1)
        }
        guard let block = PEM.blocks(in: key).first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw .noKey
        }
        if block.isEncrypted { throw .encryptedKey }
        do { self.key = try NIOSSLPrivateKey(bytes: key, format: .pem) } catch { throw .brokenKey }
        names = CertificateNames(own)
        begins = body.begins
        ends = body.ends
        // A context takes only what fits: the certificates alone, then with the key.
        var alone = TLSConfiguration.makeClientConfiguration()
        alone.certificateVerification = .none
        alone.certificateChain = chain.map { .certificate($0) }
        do { _ = try NIOSSLContext(configuration: alone) } catch { throw .unsuitedCertificate }
        do { _ = try NIOSSLContext(configuration: configuration) } catch { throw .mismatch }
    }

    /// All certificates of a text in PEM, at least one.
    static func certificates(in text: [UInt8]) throws(Fault) -> [NIOSSLCertificate] {
        let blocks = PEM.blocks(in: text).filter { $0.label == "CERTIFICATE" }
        if blocks.isEmpty { throw .noCertificate }
        var certificates: [NIOSSLCertificate] = []
        for (index, block) in blocks.enumerated() {
            guard let certificate = try? NIOSSLCertificate(bytes: block.content, format: .der) else {
                throw .brokenCertificate(index + 1)
            }
            certificates.append(certificate)
        }
        return certificates
    }

    var configuration: TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    }
}
