import Catalog
import Compiler
import Diagnostics
import Manifests
import Testing

/// Root, service, route: what a deeper scope says overrides key by key.
@Suite struct ScopesTests {
    private func laid(_ scopes: [String]) throws -> String {
        var wider: Node?
        for scope in scopes {
            let read = Decoded<MiddlewareMap>(try Node.reading(scope))
            #expect(read.messages.isEmpty)
            wider = try #require(read.value).laid(over: wider)
        }
        return wider?.flow ?? "none"
    }

    @Test(arguments: [
        (["{ timeout: 1s }", "{}", "null"], "{timeout: \"1s\"}"),
        (["{ timeout: 1s }", "{ timeout: 2s }", "{ body_limit: 1KiB }"], "{timeout: \"2s\", body_limit: \"1KiB\"}"),
        (
            ["{ access_log: { format: json, output: stderr } }", "{ access_log: { format: text } }"],
            "{access_log: {format: \"text\", output: \"stderr\"}}"
        ),
        (
            ["{ concurrency: { limit: 1, queue: 5 } }", "{ concurrency: 7 }"],
            "{concurrency: {limit: 7, queue: 5}}"
        ),
        (["{ concurrency: 7 }", "{ concurrency: { limit: 1, queue: 5 } }"], "{concurrency: {limit: 1, queue: 5}}"),
        (
            ["{ concurrency: 7 }", "{ concurrency: { queue: 5 , limit: 2 } }", "{ concurrency: off }"],
            "{concurrency: \"off\"}"
        ),
        (["{ timeout: off }", "{ timeout: 3s }"], "{timeout: \"3s\"}"),
        (["{ timeout: 3s }", "{ timeout: false }"], "{timeout: false}"),
        (["null", "{ timeout: 3s }"], "{timeout: \"3s\"}"),
        (
            ["{ headers: { response: { set: { x-a: '1' } } } }", "{ headers: { preset: security } }"],
            "{headers: {response: {set: {x-a: \"1\"}}, preset: \"security\"}}"
        ),
    ])
    func deeperOverridesKeyByKey(_ scopes: [String], _ result: String) throws {
        #expect(try laid(scopes) == result)
    }

    @Test func whatIsRequiredMayStandInAWiderScope() {
        let text = """
            radicle: 1
            middleware: { concurrency: { limit: 9 } }
            services:
              web:
                routes:
                  GET /a: { template: hi, middleware: { concurrency: { queue: 5 } } }

            """
        #expect(Linted(text).findings.isEmpty)
        let without = Linted(text.replacing("{ limit: 9 }", with: "off"))
        #expect(without.findings.map(\.message) == ["concurrency needs `limit` or `adaptive`"])
        #expect(without.findings.first?.range.from == Place(line: 6, column: 45))
    }

    private func stages(root: String, service: String, route: String) -> [String] {
        let linted = Linted(
            """
            radicle: 1
            middleware: \(root)
            services:
              web:
                middleware: \(service)
                routes:
                  GET /a: { template: hi, middleware: \(route) }
                  GET /b: { template: hi }

            """)
        #expect(linted.findings.isEmpty, "\(linted.human)")
        return linted.compilation.routes.first?.stages ?? []
    }

    @Test(arguments: [
        ("{ access_log: off }", "{}", "{}", false),
        ("{}", "{ access_log: off }", "{}", false),
        ("{}", "{}", "{ access_log: off }", false),
        ("{}", "{}", "{ access_log: false }", false),
        ("{ access_log: off }", "{ access_log: json }", "{}", true),
        ("{ access_log: off }", "{}", "{ access_log: json }", true),
        ("{ access_log: json }", "{ access_log: off }", "{ access_log: {} }", true),
        ("{ access_log: off }", "{ access_log: }", "{}", true),
    ])
    func offWorksAtAnyDepth(_ root: String, _ service: String, _ route: String, _ isOn: Bool) {
        #expect(stages(root: root, service: service, route: route).contains("access_log") == isOn)
    }

    @Test func aSharedMistakeIsToldOnce() {
        let linted = Linted(
            """
            radicle: 1
            middleware:
              access_log: { fields: { a: nothing } }
              headers: { response: { set: { y: "{{ nobody }}" } } }
            services:
              web:
                routes: { GET /a: { template: hi }, GET /b: { template: hi }, GET /c: { template: hi } }

            """)
        #expect(linted.findings.map(\.message) == ["unknown name 'nothing'", "unknown name 'nobody'"])
    }

    @Test func aMistakeOfTheRootIsToldWithoutRoutes() {
        let linted = Linted("radicle: 1\nmiddleware: { access_log: { fields: { a: nothing, b: path.id } } }\n")
        #expect(linted.findings.map(\.message) == ["unknown name 'nothing'"])
    }

    private static let shared = """
        radicle: 1
        services:
          web:
            routes:
              GET /a/{id}: { template: hi }
              GET /b: { template: hi }
              GET /c/{ids}: { template: hi }
        middleware:
          access_log: { fields: { order: FIELD } }

        """

    @Test func aNameThatOneRouteLacksNamesTheRoute() throws {
        let linted = Linted(Self.shared.replacing("FIELD", with: "path.id"))
        let finding = try #require(linted.findings.first)
        #expect(linted.findings.count == 1, "\(linted.human)")
        #expect(finding.rule.id == "unknown-name")
        #expect(finding.range.from == Place(line: 9, column: 39))
        #expect(finding.help == "the route `GET /b` has no such wildcard; where it may be missing, write `path.?id`")
        #expect(finding.suggestion == nil)
        #expect(finding.related.map(\.range.from) == [Place(line: 6, column: 7)])
        #expect(linted.compilation.plan == nil)
    }

    @Test func behindAnOptionalItMayBeMissing() {
        let linted = Linted(Self.shared.replacing("FIELD", with: "path.?id"))
        #expect(linted.findings.isEmpty, "\(linted.human)")
    }

    @Test func whatTheRouteSaysItselfKeepsItsSuggestion() {
        let linted = Linted(
            """
            radicle: 1
            services:
              web:
                routes:
                  GET /a/{name}: { template: hi, middleware: { access_log: { fields: { a: path.nam } } } }

            """)
        #expect(linted.findings.map(\.suggestion) == ["name"])
        #expect(linted.findings.first?.related.isEmpty == true)
    }

    @Test func aTemplateBehindAnAliasNamesTheRoute() {
        let linted = Linted(
            """
            radicle: 1
            x-greeting: &greeting "Hello {{ path.name }}"
            services:
              web:
                routes:
                  GET /a/{name}: { template: *greeting }
                  GET /b/{who}: { template: *greeting }

            """)
        #expect(linted.findings.count == 1)
        #expect(linted.findings.first?.related.map(\.range.from.line) == [7])
    }

    @Test func aRouteWhosePatternIsWrongIsCheckedAllTheSame() {
        let linted = Linted(
            """
            radicle: 1
            services:
              web:
                routes:
                  get /a/{name}: { template: "{{ path.name }} {{ nothing }}" }

            """)
        #expect(linted.rules == ["bad-route", "unknown-name"], "\(linted.human)")
        #expect(linted.findings.last?.message == "unknown name 'nothing'")
    }
}
