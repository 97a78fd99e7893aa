import CEL
import Cryptography
import Testing

@Suite struct HMACTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let key: [UInt8]
        let message: [UInt8]
        let hash: HashAlgorithm
        let code: String

        init(_ key: [UInt8], _ message: [UInt8], _ hash: HashAlgorithm, _ code: String) {
            self.key = key
            self.message = message
            self.hash = hash
            self.code = code
        }

        var testDescription: String { "\(hash.rawValue) \(code)" }
    }

    private static let jefe = Array("Jefe".utf8)
    private static let question = Array("what do ya want for nothing?".utf8)
    private static let greeting = Array("Hi There".utf8)
    private static let longKey = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)

    /// RFC 4231 section 4, RFC 2202 sections 2 and 3.
    static let vectors = [
        Vector(run(0x0B, 16), greeting, .md5, "9294727a3638bb1c13f48ef8158bfc9d"),
        Vector(jefe, question, .md5, "750c783e6ab0b503eaa86e310a5db738"),
        Vector(run(0x0B, 20), greeting, .sha1, "b617318655057264e28bc0b6fb378c8ef146be00"),
        Vector(jefe, question, .sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        Vector(
            run(0x0B, 20), greeting, .sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            run(0x0B, 20), greeting, .sha384,
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"),
        Vector(
            run(0x0B, 20), greeting, .sha512,
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4"
                + "be9d914eeb61f1702e696c203a126854"),
        Vector(jefe, question, .sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            jefe, question, .sha384,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"),
        Vector(
            jefe, question, .sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                + "caeab1a34d4a6b4b636e070a38bce737"),
        Vector(
            run(0xAA, 20), run(0xDD, 50), .sha256, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            Array(1...25), run(0xCD, 50), .sha256, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(run(0xAA, 131), longKey, .sha256, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            run(0xAA, 131), longKey, .sha512,
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52"
                + "95e64f73f63f0aec8b915a985d786598"),
    ]

    @Test(arguments: vectors) func code(_ vector: Vector) {
        let code = SwiftCrypto.shared.hmac(of: vector.message, key: vector.key, vector.hash)
        #expect(hex(code) == vector.code)
        #expect(SwiftCrypto.shared.isHMAC(code, of: vector.message, key: vector.key, vector.hash))
    }

    @Test(arguments: vectors) func anyOtherBitIsWrong(_ vector: Vector) {
        let code = SwiftCrypto.shared.hmac(of: vector.message, key: vector.key, vector.hash)
        for at in code.indices {
            var other = code
            other[at] ^= 1 << UInt8(at % 8)
            #expect(!SwiftCrypto.shared.isHMAC(other, of: vector.message, key: vector.key, vector.hash))
        }
        for other in [[], Array(code.dropLast()), code + [0]] {
            #expect(!SwiftCrypto.shared.isHMAC(other, of: vector.message, key: vector.key, vector.hash))
        }
    }
}
