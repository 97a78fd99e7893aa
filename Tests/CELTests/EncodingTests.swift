import CEL
import JSON
import Testing

@Suite struct EncodingTests {
    @Test(arguments: [
        ("a\"\\\n\u{1}é", Encoding.plain, "a\"\\\n\u{1}é"),
        ("a\"\\\n\u{1}é", .jsonString, "a\\\"\\\\\\n\\u0001é"),
        ("<a href='x'>&\"", .html, "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"), ("aZ9-._~", .urlComponent, "aZ9-._~"),
        ("a b+c/é%", .urlComponent, "a%20b%2Bc%2F%C3%A9%25"), ("value; é", .header, "value; é"),
    ]) func encodes(_ text: String, _ encoding: Encoding, _ expected: String) {
        var out = ByteWriter()
        let isTaken = out.append(text, as: encoding)
        #expect(isTaken)
        #expect(String(decoding: out.bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: ["a\rb", "a\nb", "a\0b"], [Encoding.header, .eventField])
    func whatIsALineRefuses(_ text: String, _ encoding: Encoding) {
        var out = ByteWriter()
        let isTaken = out.append(text, as: encoding)
        #expect(!isTaken)
        #expect(out.count == 0)
    }
}
