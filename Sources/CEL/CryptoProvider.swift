/// Hashes, codes and signatures, injected: they come of a library that this module does not know.
package protocol CryptoProvider: AnyObject, Sendable {
    func digest(of message: [UInt8], _ hash: HashAlgorithm) -> [UInt8]
    /// A message authentication code (RFC 2104).
    func hmac(of message: [UInt8], key: [UInt8], _ hash: HashAlgorithm) -> [UInt8]
    /// Whether `code` is that, in a time that does not tell where they differ.
    func isHMAC(_ code: [UInt8], of message: [UInt8], key: [UInt8], _ hash: HashAlgorithm) -> Bool
    /// A signature as JSON Web Signature has it (RFC 7518 section 3), or why the key is none for it.
    func signature(
        of message: [UInt8], key: [UInt8], _ algorithm: SignatureAlgorithm
    ) -> Result<[UInt8], KeyError>
    /// What is wrong with a key for this algorithm, if something is.
    func mistake(in key: [UInt8], _ algorithm: SignatureAlgorithm) -> KeyError?
}

/// Why a key cannot be used: a clause that never shows the key.
package struct KeyError: Error, Sendable, Equatable {
    package let message: String

    package init(_ message: String) { self.message = message }
}

package enum HashAlgorithm: String, CaseIterable, Sendable {
    case md5 = "MD5"
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    case sha512 = "SHA512"

    /// Bytes of a digest.
    package var length: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

/// The algorithms of JSON Web Signature that sign (RFC 7518 section 3.1, RFC 8037 section 3.1).
package enum SignatureAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    package var hash: HashAlgorithm {
        switch self {
        case .hs256, .rs256, .ps256, .es256: .sha256
        case .hs384, .rs384, .ps384, .es384: .sha384
        case .hs512, .rs512, .ps512, .es512, .edDSA: .sha512
        }
    }

    /// Whether its key is a secret that both sides have.
    package var isSymmetric: Bool {
        switch self {
        case .hs256, .hs384, .hs512: true
        default: false
        }
    }
}
