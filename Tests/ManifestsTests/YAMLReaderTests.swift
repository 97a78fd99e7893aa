import Diagnostics
import Manifests
import Testing

@Suite struct YAMLReaderTests {
    static let trees: [(String, String)] = [
        ("a: 1", "{a: 1}"), ("a: 1\nb: two\n", #"{a: 1, b: "two"}"#), ("- a\n- 2\n- 3.5", #"["a", 2, 3.5]"#),
        ("hello", #""hello""#),
        ("a:\n  b:\n    - c", #"{a: {b: ["c"]}}"#), ("a:\n- b\n- c", #"{a: ["b", "c"]}"#),
        ("{a: [1, {b: c}], d: }", #"{a: [1, {b: "c"}], d: null}"#),
        ("a:", "{a: null}"), ("a: ~", "{a: null}"), ("a: \"1\"", #"{a: "1"}"#), ("a: '1'", #"{a: "1"}"#),
        ("a: on", #"{a: "on"}"#),
        ("on: off", #"{on: "off"}"#), ("a: True", "{a: true}"), ("a: |\n  x\n  y\n", #"{a: "x\ny\n"}"#),
        ("a: >\n  x\n  y\n", #"{a: "x y\n"}"#),
        ("a: |-\n  x\n", #"{a: "x"}"#), ("a: |+\n  x\n\n", #"{a: "x\n\n"}"#), ("a: >-\n  x\n\n  y\n", #"{a: "x\ny"}"#),
        ("a: x\n  y\n\n  z", #"{a: "x y\nz"}"#), ("a: \"x\n  y\"", #"{a: "x y"}"#), ("a: \"x\\\n  y\"", #"{a: "xy"}"#),
        ("a: \"\\u00e9\\t\\x41\\U0001F44D\"", #"{a: "é\tA👍"}"#), ("a: 'it''s'", #"{a: "it's"}"#),
        ("x: &a {b: 1}\ny: *a", "{x: {b: 1}, y: {b: 1}}"),
        ("x: &a 1\ny: *a\nz: &a 2\nw: *a", "{x: 1, y: 1, z: 2, w: 2}"),
        ("x: &a {b: 1, c: 2}\ny: { <<: *a, b: 3 }", "{x: {b: 1, c: 2}, y: {b: 3, c: 2}}"),
        ("x: &a {b: 1}\nz: &c {b: 2, d: 4}\ny: { <<: [*a, *c] }", "{x: {b: 1}, z: {b: 2, d: 4}, y: {b: 1, d: 4}}"),
        ("x: &a {b: 1}\ny: { e: 0, <<: *a }", "{x: {b: 1}, y: {e: 0, b: 1}}"), ("a: { \"<<\": 1 }", "{a: {<<: 1}}"),
        ("a: !!str 5", #"{a: "5"}"#),
        ("a: !!float 5", "{a: 5.0}"), ("a: !!int 5", "{a: 5}"), ("a: !!map {}", "{a: {}}"), ("a: !!seq []", "{a: []}"),
        ("a: ! \"x\"", #"{a: "x"}"#),
        ("\u{FEFF}a: 1", "{a: 1}"), ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"), ("a: 1\rb: 2\r", "{a: 1, b: 2}"),
        ("---\na: 1\n...\n", "{a: 1}"),
        ("%YAML 1.2\n---\na: 1", "{a: 1}"), ("# c\na: 1 # d\n# e", "{a: 1}"), ("? a\n: b", #"{a: "b"}"#), ("[]", "[]"),
        ("{}", "{}"), ("é: ü", #"{é: "ü"}"#),
        ("a: {b: 1}\n", "{a: {b: 1}}"), ("e\u{301}: 1\n\u{E9}: 2", "{e\u{301}: 1, \u{E9}: 2}"),
        ("1: a\ntrue: b", #"{1: "a", true: "b"}"#),
    ]

    @Test(arguments: trees) func textBecomesATree(_ text: String, _ tree: String) {
        let reading = Reading(text)
        #expect(render(reading.node) == tree)
        #expect(reading.rules == [])
    }

    static let ranges: [(String, [String], String)] = [
        ("a: 1", [], "a: 1"), ("a:\n  b: 1\n  c: 2\nd: 3\n", ["a"], "b: 1\n  c: 2"),
        ("a: { b: 1 } # x", ["a"], "{ b: 1 }"),
        ("a:\n  - x\n  - y\n\nb: 1", ["a"], "- x\n  - y"), ("a: [x, y]\n", ["a"], "[x, y]"),
        ("a: 'x' # y", ["a"], "'x'"),
        ("a: \"x\"", ["a"], "\"x\""), ("a: x y  # z", ["a"], "x y"), ("a: |\n  x\n  y\n\nb: 1", ["a"], "|\n  x\n  y"),
        ("a: &b !!str x", ["a"], "x"), ("a: &b\n  c: 1", ["a"], "c: 1"), ("a: &b { c: 1 }", ["a"], "{ c: 1 }"),
        ("é: 漢字 # x", ["é"], "漢字"),
        ("\u{FEFF}é: ü", ["é"], "ü"), ("a: é\r\nb: ü\r\n", ["b"], "ü"), ("a: x\n  y", ["a"], "x\n  y"),
        ("a:\nb: 1", ["a"], ""),
        ("a: { b: {{ x }} }", ["a", "b"], "{{ x }}"), ("a: {{ é }}\nb: ü", ["b"], "ü"), ("a: !!null", ["a"], ""),
        ("a: - b".replacing(), ["a"], "\"\\n\""),
        ("a: {b: 👍, c: d}", ["a", "c"], "d"), ("x: &a {b: 1}\ny: *a", ["y"], "{b: 1}"),
        ("a:\n\tb: 1", ["a", "b"], "1"),
    ]

    @Test(arguments: ranges) func everyNodeHasItsPlace(_ text: String, _ path: [String], _ written: String) throws {
        var node = try #require(Reading(text).node)
        for key in path { node = try #require(node[key]) }
        #expect(slice(node.range) == written)
    }

    @Test func keysHaveTheirPlaces() throws {
        let reading = Reading("\"a b\" : 1\n'c''d': 2\n? e\n: 3\né: 4\n")
        let entries = try #require(reading.node?.entries)
        #expect(entries.map { slice($0.key.range) } == ["\"a b\"", "'c''d'", "e", "é"])
        #expect(entries.map(\.name) == ["a b", "c'd", "e", "é"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let text: String
        let rules: [String]
        let line: Int
        let column: Int
        let part: String
        var testDescription: String { String(text.prefix(60)) }

        init(_ text: String, _ rules: [String], _ line: Int, _ column: Int, _ part: String = "") {
            self.text = text
            self.rules = rules
            self.line = line
            self.column = column
            self.part = part
        }
    }

    static let refusals: [Refusal] = [
        Refusal("", ["yaml-empty"], 1, 1), Refusal("# only a comment\n", ["yaml-empty"], 1, 1),
        Refusal("\n\n", ["yaml-empty"], 1, 1),
        Refusal("---\n...\n", ["yaml-empty"], 1, 1), Refusal("~", ["yaml-empty"], 1, 1),
        Refusal("\u{FEFF}", ["yaml-empty"], 1, 1),
        Refusal("a: 1\n---\nb: 2\n", ["yaml-documents"], 2, 1, "one document"),
        Refusal("a: 1\na: 2", ["duplicate-key"], 2, 1, "`a` is here twice"),
        Refusal("a: 1\n\"a\": 2", ["duplicate-key"], 2, 1), Refusal("{a: 1, b: 2, a: 3}", ["duplicate-key"], 1, 14),
        Refusal("s:\n  a: 1\n  a: 2", ["duplicate-key"], 3, 3),
        Refusal("[a]: 1", ["yaml-key"], 1, 1, "not a list"), Refusal("? {a: 1}\n: 2", ["yaml-key"], 1, 3, "not a map"),
        Refusal("a: *b", ["yaml-alias"], 1, 4, "`*b`"),
        Refusal("a: &x [*x]", ["yaml-alias"], 1, 8), Refusal("a: { <<: 1 }", ["yaml-merge"], 1, 10),
        Refusal("a: { <<: [1] }", ["yaml-merge"], 1, 11),
        Refusal("a: !foo bar", ["yaml-tag"], 1, 4), Refusal("a: !!binary aGk=", ["yaml-tag"], 1, 4),
        Refusal("a: &x !!int b", ["yaml-tag"], 1, 7),
        Refusal("a: !include b.yaml", ["yaml-tag"], 1, 4), Refusal("a: !!set {b}", ["yaml-tag"], 1, 4),
        Refusal("a: !x!y z", ["yaml-syntax"], 1, 4),
        Refusal("a: 1\nfoo\nb: 2", ["yaml-syntax"], 2, 1, "no `:`"),
        Refusal("a: 1\n- b", ["yaml-syntax"], 2, 1, "an item of a list stands among"),
        Refusal("- a\nb: 1", ["yaml-syntax"], 2, 1, "expected `-`"),
        Refusal("a: - b", ["yaml-syntax"], 1, 4, "a list cannot start"), Refusal("a: [b\n", ["yaml-bracket"], 1, 4),
        Refusal("a: {b: ]}", ["yaml-syntax"], 1, 8), Refusal("a: ]", ["yaml-syntax"], 1, 4),
        Refusal("a:\n    b: 1\n  c: 2", ["yaml-syntax"], 3, 3), Refusal("a: \"\\xzz\\n\"", ["yaml-escape"], 1, 5),
        Refusal("a: b\u{1}c", ["yaml-encoding"], 1, 5, "U+0001"),
        Refusal("a: \u{0}", ["yaml-encoding"], 1, 4, "U+0000"), Refusal("a: \u{7F}", ["yaml-encoding"], 1, 4),
        Refusal("é: \u{9B}", ["yaml-encoding"], 1, 4, "U+009B"),
        Refusal("a: b\u{FEFF}", ["yaml-encoding"], 1, 5, "U+FEFF"), Refusal("a: \u{FFFF}", ["yaml-encoding"], 1, 4),
        Refusal("%FOO\n---\na: 1", ["yaml-syntax"], 1, 1),
        Refusal("%YAML 3.0\n---\na: 1", ["yaml-syntax"], 1, 1),
        Refusal(
            String(repeating: "[", count: 101) + String(repeating: "]", count: 101), ["yaml-limit"], 1, 101, "100 deep"),
        Refusal(String(repeating: "- ", count: 150) + "x", ["yaml-limit"], 1, 201),
        Refusal(String(repeating: "{a: ", count: 5000), ["yaml-limit"], 1, 401),
        Refusal("a: 1\nb: [\nc: {\nd: x: y\n", ["yaml-bracket"], 2, 4), Refusal("a: |x\n  b", ["yaml-reserved"], 1, 4),
    ]

    @Test(arguments: refusals) func whatIsWrongIsSaidWithItsPlace(_ refusal: Refusal) throws {
        let reading = Reading(refusal.text)
        let first = try #require(reading.findings.first)
        #expect(reading.rules.first == refusal.rules.first)
        #expect(first.range.from == Place(line: refusal.line, column: refusal.column))
        #expect(first.message.contains(refusal.part) || refusal.part.isEmpty)
        #expect(!first.message.isEmpty && first.help?.isEmpty == false)
    }

    @Test func duplicatesPointAtTheFirst() throws {
        let finding = try #require(Reading("a: 1\nb: 2\na: 3").findings.first)
        #expect(finding.related.map(\.range.from.line) == [1])
    }

    @Test func badUTF8HasItsPlace() throws {
        for (bytes, column) in [
            ([0x61, 0x3A, 0x20, 0xFF] as [UInt8], 4), ([0xC3], 1), (Array("é: ".utf8) + [0xED, 0xA0, 0x80], 4),
        ] {
            let finding = try #require(Reading(bytes).findings.first)
            #expect(finding.rule.id == "yaml-encoding")
            #expect(finding.range.from == Place(line: 1, column: column))
        }
        #expect(Reading([0xFF, 0xFE, 0x61, 0]).findings.first?.message == "the file is UTF-16, not UTF-8")
    }

    @Test func aFileIsAtMost3MiB() {
        let fits = "a: " + String(repeating: "x", count: 3 * 1024 * 1024 - 3)
        #expect(Reading(fits).rules == [])
        #expect(Reading(fits + "x").rules == ["yaml-limit"])
    }

    @Test func hundredLevelsAreFine() {
        #expect(Reading(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).rules == [])
    }

    @Test func aliasesCannotExplode() {
        var text = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n"
        for level in 1...9 {
            text +=
                "x\(level): &x\(level) [" + Array(repeating: "*x\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        let reading = Reading(text)
        #expect(reading.rules == ["yaml-limit"])
        #expect(reading.node == nil)
    }

    @Test func mergesCannotExplode() {
        let keys = (0..<1000).map { "k\($0): 1" }.joined(separator: ", ")
        let merges = (0..<200).map { "m\($0): { <<: *base }" }.joined(separator: "\n")
        #expect(Reading("base: &base { \(keys) }\n\(merges)").rules == ["yaml-limit"])
    }

    @Test func aHundredThousandValuesAreTheLimit() {
        let items = Array(repeating: "1", count: 99_990).joined(separator: ",")
        #expect(Reading("a: [\(items)]").rules == [])
        #expect(Reading("a: [\(items),\(items)]").rules == ["yaml-limit"])
    }

    /// Texts made to cost the square of their length, or to find a mistake at every byte.
    static let hostile = [
        "[a,", "'a ", "a: x {{ ", "- &a\n", "a: b: c\n", "a: \"x\n", "a: [b] c\n", "a: 1\n b: 2\n", "  b: 2\n",
        "{a: 1, a: 2}, ", "- !a\n",
        "{ \"a: b\n", "- ", "? ", "\t", "x 'a, ", "[{{ \"a ", "\\d", "*a ", "&a ", "- *a\n", "a: |2\n", ": ", "{", "\"",
        "@", "%", "- a ? b : c\n",
    ]

    @Test(arguments: hostile) func hostileTextsEndSoonWithAFinding(_ unit: String) {
        for start in ["", "a: [ ", "a: 1\n"] {
            let reading = Reading(start + String(repeating: unit, count: 3000 / unit.utf8.count))
            #expect(reading.findings.count <= 2100)
            #expect(reading.findings.allSatisfy { $0.range.end <= reading.source.bytes.count })
        }
    }

    @Test func severalMistakesAreToldAtOnce() {
        let reading = Reading("a: {{ x }}\nb: !has(y)\nc: 1\nc: 2\nd: { e: f(1, 2) }\n")
        #expect(reading.rules == ["yaml-hole", "yaml-bang", "duplicate-key", "yaml-comma"])
        #expect(reading.findings.map(\.range.from.line) == [1, 2, 4, 5])
    }

    @Test func placesBehindARepairAreThoseOfTheFile() throws {
        let reading = Reading("é: {{ x }}\nb: 'it''s' \nc: { d: Hi {{ \"é\" }}, e: zz }\n")
        let value = try #require(reading.node?["c"]?["e"])
        #expect(slice(value.range) == "zz")
        #expect(value.range.from == Place(line: 3, column: 26))
        let text = try #require(reading.node?["c"]?["d"]?.scalar?.text)
        #expect(slice(text.range(0..<2)) == "Hi")
        #expect(slice(text.whole) == #"Hi {{ "é" }}"#)
    }
}

extension String {
    fileprivate func replacing() -> String { #"a: "\n""# }
}
