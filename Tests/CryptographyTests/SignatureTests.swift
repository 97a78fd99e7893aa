import CEL
import Crypto
import Cryptography
import Testing

@Suite struct SignatureTests {
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private static func sign(_ message: String, _ key: [UInt8], _ algorithm: SignatureAlgorithm) -> [UInt8] {
        (try? SwiftCrypto.shared.signature(of: Array(message.utf8), key: key, algorithm).get()) ?? []
    }

    /// RFC 7515 appendix A.1.
    @Test func hmac() {
        let key = base64URL("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        let signature = Self.sign("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Self.claims, key, .hs256)
        #expect(signature == base64URL("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    }

    /// RFC 7515 appendix A.2.
    @Test(arguments: [Keys.rsa, Keys.rsaPKCS1]) func rsa(_ key: String) {
        let signature = Self.sign("eyJhbGciOiJSUzI1NiJ9." + Self.claims, Array(key.utf8), .rs256)
        #expect(
            signature
                == base64URL(
                    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
                        + "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
                        + "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6I"
                        + "eYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"))
    }

    /// RFC 7515 appendix A.3: a signature differs each time, so it is verified with the key that the RFC gives.
    @Test(arguments: [Keys.p256, Keys.p256SEC1]) func ecdsa(_ key: String) throws {
        let message = "eyJhbGciOiJFUzI1NiJ9." + Self.claims
        let signature = try P256.Signing.ECDSASignature(
            rawRepresentation: Self.sign(message, Array(key.utf8), .es256))
        let point =
            [4] + base64URL("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
            + base64URL("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        let publicKey = try P256.Signing.PublicKey(x963Representation: point)
        #expect(publicKey.isValidSignature(signature, for: Array(message.utf8)))
        #expect(!publicKey.isValidSignature(signature, for: Array("another".utf8)))
    }

    /// RFC 8037 appendix A.4.
    @Test func edDSA() {
        let signature = Self.sign(
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", Array(Keys.ed25519.utf8), .edDSA)
        #expect(
            signature
                == base64URL("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"))
    }

    @Test(arguments: [
        (SignatureAlgorithm.rs384, Keys.rsa, 256), (.rs512, Keys.rsa, 256), (.ps256, Keys.rsa, 256),
        (.ps384, Keys.rsa, 256), (.ps512, Keys.rsa, 256), (.es256, Keys.p256, 64), (.es384, Keys.p384, 96),
        (.es512, Keys.p521, 132), (.hs384, "secret", 48), (.hs512, "secret", 64),
    ]) func lengthIsThatOfTheAlgorithm(_ algorithm: SignatureAlgorithm, _ key: String, _ length: Int) {
        #expect(Self.sign("message", Array(key.utf8), algorithm).count == length)
    }

    @Test(arguments: [
        (SignatureAlgorithm.hs256, "", "the key is empty"),
        (.rs256, "secret", "the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"),
        (.rs256, "", "the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"),
        (.es256, Keys.p256Public, "the key is no private key, but `PUBLIC KEY`"),
        (.es256, Keys.p256Encrypted, "the private key is encrypted"),
        (.es256, Keys.p256EncryptedByHeaders, "the private key is encrypted"),
        (.es256, Keys.rsa, "the key is no EC key on P-256, which ES256 wants"),
        (.es256, Keys.p384, "the key is no EC key on P-256, which ES256 wants"),
        (.es384, Keys.p256, "the key is no EC key on P-384, which ES384 wants"),
        (.es512, Keys.p256, "the key is no EC key on P-521, which ES512 wants"),
        (.rs256, Keys.p256, "the key is no RSA key of 2048 to 8192 bits, which RS256 wants"),
        (.ps512, Keys.ed25519, "the key is no RSA key of 2048 to 8192 bits, which PS512 wants"),
        (.edDSA, Keys.p256, "the key is no Ed25519 key, which EdDSA wants"),
        (
            .edDSA, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "the key is no Ed25519 key, which EdDSA wants"
        ),
    ]) func wrongKeysAreNamed(_ algorithm: SignatureAlgorithm, _ key: String, _ message: String) {
        #expect(SwiftCrypto.shared.mistake(in: Array(key.utf8), algorithm) == KeyError(message))
        #expect(
            SwiftCrypto.shared.signature(of: [1], key: Array(key.utf8), algorithm) == .failure(KeyError(message)))
    }

    /// Bytes of a key overwritten one after the other: it signs or says why not, and never traps.
    @Test(arguments: [
        (SignatureAlgorithm.rs256, Keys.rsa), (.es256, Keys.p256), (.es256, Keys.p256SEC1), (.edDSA, Keys.ed25519),
    ]) func brokenKeysAreSurvived(_ algorithm: SignatureAlgorithm, _ key: String) {
        let whole = Array(key.utf8)
        let crypto = SwiftCrypto()
        for at in stride(from: 0, to: whole.count, by: 7) {
            var broken = whole
            broken[at] = broken[at] == UInt8(ascii: "A") ? UInt8(ascii: "/") : UInt8(ascii: "A")
            switch crypto.signature(of: [1], key: broken, algorithm) {
            case .success(let signature): #expect(!signature.isEmpty)
            case .failure(let error): #expect(!error.message.isEmpty)
            }
        }
    }

    /// More keys than are kept: each still signs as itself.
    @Test func manyKeysAreTold() throws {
        let crypto = SwiftCrypto()
        for number in 1...200 {
            let seed = Array(repeating: UInt8(number), count: 32)
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            let der = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20] + seed
            let pem = "-----BEGIN PRIVATE KEY-----\n\(base64(der))\n-----END PRIVATE KEY-----"
            let signature = try crypto.signature(of: [7], key: Array(pem.utf8), .edDSA).get()
            #expect(key.publicKey.isValidSignature(signature, for: [7]))
        }
    }
}
