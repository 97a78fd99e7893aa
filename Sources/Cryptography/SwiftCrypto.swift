package import CEL
import Crypto
import Synchronization

/// Hashes and signatures by swift-crypto, which is BoringSSL: the only module that knows it.
package final class SwiftCrypto: CryptoProvider {
    /// One for the process, so that a key is read once.
    package static let shared = SwiftCrypto()

    /// Keys that were read, by what they were read from: to read one of RSA costs more than to sign with it. A digest
    /// stands for the text, so that looking it up tells nothing about the keys that are there.
    private let keys = Mutex<[Origin: SigningKey]>([:])
    /// A manifest has a few keys. More come only where a client chooses them; then all are forgotten and read anew.
    private static let keysKept = 64

    private struct Origin: Hashable {
        let algorithm: SignatureAlgorithm
        let digest: SHA256.Digest
    }

    package init() {}

    package func digest(of message: [UInt8], _ hash: HashAlgorithm) -> [UInt8] {
        switch hash {
        case .md5: Array(Insecure.MD5.hash(data: message))
        case .sha1: Array(Insecure.SHA1.hash(data: message))
        case .sha256: Array(SHA256.hash(data: message))
        case .sha384: Array(SHA384.hash(data: message))
        case .sha512: Array(SHA512.hash(data: message))
        }
    }

    package func hmac(of message: [UInt8], key: [UInt8], _ hash: HashAlgorithm) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch hash {
        case .md5: Array(HMAC<Insecure.MD5>.authenticationCode(for: message, using: key))
        case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
        case .sha384: Array(HMAC<SHA384>.authenticationCode(for: message, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
        }
    }

    package func isHMAC(_ code: [UInt8], of message: [UInt8], key: [UInt8], _ hash: HashAlgorithm) -> Bool {
        let key = SymmetricKey(data: key)
        return switch hash {
        case .md5: HMAC<Insecure.MD5>.isValidAuthenticationCode(code, authenticating: message, using: key)
        case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(code, authenticating: message, using: key)
        case .sha256: HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key)
        case .sha384: HMAC<SHA384>.isValidAuthenticationCode(code, authenticating: message, using: key)
        case .sha512: HMAC<SHA512>.isValidAuthenticationCode(code, authenticating: message, using: key)
        }
    }

    package func signature(
        of message: [UInt8], key: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Result<[UInt8], KeyError> {
        guard algorithm.isSymmetric else { return signingKey(key, algorithm).flatMap { $0.signature(of: message) } }
        if let mistake = mistake(in: key, algorithm) { return .failure(mistake) }
        return .success(hmac(of: message, key: key, algorithm.hash))
    }

    package func mistake(in key: [UInt8], _ algorithm: SignatureAlgorithm) -> KeyError? {
        if algorithm.isSymmetric { return key.isEmpty ? KeyError("the key is empty") : nil }
        if case .failure(let error) = signingKey(key, algorithm) { return error }
        return nil
    }

    private func signingKey(_ key: [UInt8], _ algorithm: SignatureAlgorithm) -> Result<SigningKey, KeyError> {
        let origin = Origin(algorithm: algorithm, digest: SHA256.hash(data: key))
        if let known = keys.withLock({ $0[origin] }) { return .success(known) }
        let read = SigningKey.read(key, algorithm)
        guard case .success(let signingKey) = read else { return read }
        keys.withLock { keys in
            if keys.count >= Self.keysKept { keys.removeAll() }
            keys[origin] = signingKey
        }
        return read
    }
}
