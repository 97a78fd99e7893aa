import Catalog
import Compiler
import Diagnostics
import Testing

/// What every middleware promises as a whole.
@Suite struct MiddlewareContractTests {
    private func linted(_ middleware: String) -> Linted {
        Linted(
            "radicle: 1\nmiddleware:\n  \(middleware)\nservices: { web: { routes: { GET /a: { template: hi } } } }\n")
    }

    @Test(arguments: Entries.middleware.map(\.name)) func isSwitchedOff(_ name: String) {
        for word in ["off", "false"] {
            let linted = linted("\(name): \(word)")
            #expect(linted.findings.isEmpty, "\(linted.human)")
            #expect(linted.compilation.routes.first?.stages.contains(name) == false)
        }
    }

    @Test(arguments: Entries.middleware.filter(\.isOnByDefault).map(\.name)) func nothingIsTheDefaults(_ name: String) {
        for word in ["", "null", "~"] {
            let linted = linted("\(name): \(word)")
            #expect(linted.findings.isEmpty, "\(linted.human)")
            #expect(linted.compilation.routes.first?.stages.contains(name) == true)
        }
    }

    @Test func offInQuotesIsAText() {
        #expect(linted("timeout: 'off'").rules == ["bad-duration"])
    }

    @Test func theOrderIsTheList() throws {
        let all = linted(
            "concurrency: 5\n  rate_limit: 5/s\n  cors: \"*\"\n  ip_filter: { deny: [192.0.2.0/24] }\n  fault: { header: x-fault }\n  delay: 1ms\n  headers: { preset: security }\n  compression: {}"
        )
        let stages = try #require(all.compilation.routes.first?.stages)
        #expect(stages == Entries.middleware.map(\.name))
    }
}
