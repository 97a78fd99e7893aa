import Diagnostics
import Manifests
import Testing

@Suite struct OverlayTests {
    /// The deeper scope, the wider one, what comes out: sections of `middleware`, `timeout` with a short form.
    static let cases: [(String, String, String)] = [
        ("{}", "{ timeout: 1s }", #"{timeout: "1s"}"#), ("{ timeout: 2s }", "{ timeout: 1s }", #"{timeout: "2s"}"#),
        ("{ timeout: 2s }", "{ timeout: { default: 1s, maximum: 9s } }", #"{timeout: {default: "2s", maximum: "9s"}}"#),
        ("{ timeout: { maximum: 9s } }", "{ timeout: 1s }", #"{timeout: {default: "1s", maximum: "9s"}}"#),
        (
            "{ timeout: { maximum: 9s } }", "{ timeout: { default: 1s, maximum: 5s } }",
            #"{timeout: {default: "1s", maximum: "9s"}}"#
        ),
        ("{ timeout: off }", "{ timeout: { default: 1s } }", #"{timeout: "off"}"#),
        ("{ timeout: false }", "{ timeout: 1s }", "{timeout: false}"),
        ("{ timeout: { maximum: 9s } }", "{ timeout: off }", #"{timeout: {maximum: "9s"}}"#),
        ("{ timeout: 2s }", "{ timeout: off }", #"{timeout: "2s"}"#),
        ("{ timeout: }", "{ timeout: { default: 1s } }", #"{timeout: {default: "1s"}}"#),
        ("{ timeout: }", "{ timeout: 1s }", #"{timeout: {default: "1s"}}"#), ("{ note: }", "{ note: }", "{note: null}"),
        ("{ timeout: {} }", "{ timeout: off }", "{timeout: {}}"),
        ("{ timeout: }", "{ timeout: off }", "{timeout: null}"),
        ("{ a: 1 }", "{ timeout: 1s }", #"{timeout: "1s", a: 1}"#),
        ("{ body_limit: 1 }", "{ body_limit: 2 }", "{body_limit: 1}"),
        ("{ list: [a] }", "{ list: [b, c] }", #"{list: ["a"]}"#),
        (
            "{ headers: { response: { add: 1 } } }", "{ headers: { response: { set: 2 }, preset: x } }",
            #"{headers: {response: {add: 1}, preset: "x"}}"#
        ),
        ("{ headers: x }", "{ headers: { preset: y } }", #"{headers: "x"}"#),
        ("{ b: 1, a: 2 }", "{ a: 1, c: 3 }", "{a: 2, c: 3, b: 1}"),
    ]

    @Test(arguments: cases) func deeperScopesLieOverWiderOnes(_ over: String, _ base: String, _ result: String) throws {
        let over = try #require(Reading(over).node)
        let base = try #require(Reading(base).node)
        let laid = over.laid(over: base, depth: 2, shorts: { $0 == "timeout" ? "default" : nil })
        #expect(render(laid) == result)
    }

    @Test func aSectionAloneHasItsShortForm() throws {
        let base = try #require(Reading("{ default: 1s, maximum: 9s }").node)
        let over = try #require(Reading("2s").node)
        #expect(render(over.laid(over: base, short: "default")) == #"{default: "2s", maximum: "9s"}"#)
        #expect(render(over.laid(over: base)) == #""2s""#)
        #expect(render(over.laid(over: base, depth: 0, short: "default")) == #""2s""#)
    }

    /// `limit` and `adaptive` stand for each other.
    @Test(arguments: [
        ("{ limit: 3 }", "{ adaptive: {}, queue: 7 }", "{queue: 7, limit: 3}"),
        ("3", "{ adaptive: {}, queue: 7 }", "{queue: 7, limit: 3}"),
        ("{ adaptive: {} }", "5", "{adaptive: {}}"),
        ("{ adaptive: { minimum: 1 } }", "{ limit: 5, adaptive: { minimum: 2 } }", "{adaptive: {minimum: 1}}"),
        ("{ queue: 1 }", "{ limit: 5 }", "{limit: 5, queue: 1}"),
    ])
    func oneKeyTakesBackAnother(_ over: String, _ base: String, _ result: String) throws {
        let over = try #require(Reading("concurrency: \(over)").node)
        let base = try #require(Reading("concurrency: \(base)").node)
        let laid = over.laid(
            over: base, depth: 2, shorts: { _ in "limit" }, rivals: { _ in ["limit", "adaptive"] })
        #expect(render(laid) == "{concurrency: \(result)}")
    }

    @Test func everyValueKeepsItsPlace() throws {
        let base = try #require(Reading("{ default: 1s, maximum: 9s }").node)
        let over = try #require(Reading("{ default: 2s }").node)
        let laid = over.laid(over: base)
        #expect(laid["default"]?.range.source === over.range.source)
        #expect(laid["maximum"]?.range.source === base.range.source)
        #expect(laid["maximum"].map { slice($0.range) } == "9s")
    }
}
