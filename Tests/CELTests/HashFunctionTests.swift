import CEL
import Diagnostics
import Testing

@Suite struct HashFunctionTests {
    @Test(arguments: rows) func function(_ row: Row) { row.check() }

    /// HMAC-SHA256 of `what do ya want for nothing?` with the key `Jefe` (RFC 4231 section 4.3).
    private static let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    private static let base64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
    private static let base64URL = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM"

    private static func verify(_ signature: String, _ hash: String = "'SHA256'") -> String {
        "hmac.verify('what do ya want for nothing?', \(signature), 'Jefe', \(hash))"
    }

    static let rows: [Row] = [
        Row("hex.encode(md5('abc'))", #""900150983cd24fb0d6963f7d28e17f72""#),
        Row("hex.encode(sha1('abc'))", #""a9993e364706816aba3e25717850c26c9cd0d89d""#),
        Row(
            "hex.encode(sha256(b'abc'))", #""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
        Row("size(sha512(''))", "64"), Row("sha256('é') == sha256(b'é')", "true"),
        Row("hex.encode(sha1(body.name))", #""da6645f6e22bf5f75974dc7eed5fcd6160d6b51e""#),
        Row("sha256(body.age)", "error: 'sha256' does not take (int)"),
        Row("sha256(1)", "finding: 'sha256' does not take (int)"),

        Row("hex.encode(hmac.sign('what do ya want for nothing?', 'Jefe', 'SHA256'))", "\"\(code)\""),
        Row("hex.encode(hmac.compute(b'what do ya want for nothing?', b'Jefe', 'sha-256'))", "\"\(code)\""),
        Row("hmac.sign('a', b'b', 'HS512') == hmac.sign(b'a', 'b', 'Sha512')", "true"),
        Row("size(hmac.sign('', '', 'SHA1'))", "20"),
        Row(
            "hmac.sign('a', 'b', 'SHA255')",
            #"finding: unknown hash "SHA255": there are MD5, SHA1, SHA256, SHA384, SHA512"#),
        Row(
            "hmac.sign(path.name, 'b', 'sha' + '3')",
            #"finding: unknown hash "sha3": there are MD5, SHA1, SHA256, SHA384, SHA512"#),
        Row(
            "hmac.sign('a', 'b', path.name)",
            #"error: unknown hash "Ann": there are MD5, SHA1, SHA256, SHA384, SHA512"#),
        Row(
            "hmac.sign(1, 'b', 'SHA1')", "finding: 'hmac.sign' does not take (int, string, string)"),

        Row(verify("hex.decode('\(code)')"), "true"), Row(verify("'\(code)'"), "true"),
        Row(verify("'\(code.uppercased())'"), "true"), Row(verify("'sha256=\(code)'"), "true"),
        Row(verify("'SHA-256=\(code)'"), "true"), Row(verify("'v0=\(code)'"), "true"),
        Row(verify("'\(base64)'"), "true"), Row(verify("'\(base64URL)'"), "true"),
        Row(verify("'v1=\(base64)'"), "true"), Row(verify("'sha256=\(base64URL)'"), "true"),
        Row(verify("'\(code)'", "'HS256'"), "true"),
        // The word in front does not choose: another hash's code, named as such, is wrong.
        Row(
            verify("'sha1=' + hex.encode(hmac.sign('what do ya want for nothing?', 'Jefe', 'SHA1'))"), "false"),
        Row(verify("'sha1=\(code)'"), "false"), Row(verify("'md5=750c783e6ab0b503eaa86e310a5db738'"), "false"),
        Row(verify("'none='"), "false"), Row(verify("''"), "false"), Row(verify("b''"), "false"),
        Row(verify("'='"), "false"), Row(verify("'sha256='"), "false"),
        Row(verify("'\(code.dropLast(2))'"), "false"), Row(verify("'\(code)00'"), "false"),
        Row(verify("'6\(code.dropFirst())'"), "false"), Row(verify("' \(code)'"), "false"),
        Row(verify("'\(String(repeating: "f", count: 1000))'"), "false"),
        Row(verify("hex.encode(hex.decode('\(code)')) + path.name"), "false"),
        Row(
            verify("'\(code)'", "'none'"),
            #"finding: unknown hash "none": there are MD5, SHA1, SHA256, SHA384, SHA512"#),
        Row("hmac.verify(body.name, headers['x-a'], 'k', 'SHA256')", "false"),
        Row(
            "hmac.verify(body.name, body.nested, 'k', 'SHA256')",
            "error: 'hmac.verify' does not take (string, map, string, string)"),
    ]

    @Test func helpIsShort() {
        var findings = Findings()
        #expect(Fixture.program("hmac.verify('a', 'b', 'c')", &findings) == nil)
        #expect(
            findings.ordered().map(\.help)
                == ["it is hmac.verify(string|bytes, string|bytes, string|bytes, string)"])
    }

    @Test func hashingIsPaidFor() {
        // A megabyte eight times over is more than an evaluation may cost.
        var call = Call()
        call.body = .string(String(repeating: "x", count: 1_000_000))
        var findings = Findings()
        let one = Fixture.program("size(sha256(body))", &findings)
        let many = Fixture.program("[1, 2, 3, 4, 5, 6, 7, 8].all(x, size(sha256(body)) == 32)", &findings)
        Fixture.withContext(call) { context in
            #expect(one.map { Fixture.shown($0.evaluate(context)) } == "32")
            #expect(
                many.map { Fixture.shown($0.evaluate(context)) }
                    == "error: the expression takes more than 100000 steps")
        }
    }
}
