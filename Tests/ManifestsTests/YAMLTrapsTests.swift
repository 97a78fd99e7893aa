import Diagnostics
import Manifests
import Testing

@Suite struct YAMLTrapsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let rule: String
        let covered: String
        let suggestion: String?
        let tree: String

        init(_ text: String, _ rule: String, _ covered: String, _ suggestion: String?, _ tree: String) {
            self.text = text
            self.rule = rule
            self.covered = covered
            self.suggestion = suggestion
            self.tree = tree
        }

        var testDescription: String { text }
    }

    static let cases: [Case] = [
        Case("m: {{ x }}", "yaml-hole", "{{ x }}", #""{{ x }}""#, #"{m: "{{ x }}"}"#),
        Case(
            "m: {{ x }} and {{ y }}", "yaml-hole", "{{ x }} and {{ y }}", #""{{ x }} and {{ y }}""#,
            #"{m: "{{ x }} and {{ y }}"}"#),
        Case("m: {{ x }} # why", "yaml-hole", "{{ x }}", #""{{ x }}""#, #"{m: "{{ x }}"}"#),
        Case(#"m: {{ x + "a" }}"#, "yaml-hole", #"{{ x + "a" }}"#, #"'{{ x + "a" }}'"#, #"{m: "{{ x + \"a\" }}"}"#),
        Case("- {{ x }}", "yaml-hole", "{{ x }}", #""{{ x }}""#, #"["{{ x }}"]"#),
        Case("{ a: {{ x }} }", "yaml-hole", "{{ x }}", #""{{ x }}""#, #"{a: "{{ x }}"}"#),
        Case("{ a: Hi {{ x }} }", "yaml-hole", "Hi {{ x }}", #""Hi {{ x }}""#, #"{a: "Hi {{ x }}"}"#),
        Case("{ a: Hi {{ x }}, b: 2 }", "yaml-hole", "Hi {{ x }}", #""Hi {{ x }}""#, #"{a: "Hi {{ x }}", b: 2}"#),
        Case("[a, {{ x }}]", "yaml-hole", "{{ x }}", #""{{ x }}""#, #"["a", "{{ x }}"]"#),
        Case(
            "{ to: /a/{{ f(x, y) }}/b }", "yaml-hole", "/a/{{ f(x, y) }}/b", #""/a/{{ f(x, y) }}/b""#,
            #"{to: "/a/{{ f(x, y) }}/b"}"#),
        Case("when: !has(x)", "yaml-bang", "!has(x)", "'!has(x)'", #"{when: "!has(x)"}"#),
        Case("when: !done", "yaml-bang", "!done", "'!done'", #"{when: "!done"}"#),
        Case("when: !a && b", "yaml-bang", "!a && b", "'!a && b'", #"{when: "!a && b"}"#),
        Case("when: !(a || b)", "yaml-bang", "!(a || b)", "'!(a || b)'", #"{when: "!(a || b)"}"#),
        Case("when: ! has(x)", "yaml-bang", "! has(x)", "'! has(x)'", #"{when: "! has(x)"}"#),
        Case("{ when: !has(x), b: 1 }", "yaml-bang", "!has(x)", "'!has(x)'", #"{when: "!has(x)", b: 1}"#),
        Case("[!has(x)]", "yaml-bang", "!has(x)", "'!has(x)'", #"["!has(x)"]"#),
        Case("host: *.example.com", "yaml-star", "*.example.com", "'*.example.com'", #"{host: "*.example.com"}"#),
        Case("origins: *", "yaml-star", "*", "'*'", #"{origins: "*"}"#),
        Case("- *", "yaml-star", "*", "'*'", #"["*"]"#),
        Case("origins: [*]", "yaml-star", "*", "'*'", #"{origins: ["*"]}"#),
        Case("{ a: *.x, b: 1 }", "yaml-star", "*.x", "'*.x'", #"{a: "*.x", b: 1}"#),
        Case("t: &copy", "yaml-star", "&copy", "'&copy'", #"{t: "&copy"}"#),
        Case("t: &amp; more", "yaml-star", "&amp; more", "'&amp; more'", #"{t: "&amp; more"}"#),
        Case("t: && b", "yaml-star", "&& b", "'&& b'", #"{t: "&& b"}"#),
        Case("{ t: &x }", "yaml-star", "&x", "'&x'", #"{t: "&x"}"#),
        Case(#"key: a + " #" + b"#, "yaml-comment", #"a + " #" + b"#, #"'a + " #" + b'"#, #"{key: "a + \" #\" + b"}"#),
        Case("key: f(' #', x) # note", "yaml-comment", "f(' #', x)", #""f(' #', x)""#, #"{key: "f(' #', x)"}"#),
        Case(
            #"t: Hi {{ a + " #" }} b"#, "yaml-comment", #"Hi {{ a + " #" }} b"#, #"'Hi {{ a + " #" }} b'"#,
            #"{t: "Hi {{ a + \" #\" }} b"}"#),
        Case("{ name: f(a, b) }", "yaml-comma", "f(a, b)", "'f(a, b)'", #"{name: "f(a, b)"}"#),
        Case("[f(a, b), c]", "yaml-comma", "f(a, b)", "'f(a, b)'", #"["f(a, b)", "c"]"#),
        Case(#"{ a: x + "1, 2" }"#, "yaml-comma", #"x + "1, 2""#, #"'x + "1, 2"'"#, #"{a: "x + \"1, 2\""}"#),
        Case("{ a: b[0] }", "yaml-flow", "b[0]", "'b[0]'", #"{a: "b[0]"}"#),
        Case("{ a: b[0], c: 1 }", "yaml-flow", "b[0]", "'b[0]'", #"{a: "b[0]", c: 1}"#),
        Case(#"{ a: h["x"] }"#, "yaml-flow", #"h["x"]"#, #"'h["x"]'"#, #"{a: "h[\"x\"]"}"#),
        Case("{ GET /a/{id}: 1 }", "yaml-flow", "GET /a/{id}", "'GET /a/{id}'", #"{GET /a/{id}: 1}"#),
        Case(
            "{ /x/{a}/{b...}: { e: 1 } }", "yaml-flow", "/x/{a}/{b...}", "'/x/{a}/{b...}'", #"{/x/{a}/{b...}: {e: 1}}"#),
        Case("a: [0] + x", "yaml-flow", "[0] + x", "'[0] + x'", #"{a: "[0] + x"}"#),
        Case("listen: [::1]:8080", "yaml-flow", "[::1]:8080", "'[::1]:8080'", #"{listen: "[::1]:8080"}"#),
        Case("a: {name} is here", "yaml-flow", "{name} is here", "'{name} is here'", #"{a: "{name} is here"}"#),
        Case("when: a ? b : c", "yaml-colon", "a ? b : c", "'a ? b : c'", #"{when: "a ? b : c"}"#),
        Case(
            "text: Note: it's here", "yaml-colon", "Note: it's here", #""Note: it's here""#,
            #"{text: "Note: it's here"}"#),
        Case("- name: x: y", "yaml-colon", "x: y", "'x: y'", #"[{name: "x: y"}]"#),
        Case(
            "text: {{ a ? 1 : 2 }}", "yaml-hole", "{{ a ? 1 : 2 }}", #""{{ a ? 1 : 2 }}""#,
            #"{text: "{{ a ? 1 : 2 }}"}"#),
        Case(
            "text: a {{ x ? 1 : 2 }} b", "yaml-colon", "a {{ x ? 1 : 2 }} b", "'a {{ x ? 1 : 2 }} b'",
            #"{text: "a {{ x ? 1 : 2 }} b"}"#),
        Case("{ when: a ? b : c }", "yaml-colon", "a ? b : c", "'a ? b : c'", #"{when: "a ? b : c"}"#),
        Case("[a ? b : c]", "yaml-colon", "a ? b : c", "'a ? b : c'", #"["a ? b : c"]"#),
        Case("- a ? b : c", "yaml-colon", "a ? b : c", "'a ? b : c'", #"["a ? b : c"]"#),
        Case(#"when: "a" in x"#, "yaml-after-quote", #""a" in x"#, #"'"a" in x'"#, #"{when: "\"a\" in x"}"#),
        Case("when: 'a' in x", "yaml-after-quote", "'a' in x", #""'a' in x""#, #"{when: "'a' in x"}"#),
        Case(
            #"{ when: "a" in x, b: 1 }"#, "yaml-after-quote", #""a" in x"#, #"'"a" in x'"#,
            #"{when: "\"a\" in x", b: 1}"#),
        Case(#"- "a" + 'b'"#, "yaml-after-quote", #""a" + 'b'"#, #"'"a" + ''b'''"#, #"["\"a\" + 'b'"]"#),
        Case("@type: x", "yaml-reserved", "@type", "'@type'", #"{@type: "x"}"#),
        Case("{ @type: x }", "yaml-reserved", "@type", "'@type'", #"{@type: "x"}"#),
        Case("a: @b", "yaml-reserved", "@b", "'@b'", #"{a: "@b"}"#),
        Case("a: `b` c", "yaml-reserved", "`b` c", "'`b` c'", #"{a: "`b` c"}"#),
        Case("a: %d", "yaml-reserved", "%d", "'%d'", #"{a: "%d"}"#),
        Case("when: > 5", "yaml-reserved", "> 5", "'> 5'", #"{when: "> 5"}"#),
        Case("when: || x", "yaml-reserved", "|| x", "'|| x'", #"{when: "|| x"}"#),
        Case(#"re: "\d+""#, "yaml-escape", #""\d+""#, #"'\d+'"#, #"{re: "\\d+"}"#),
        Case(#"{ re: "a\.b" }"#, "yaml-escape", #""a\.b""#, #"'a\.b'"#, #"{re: "a\\.b"}"#),
        Case(#"re: "\d\n""#, "yaml-escape", #"\d"#, #"\\d"#, #"{re: "\\d\n"}"#),
        Case(#"re: "C:\users""#, "yaml-escape", #""C:\users""#, #"'C:\users'"#, #"{re: "C:\\users"}"#),
        Case("a:\n\tb: 1", "yaml-tab", "\t", "  ", #"{a: {b: 1}}"#),
        Case("a:\n\tb: 1\n\tc:\n\t\td: 2", "yaml-tab", "\t", "  ", #"{a: {b: 1, c: {d: 2}}}"#),
        Case("a: |\n\tb\nc: 1", "yaml-tab", "\t", "  ", #"{a: "b\n", c: 1}"#),
        Case("a: \"x\nb: 1", "yaml-quote", "\"x", "\"x\"", #"{a: "x", b: 1}"#),
        Case("a: 'x\nb: \"y\"", "yaml-quote", "'x", "'x'", #"{a: "x", b: "y"}"#),
        Case("a: \"x", "yaml-quote", "\"x", "\"x\"", #"{a: "x"}"#),
        Case("a: { b: \"x }\nc: 1", "yaml-quote", "\"x", "\"x\"", #"{a: {b: "x"}, c: 1}"#),
        Case("a: { b: 1\nc: 2", "yaml-bracket", "{", nil, #"{a: {b: 1}, c: 2}"#),
        Case("a: [b, [c]\nd: 2", "yaml-bracket", "[", nil, #"{a: ["b", ["c"]], d: 2}"#),
        Case("a: 1\n  b: 2\nc: 3", "yaml-indent", "b", nil, #"{a: 1, b: 2, c: 3}"#),
        Case(
            "s:\n  a: 1\n    b: 2\n    c:\n      d: 4\n  e: 5", "yaml-indent", "b", nil,
            #"{s: {a: 1, b: 2, c: {d: 4}, e: 5}}"#),
    ]

    @Test(arguments: cases) func isReportedWithItsReplacement(_ trap: Case) throws {
        let reading = Reading(trap.text)
        let finding = try #require(reading.findings.first)
        #expect(finding.rule.id == trap.rule)
        #expect(slice(finding.range) == trap.covered)
        #expect(finding.suggestion == trap.suggestion)
        #expect(Set(reading.rules) == [trap.rule])
        #expect(render(reading.node) == trap.tree)
    }

    @Test(arguments: cases) func theReplacementIsCleanAndMeansTheSame(_ trap: Case) throws {
        guard trap.text.split(separator: "\n").count == 1 else { return }
        var bytes = Array(trap.text.utf8)
        for finding in Reading(trap.text).findings.reversed() {
            let suggestion = try #require(finding.suggestion)
            bytes.replaceSubrange(finding.range.start..<finding.range.end, with: suggestion.utf8)
        }
        let mended = Reading(bytes)
        #expect(mended.rules == [])
        #expect(render(mended.node) == trap.tree)
    }

    static let silent: [String] = [
        #"a: "x # y""#, "url: http://x/#frag", "a: |\n  {{ x }}\n  !no *star # \"q\n", "a: >-\n  a ? b : c\n",
        "text: a {{ x }} b",
        "listen: 0.0.0.0:8080          # HTTP/1.1, HTTP/2", "a: b # it's \"fine\" {{ x }}",
        "text: it's 5 o'clock # don't",
        "time: 12:30", "a: b:c", "a: '{{ x }}'", #"a: "{{ x ? 1 : 2 }}""#, "GET /hello/{name}: 1", "GET /{$}: 1",
        "/echo/{rest...}:\n  echo: {}",
        "a: { b: c, d: [e, f] }", "{ a: (b), c: d }", "{ a: b (c) d, e: f }", "{ a: it's, b: they're }",
        "a: &x 1\nb: *x",
        "a: &x\n  b: 1\nc: *x", "a: &x\n- 1\nc: *x", "base: &base {a: 1}\nd: { <<: *base }", "d: [ *x ]".replacingX(),
        "a: !!str 5", "a: !!int \"5\"".dropQuotes(), "a: \"multi\n  line\"", "a: plain\n  goes on\n  and on\nb: 1",
        "a: -1", "a: - b".asText(),
        "a: x ? y", "a: b,c (d, e)", "a: b[0]", "a: f({x})", "a: 5 > 4 && !x", "- a: b\n  c: d", "- - a\n  - b",
        "\"a b\": 1", "'it''s': 1",
        #"{ "a": 1, "b":2 }"#, "{ a: 'x, y', b: \"z}\" }", "[\n  a,\n  b\n]", "{\n  a: 1, # one\n  b: 2\n}",
        "a: [b, # c\n  d]",
        "a: \"\\n\\t\\u00e9\\x41\\/\"", "a: 'C:\\dir'", "a: |2\n    x\n", "a: |-  # note\n  x", "a: >\n\n  x\n\n  y\n",
        "? a\n: b", "a: ~",
        "a:\n\n  # comment\n\n  b: 1", "# only: {{ comment\na: 1", "---\na: 1", "--- # x\na: 1\n...\n", "a:\tb",
        "a: b\t# c", "a: {}\nb: []",
        "a: x{y}z", "a: http://[::1]:80/", "a: rock 'n' roll", "a: \"\"", "a: ''", "\"a\": \"b\" # c",
        "when: body.quantity > 100", "a: <<", "a: -x", "a: ?x", "a: :x", "a: x# y",
        "{ a: http://x/y, b: c:d }", "{ a: \"x\" , b: 'y' }", "[ [a, b], {c: d} ]", "{ a: {b: {c: d}}}", "[a: b, c]",
        "a: \"\\\n  x\"",
        "objective: 99.9%", "a: x*y & z", "{ rate: 100/s, key: client.address }", "a: =x", "a: |+\n  x\n\n",
        "a:\n  - b\n  - c\nd: e", "a:\n- b\n- c\nd: e",
    ]

    @Test(arguments: silent) func whatIsRightStaysSilent(_ text: String) {
        let reading = Reading(text)
        #expect(reading.rules == [])
        #expect(reading.node != nil)
    }

    /// A mistake elsewhere in the file must not make a right line suspicious.
    @Test(arguments: silent) func whatIsRightStaysSilentBesideAMistake(_ text: String) {
        guard !text.hasPrefix("-"), !text.hasPrefix("{"), !text.hasPrefix("["), !text.contains("...\n") else { return }
        let reading = Reading(text + "\nzz: x: y\n")
        #expect(reading.rules == ["yaml-colon"])
    }
}

extension String {
    fileprivate func replacingX() -> String { "x: &x 1\n" + self }
    fileprivate func dropQuotes() -> String { "a: !!int 5" }
    fileprivate func asText() -> String { "a: x - b" }
}
