import CEL
import Cryptography
import Testing

@Suite struct DigestTests {
    private static let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    /// RFC 1321 appendix A.5, and the examples of FIPS 180.
    @Test(arguments: [
        ("", HashAlgorithm.md5, "d41d8cd98f00b204e9800998ecf8427e"),
        ("abc", .md5, "900150983cd24fb0d6963f7d28e17f72"),
        ("", .sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", .sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (long, .sha1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ("", .sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", .sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (long, .sha256, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (
            "abc", .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "abc", .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                + "454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ]) func digest(_ message: String, _ hash: HashAlgorithm, _ expected: String) {
        #expect(hex(SwiftCrypto.shared.digest(of: Array(message.utf8), hash)) == expected)
    }

    @Test(arguments: HashAlgorithm.allCases) func lengthIsWhatItSays(_ hash: HashAlgorithm) {
        #expect(SwiftCrypto.shared.digest(of: [1, 2, 3], hash).count == hash.length)
        #expect(SwiftCrypto.shared.hmac(of: [1, 2, 3], key: [], hash).count == hash.length)
    }
}
