import Testing

@testable import Cryptography

@Suite struct PEMTests {
    private static func labels(_ text: String) -> [String] { PEM.blocks(in: Array(text.utf8)).map(\.label) }

    @Test func blocksComeInOrder() {
        #expect(Self.labels(Keys.p256SEC1) == ["EC PARAMETERS", "EC PRIVATE KEY"])
        #expect(
            PEM.blocks(in: Array(Keys.p256SEC1.utf8)).first?.content == [6, 8, 42, 134, 72, 206, 61, 3, 1, 7])
    }

    @Test(arguments: [
        ("a\n-----BEGIN A-----\nAA==\n-----END A-----\nb", ["A"]),
        ("-----BEGIN A-----\r\nAA\r\n==\r\n-----END A-----\r\n", ["A"]),
        ("  -----BEGIN A-----\t\n  AAAA\n  -----END A-----  ", ["A"]),
        ("-----BEGIN A-----\n-----END A-----", ["A"]),
        // Not closed, closed by another, no base64.
        ("-----BEGIN A-----\nAA==", []), ("-----BEGIN A-----\nAA==\n-----END B-----", []),
        ("-----BEGIN A-----\nA!\n-----END A-----", []), ("-----BEGIN A-----\nA\n-----END A-----", []),
        ("-----BEGIN A-----\n-----BEGIN B-----\nAA==\n-----END B-----", ["B"]),
        ("----------", []), ("-----BEGIN -----", []), ("-----END A-----", []), ("", []), ("\n\n", []),
    ]) func reads(_ text: String, _ expected: [String]) {
        #expect(Self.labels(text) == expected)
    }

    @Test(arguments: [Keys.p256Encrypted, Keys.p256EncryptedByHeaders]) func encryptionIsSeen(_ text: String) {
        #expect(PEM.blocks(in: Array(text.utf8)).map(\.isEncrypted) == [true])
    }

    /// Whatever is cut off or overwritten: it is read or not, and never traps.
    @Test func brokenTextsAreSurvived() {
        let whole = Array(Keys.p256SEC1.utf8)
        for at in whole.indices {
            var broken = whole
            broken[at] = [0, 0x0A, 0x2D, 0x3A, 0xFF][at % 5]
            #expect(PEM.blocks(in: broken).count <= 2)
            #expect(PEM.blocks(in: Array(whole[..<at])).count <= 2)
        }
    }
}
