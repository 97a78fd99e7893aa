import CEL
import Diagnostics
import JSON
import Pipeline
import Testing

@testable import Catalog

/// What expressions of a method read of the metadata.
@Suite struct MetadataNamesTests {
    private static let sent = [
        ("x-text", "a"), ("x-text", "b"), ("x-a-bin", "AP8="), ("x-b-bin", "AP8"), ("x-empty-bin", ""),
        ("x-many-bin", "aGk=,eW8="), ("x-many-bin", "eW8"), ("x-spaced-bin", "aGk, eW8"), ("x-broken-bin", "!?"),
    ]

    private static func program(_ text: String, in bench: MethodBench) -> (Program?, [String]) {
        var findings = Findings()
        let source = PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text))
        let program = Expression.parse(source, &findings).flatMap { bench.scope.check($0, &findings) }
        return (program, findings.ordered().map(\.message))
    }

    private static func result(_ text: String, _ fields: [(String, String)]) throws -> String {
        let bench = try MethodBench()
        bench.receive(metadata: fields)
        let (program, findings) = program(text, in: bench)
        guard let program else { return findings.joined(separator: "\n") }
        var out = ByteWriter()
        switch program.writeJSON(bench.exchange.pointee.context, &out) {
        case .written: return String(decoding: out.bytes, as: UTF8.self)
        case .absent: return "absent"
        case .failed(let error): return "error: " + error.message
        }
    }

    @Test(arguments: [
        ("headers['x-text']", #""a, b""#), ("headers['x-a-bin'] == b'\\x00\\xff'", "true"),
        ("headers['x-b-bin'] == headers['x-a-bin']", "true"), ("size(headers['x-empty-bin'])", "0"),
        // Of several the first, however they came.
        ("string(headers['x-many-bin'])", #""hi""#), ("string(headers['x-spaced-bin'])", #""hi""#),
        // JSON has bytes as base64, whether they came with padding or not.
        ("headers['x-b-bin']", #""AP8=""#), ("headers[?'x-none-bin']", "absent"),
        ("string(headers[?'x-none-bin'].orValue(b'none'))", #""none""#),
        ("headers['x-none-bin']", "error: no header 'x-none-bin'"),
        ("headers['x-broken-bin']", "error: the metadata 'x-broken-bin' is not base64"),
        // A name that is worked out gives what it is of.
        ("type(headers['x-' + 'a-bin']) == bytes", "true"),
        ("type(headers['x-' + 'text']) == string", "true"),
    ])
    func reads(_ text: String, _ expected: String) throws { #expect(try Self.result(text, Self.sent) == expected) }

    @Test func theWholeHasBothKinds() throws {
        let sent = [("x-text", "a"), ("x-a-bin", "AP8")]
        #expect(try Self.result("headers", sent) == #"{"x-text":"a","x-a-bin":"AP8="}"#)
        #expect(try Self.result("'x-a-bin' in headers", sent) == "true")
        #expect(
            try Self.result("size(headers)", sent + [("x-broken-bin", "=")])
                == "error: the metadata 'x-broken-bin' is not base64")
    }

    @Test(
        arguments: [
            ("headers['x-a-bin'] == 'text'", "'==' does not take bytes and string"),
            ("headers['x-text'] == b'text'", "'==' does not take string and bytes"),
            ("headers['x-a-bin'].startsWith('a')", nil), ("headers['X-A-bin']", nil),
        ] as [(String, String?)])
    func mistakesAreFound(_ text: String, _ message: String?) throws {
        let (program, findings) = Self.program(text, in: try MethodBench())
        #expect(program == nil)
        #expect(findings.count == 1)
        if let message { #expect(findings == [message]) }
    }
}
