import Catalog
import Compiler
import Diagnostics
import Testing

/// Where a rate limit stands, by what it reads.
@Suite struct RateLimitTests {
    private func stages(_ limit: String, variables: String = "{}") throws -> [String] {
        let linted = Linted(
            """
            radicle: 1
            services:
              web:
                routes:
                  POST /a:
                    template: hi
                    variables: \(variables)
                    middleware:
                      { timeout: off, request_id: off, tracing: off, access_log: off, metrics: off, rate_limit: \(limit) }
            """)
        #expect(linted.findings.allSatisfy { $0.level == .warning }, "\(linted.human)")
        return try #require(linted.compilation.routes.first?.stages)
    }

    @Test(arguments: [
        ("5/s", ["rate_limit", "body_limit"]),
        ("{ rate: 5/s, key: client.address }", ["rate_limit", "body_limit"]),
        ("{ rate: 5/s, key: 'headers[\"x-key\"]' }", ["rate_limit", "body_limit"]),
        ("{ rate: 5/s, key: body.user }", ["body_limit", "rate_limit"]),
        ("{ rate: 5/s, key: variables.user }", ["body_limit", "rate_limit"]),
        ("{ rate: 5/s, cost: request.size }", ["body_limit", "rate_limit"]),
        ("{ rate: 5/s, when: 'size(body.text) > 1' }", ["body_limit", "rate_limit"]),
        ("{ rate: 5/s, mode: shadow }", ["rate_limit(shadow)", "body_limit"]),
        (
            "{ policies: { a: 5/s, b: { rate: 5/s, when: 'has(body.x)' }, c: { rate: 5/s, mode: shadow } } }",
            ["rate_limit(a, c)", "body_limit", "rate_limit(b)"]
        ),
        ("{ policies: { a: { rate: 5/s, when: false } } }", ["body_limit"]),
        ("{ rate: 5/s, when: false }", ["body_limit"]),
    ])
    func standsWhereItCanRead(_ limit: String, _ expected: [String]) throws {
        #expect(try stages(limit, variables: "{ user: body.user }") == expected)
    }
}
