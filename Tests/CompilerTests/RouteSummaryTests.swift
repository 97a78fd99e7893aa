import Compiler
import Diagnostics
import JSON
import Testing

/// Tests/Golden/routes: manifests, and what `radicled routes` shows of them.
@Suite struct RouteSummaryTests {
    private static let folder = GoldenFolder("routes")

    private static func table(_ routes: [RouteSummary]) -> String {
        var out = ByteWriter(capacity: 1024)
        RouteSummary.table(routes, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test(arguments: folder.names(ending: ".yaml")) func showsAsBefore(_ name: String) {
        let linted = Linted(Source(name: "\(name).yaml", bytes: Self.folder.read("\(name).yaml") ?? []))
        #expect(linted.findings.isEmpty, "\(linted.human)")
        Self.folder.expect(Self.table(linted.compilation.routes), in: "\(name).txt")
    }

    @Test(arguments: ["hosts", "orders", "greetings", "transcoded"]) func jsonIsAsBefore(_ name: String) throws {
        let linted = Linted(Source(name: "\(name).yaml", bytes: Self.folder.read("\(name).yaml") ?? []))
        var out = ByteWriter(capacity: 4096)
        RouteSummary.json(linted.compilation.routes, into: &out)
        Self.folder.expect(String(decoding: out.bytes, as: UTF8.self), in: "\(name).json")
        guard case .success(let json) = JSONReader.read(out.bytes), case .array(let routes)? = json["routes"] else {
            Issue.record("\(name).json is no JSON")
            return
        }
        #expect(routes.count == linted.compilation.routes.count)
    }

    @Test func nothingIsServedWithoutRoutes() {
        #expect(Self.table([]) == "METHOD  PATH  SERVICE  RESPONDER  MIDDLEWARE\n")
    }

    /// A value from outside is shown as it was written; one that stands in the manifest is hidden.
    @Test func secretsAreNotShown() throws {
        let linted = Linted(
            """
            radicle: 1
            middleware: { tracing: { otlp: "http://127.0.0.1:4318", headers: { authorization: hunter2, a: "${WORD}" } } }
            services: { web: { routes: { GET /a: { template: hi } } } }
            """)
        let tracing = try #require(linted.compilation.routes.first?.chain.first { $0.name == "tracing" })
        let headers = try #require(tracing.settings.first { $0.key == "headers" })
        #expect(headers.value == "{ authorization: ***, a: ${WORD} }")
    }

    @Test func aNameCannotMoveTheCursor() {
        let linted = Linted("radicle: 1\nservices: { \"a\\eb\": { routes: { GET /a: { template: hi } } } }\n")
        #expect(linted.findings.isEmpty)
        #expect(Self.table(linted.compilation.routes).contains("a\\u{1b}b"))
    }
}
