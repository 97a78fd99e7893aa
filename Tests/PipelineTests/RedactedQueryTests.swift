import JSON
import Testing

@testable import Pipeline

@Suite struct RedactedQueryTests {
    @Test(arguments: [
        ("a=1&b=2", "a=1&b=2"), ("sig=abc", "sig=REDACTED"), ("a=1&Signature=x&b", "a=1&Signature=REDACTED&b"),
        ("X-Amz-Signature=x&X-Amz-Credential=y&z=", "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&z="),
        ("sig", "sig"), ("sig&a", "sig&a"), ("SIG=x", "SIG=x"), ("sig=a=b&&", "sig=REDACTED&&"), ("", ""),
        ("sig=", "sig="), ("token=x&a=token", "token=REDACTED&a=token"), ("&&=&", "&&=&"),
        ("a=1&sig=x&token=y&b=2", "a=1&sig=REDACTED&token=REDACTED&b=2"),
    ])
    func credentialsAreNotShown(query: String, shown: String) {
        var out = ByteWriter()
        Array(query.utf8).withUnsafeBufferPointer {
            RedactedQuery(alsoHiding: ["token"]).write($0, into: &out) { $0.append($1) }
        }
        #expect(String(decoding: out.bytes, as: UTF8.self) == shown)
    }
}
