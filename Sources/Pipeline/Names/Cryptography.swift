package import CEL
import Cryptography

extension LoopAmbient {
    package var crypto: (any CryptoProvider)? { SwiftCrypto.shared }
}
