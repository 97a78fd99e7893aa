import Diagnostics
import Manifests
import Testing

@Suite struct SetOverrideTests {
    private static func read(_ text: String) -> (node: Node?, findings: [Finding]) {
        var findings = Findings()
        var redaction = Redaction()
        let node = SetOverride.read(text, in: .inMemory(["NAME": "Ann"]), &redaction, &findings)
        return (node, findings.ordered())
    }

    static let good: [(String, String)] = [
        ("a=1", "{a: 1}"), ("a.b.c=2s", #"{a: {b: {c: "2s"}}}"#), ("a=", "{a: null}"), ("a= ", "{a: null}"),
        ("a=~", "{a: null}"), ("a=off", #"{a: "off"}"#), ("a='1'", #"{a: "1"}"#), ("a=b=c", #"{a: "b=c"}"#),
        ("a=[x, 2]", #"{a: ["x", 2]}"#), ("a={ b: { c: 1 } }", "{a: {b: {c: 1}}}"), ("a=b: 1", "{a: {b: 1}}"),
        ("a= 1", "{a: 1}"), ("a=-5", "{a: -5}"), (#"a["b.c"].d=1"#, "{a: {b.c: {d: 1}}}"),
        (#"a['b=c']=1"#, "{a: {b=c: 1}}"), (#"["a.b"]=1"#, "{a.b: 1}"), (#"a["b"]["c"]=1"#, "{a: {b: {c: 1}}}"),
        (#"a["b\"]c"]=1"#, #"{a: {b"]c: 1}}"#), ("r.GET /x/{y}.z=1", "{r: {GET /x/{y}: {z: 1}}}"),
        ("a=${NAME}", #"{a: "Ann"}"#), ("a=one\ntwo", #"{a: "one two"}"#), ("a=|\n  one\n  two", #"{a: "one\ntwo"}"#),
        ("é.b=ü", #"{é: {b: "ü"}}"#),
    ]

    @Test(arguments: good) func laysOneValueDeep(_ text: String, _ expected: String) {
        let (node, findings) = Self.read(text)
        #expect(findings.map(\.message) == [])
        #expect(render(node) == expected)
    }

    static let bad: [(String, String, String)] = [
        ("", "bad-override", ""), ("a", "bad-override", "a"), ("=1", "bad-override", "="),
        ("a..b=1", "bad-override", "."),
        ("a.=1", "bad-override", "="), (".a=1", "bad-override", "."), ("a[0]=1", "bad-override", "[0]"),
        ("a[b]=1", "bad-override", "[b]"), ("a[=1", "bad-override", "[=1"), (#"a["b=1"#, "bad-override", "["),
        (#"a["b"=1"#, "bad-override", "["), (#"a["b"]c=1"#, "bad-override", "c"),
        ("include=x", "bad-override", "include"),
        ("a=[", "yaml-bracket", "["), ("a='", "yaml-quote", "'"), ("a=${UNSET}", "unset-variable", "${UNSET}"),
        ("a=\u{1}", "yaml-encoding", "\u{1}"), ("a", "bad-override", "a"),
        (String(repeating: "a.", count: 60) + "b=1", "bad-override", String(repeating: "a.", count: 50) + "a"),
    ]

    @Test(arguments: bad) func mistakesAreToldInTheFlag(_ text: String, _ rule: String, _ covered: String) {
        let findings = Self.read(text).findings
        #expect(findings.map(\.rule.id) == [rule])
        #expect(findings.first?.range.source.name == "--set")
        #expect(findings.first.map { slice($0.range) } == covered)
    }

    @Test func everythingHasItsPlace() {
        let node = Self.read(#"a.bc["d.e"]=five"#).node
        #expect(node?.entry("a").map { slice($0.key.range) } == "a")
        #expect(node?["a"]?.entry("bc").map { slice($0.key.range) } == "bc")
        #expect(node?["a"]?["bc"]?.entry("d.e").map { slice($0.key.range) } == #"["d.e"]"#)
        #expect(node?["a"]?["bc"]?["d.e"].map { slice($0.range) } == "five")
    }

    @Test func anyTextIsReadOrRefused() {
        let pieces = ["a", ".", "[", "]", "\"", "'", "=", "\\", "0", " ", "é", "{", "}", ":", "\n", "$", "include"]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let (node, findings) = Self.read(text)
            #expect(node != nil || !findings.isEmpty, "\(text)")
            for finding in findings { #expect(finding.range.end <= finding.range.source.bytes.count, "\(text)") }
        }
    }
}
