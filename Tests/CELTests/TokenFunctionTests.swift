import CEL
import Diagnostics
import Testing

@Suite struct TokenFunctionTests {
    @Test(arguments: rows) func function(_ row: Row) { row.check() }

    /// RFC 8037 appendix A.1, in PEM, as it stands in a string literal.
    private static let ed25519 =
        "'-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n"
        + "-----END PRIVATE KEY-----'"

    private static func part(_ number: Int, _ token: String) -> String {
        "string(base64url.decode(\(token).split('.')[\(number)]))"
    }

    static let rows: [Row] = [
        // The example of jwt.io, as everybody knows it.
        Row(
            "jwt.sign({'sub': '1234567890', 'name': 'John Doe', 'iat': 1516239022}, 'your-256-bit-secret', 'HS256')",
            #""eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."#
                + #"eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."#
                + #"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c""#),
        Row(
            part(0, "jwt.sign({}, 's', 'HS256', {'kid': 'k1'})"),
            #""{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}""#),
        Row(part(0, "jwt.sign({}, b's', 'HS512', {'typ': 'at+jwt'})"), #""{\"alg\":\"HS512\",\"typ\":\"at+jwt\"}""#),
        Row(
            part(1, "jwt.sign({'a': [1, {'b': null}], 'c': 1.5}, 's', 'HS256')"),
            #""{\"a\":[1,{\"b\":null}],\"c\":1.5}""#),
        // Moments are seconds; those deeper inside are as in any JSON.
        Row(
            part(1, "jwt.sign({'iat': now(), 'exp': now() + duration('1h'), 'at': {'x': call.time}}, 's', 'HS256')"),
            #""{\"iat\":1700000000,\"exp\":1700003600,\"at\":{\"x\":\"2009-02-13T23:31:30Z\"}}""#),
        Row(part(1, "jwt.sign({'a': 1, ?'b': query.?nope}, 's', 'HS256')"), #""{\"a\":1}""#),
        Row(
            "jwt.sign({'sub': 'a'}, \(ed25519), 'EdDSA') == jwt.sign({'sub': 'a'}, bytes(\(ed25519)), 'EdDSA')", "true"),
        Row("jwt.sign({'sub': path.name}, \(ed25519), 'EdDSA').size()", "142"),

        Row(
            "jwt.sign({}, 's', 'HS265')",
            #"finding: 'jwt.sign' has no algorithm "HS265": did you mean "HS256"?"#),
        Row(
            "jwt.sign({}, 's', 'none')",
            #"finding: 'jwt.sign' has no algorithm "none": there are HS256, HS384, HS512, RS256, RS384, RS512, PS256, "#
                + "PS384, PS512, ES256, ES384, ES512, EdDSA"),
        Row(
            "jwt.sign({'n': path.name}, 's', 'hs256')",
            #"finding: 'jwt.sign' has no algorithm "hs256": did you mean "HS256"?"#),
        Row("jwt.sign({'n': path.name}, '', 'HS256')", "finding: 'jwt.sign': the key is empty"),
        Row(
            "jwt.sign({'n': path.name}, 'secret', 'RS256')",
            "finding: 'jwt.sign': the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"),
        Row(
            "jwt.sign({'n': path.name}, 'sec' + 'ret', 'RS256')",
            "finding: 'jwt.sign': the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"),
        Row(
            "jwt.sign({'n': path.name}, \(ed25519), 'ES256')",
            "finding: 'jwt.sign': the key is no EC key on P-256, which ES256 wants"),
        Row(
            "jwt.sign({'n': path.name}, path.name, 'ES256')",
            "error: 'jwt.sign': the key is not in PEM: `-----BEGIN PRIVATE KEY-----` and so on"),
        Row("jwt.sign({}, 's', path.name)", #"error: 'jwt.sign' has no algorithm "Ann": "# + known),
        Row(
            "jwt.sign({'a': path.name}, 's', 'HS256', {'alg': 'none'})",
            "error: 'jwt.sign': the header cannot have `alg`, which the third argument says"),
        Row("jwt.sign({'a': 0.0 / 0.0}, 's', 'HS256')", "finding: this always fails: NaN cannot be written as JSON"),
        Row("jwt.sign('a', 's', 'HS256')", "finding: 'jwt.sign' does not take (string, string, string)"),
        Row("jwt.sign(body, 's', 'HS256').size() > 0", "true"),
        Row("jwt.sign(body.name, 's', 'HS256')", "error: 'jwt.sign' does not take (string, string, string)"),
    ]

    private static let known =
        "there are HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA"

    @Test func theKeyIsNeverShown() {
        for expression in ["jwt.sign({}, 'hush-hush', 'RS256')", "jwt.sign({'n': path.name}, b'hush-hush', 'ES256')"] {
            let result = Fixture.result(expression)
            #expect(result.contains("finding") && !result.contains("hush"))
        }
    }

    @Test func signaturesArePaidFor() {
        let key = Self.ed25519
        #expect(
            Fixture.result("lists.range(200).all(i, jwt.sign({'n': i + size(path.name)}, \(key), 'EdDSA') != '')")
                == "error: the expression takes more than 100000 steps")
        #expect(
            Fixture.result("lists.range(20).all(i, jwt.sign({'n': i + size(path.name)}, \(key), 'EdDSA') != '')")
                == "true")
    }
}
