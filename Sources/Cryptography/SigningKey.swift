import CEL
import Crypto
import CryptoExtras

/// A private key that was read for one algorithm.
enum SigningKey: Sendable {
    case rsa(_RSA.Signing.PrivateKey, HashAlgorithm, _RSA.Signing.Padding)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)

    /// - Parameter text: PEM, in PKCS #8, PKCS #1 or SEC 1. Blocks of other kinds (`EC PARAMETERS`) are passed over.
    static func read(_ text: [UInt8], _ algorithm: SignatureAlgorithm) -> Result<SigningKey, KeyError> {
        let blocks = PEM.blocks(in: text)
        guard let block = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            if let other = blocks.first {
                return .failure(KeyError("the key is no private key, but \(shown(other.label))"))
            }
            return .failure(KeyError("the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"))
        }
        if block.isEncrypted { return .failure(KeyError("the private key is encrypted")) }
        guard let key = key(block.content, algorithm) else {
            return .failure(KeyError("the key is no \(wanted(algorithm)), which \(algorithm.rawValue) wants"))
        }
        return .success(key)
    }

    private static func key(_ der: [UInt8], _ algorithm: SignatureAlgorithm) -> SigningKey? {
        switch algorithm {
        case .hs256, .hs384, .hs512: nil
        case .rs256, .rs384, .rs512: rsa(der).map { .rsa($0, algorithm.hash, .insecurePKCS1v1_5) }
        case .ps256, .ps384, .ps512: rsa(der).map { .rsa($0, algorithm.hash, .PSS) }
        case .es256: (try? P256.Signing.PrivateKey(derRepresentation: der)).map { .p256($0) }
        case .es384: (try? P384.Signing.PrivateKey(derRepresentation: der)).map { .p384($0) }
        case .es512: (try? P521.Signing.PrivateKey(derRepresentation: der)).map { .p521($0) }
        case .edDSA:
            ed25519Seed(der).flatMap { try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }.map { .ed25519($0) }
        }
    }

    /// The library refuses less than 2048 bits; with more than 8192 a signature would hold the loop for a tenth of a
    /// second.
    private static func rsa(_ der: [UInt8]) -> _RSA.Signing.PrivateKey? {
        guard let key = try? _RSA.Signing.PrivateKey(derRepresentation: der), key.keySizeInBits <= 8192 else {
            return nil
        }
        return key
    }

    /// The seed in PKCS #8, RFC 8410 section 7: nothing in front of it varies but the version and the length, which
    /// count what may follow (attributes, the public key).
    private static func ed25519Seed(_ der: [UInt8]) -> ArraySlice<UInt8>? {
        let start: [UInt8] = [0x02, 0x01]
        let afterVersion: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        guard der.count >= 48, der[0] == 0x30, Int(der[1]) == der.count - 2, der[2...].starts(with: start),
            der[4] <= 1, der[5...].starts(with: afterVersion)
        else { return nil }
        return der[16..<48]
    }

    /// The library fails only where memory does; there is no more to say of it.
    func signature(of message: [UInt8]) -> Result<[UInt8], KeyError> {
        let signature: [UInt8]?
        switch self {
        case .rsa(let key, let hash, let padding):
            switch hash {
            case .sha384:
                signature = (try? key.signature(for: SHA384.hash(data: message), padding: padding)).map {
                    Array($0.rawRepresentation)
                }
            case .sha512:
                signature = (try? key.signature(for: SHA512.hash(data: message), padding: padding)).map {
                    Array($0.rawRepresentation)
                }
            default:
                signature = (try? key.signature(for: SHA256.hash(data: message), padding: padding)).map {
                    Array($0.rawRepresentation)
                }
            }
        case .p256(let key): signature = (try? key.signature(for: message)).map { Array($0.rawRepresentation) }
        case .p384(let key): signature = (try? key.signature(for: message)).map { Array($0.rawRepresentation) }
        case .p521(let key): signature = (try? key.signature(for: message)).map { Array($0.rawRepresentation) }
        case .ed25519(let key): signature = (try? key.signature(for: message)).map { Array($0) }
        }
        return signature.map { .success($0) } ?? .failure(KeyError("the key does not sign"))
    }

    private static func wanted(_ algorithm: SignatureAlgorithm) -> String {
        switch algorithm {
        case .hs256, .hs384, .hs512: "secret"
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: "RSA key of 2048 to 8192 bits"
        case .es256: "EC key on P-256"
        case .es384: "EC key on P-384"
        case .es512: "EC key on P-521"
        case .edDSA: "Ed25519 key"
        }
    }

    private static func shown(_ label: String) -> String {
        let isPlain = label.utf8.count <= 40 && label.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        return isPlain ? "`\(label)`" : "something else"
    }
}
