import CEL
import Diagnostics
import JSON
import Testing

@Suite struct TemplateTests {
    /// The written text, `error: …` or `finding: …`.
    static func text(_ template: String, _ encoding: Encoding = .plain) -> String {
        var findings = Findings()
        guard
            let program = Template.parse(Fixture.text(template), &findings)?
                .check(Fixture.environment, encoding, &findings)
        else { return "finding: " + findings.ordered().map(\.message).joined(separator: "; ") }
        return Fixture.withContext { context in
            var out = ByteWriter()
            out.append("^" as StaticString)
            if let error = program.write(context, &out) {
                #expect(out.count == 1)
                return "error: " + error.message
            }
            return String(String(decoding: out.bytes, as: UTF8.self).dropFirst())
        }
    }

    static func json(_ template: String, _ encoding: Encoding = .jsonString) -> String {
        var findings = Findings()
        guard
            let program = Template.parse(Fixture.text(template), &findings)?
                .check(Fixture.environment, encoding, &findings)
        else { return "finding: " + findings.ordered().map(\.message).joined(separator: "; ") }
        return Fixture.withContext { context in
            var out = ByteWriter()
            switch program.writeJSON(context, &out) {
            case .written: return String(decoding: out.bytes, as: UTF8.self)
            case .absent:
                #expect(out.count == 0)
                return "absent"
            case .failed(let error):
                #expect(out.count == 0)
                return "error: " + error.message
            }
        }
    }

    @Test(arguments: [
        ("Hello {{ path.name }}", "Hello Ann"), ("{{path.name}}{{path.id}}", "Ann42"), ("plain", "plain"), ("", ""),
        ("{ single } braces { }", "{ single } braces { }"), ("a }} b", "a }} b"), ("{{ '}}' }}!", "}}!"),
        ("{{ \"}}\" + '{{' }}", "}}{{"), ("{{ {'a': {'b': 1}}.a.b }}", "1"),
        ("{{ {'a': {'b': 1}}}}", #"{"a":{"b":1}}"#),
        ("{{{'a': 1}.a}}", "1"), ("{{ r'\\' }}", "\\"), ("{{ '''a'}}b''' }}", "a'}}b"),
        ("{{ 1 + 1 }} {{ 2.0 }} {{ 3u }}", "2 2 3"),
        ("{{ true }} {{ null }} {{ b'raw' }}", "true null raw"), ("{{ [1, 'a'] }}", #"[1,"a"]"#),
        ("{{ query.?zip }}", ""),
        ("x{{ query.?zip }}y", "xy"), ("{{ query.?zip.orValue('World') }}", "World"),
        ("{{ query.?n.orValue('World') }}", "7"),
        ("{{ call.count }}/{{ call.time }}", "3/2009-02-13T23:31:30Z"),
        ("{{ call.zero == 0 ? path.name : 'x' }}", "Ann"),
        ("{{ path.name + '-' + path.id }}", "Ann-42"),
        ("{{ query.?n + 'x' }}", "finding: '+' does not take optional(string) and string"),
        ("a {{ query.zip }} b", "error: no query parameter 'zip'"), ("{{ 1 / call.zero }}", "error: division by zero"),
        ("{{\n path.name // who\n}}", "Ann"), ("{{ type(1) }}", "int"), ("{{ duration('90s') }}", "90s"),
        ("{{ optional.of(optional.of(1)) }}", "1"),
    ]) func plainText(_ template: String, _ expected: String) {
        #expect(Self.text(template) == expected)
    }

    @Test(arguments: [
        ("a<b {{ headers['x-b'] }}", Encoding.html, "a<b &lt;b&gt;&amp;&#39;"),
        ("{{ query.quote }}", .html, "say &quot;hi&quot;"),
        ("/s?q={{ query.q }}&n={{ 'é' }}", .urlComponent, "/s?q=a%20b%26c&n=%C3%A9"),
        ("{{ 'a/b' }}", .urlComponent, "a%2Fb"),
        ("say \"{{ query.quote }}\"\n", .jsonString, #"say \"say \"hi\"\"\n"#),
        ("{{ query.lines }}", .header, "error: the value of a header cannot hold a line break or NUL"),
        ("v {{ query.q }}", .header, "v a b&c"),
        ("{{ 'a\\nb' }}", .header, "finding: the value of a header cannot hold a line break or NUL"),
        ("a\nb", .header, "finding: the value of a header cannot hold a line break or NUL"),
        ("{{ query.lines }}", .plain, "a\r\nb"), ("{{ [query.quote] }}", .html, "[&quot;say \\&quot;hi\\&quot;&quot;]"),
        (
            "{{ call.zero == 1 ? 'x' : query.lines }}", .header,
            "error: the value of a header cannot hold a line break or NUL"
        ),
    ]) func encodings(_ template: String, _ encoding: Encoding, _ expected: String) {
        #expect(Self.text(template, encoding) == expected)
    }

    @Test(arguments: [
        ("{{ 1 + 1 }}", "2"), ("{{ path.name }}", #""Ann""#),
        ("{{ body }}", #"{"name":"Bob","age":30,"rate":2.5,"tags":["x","y"],"note":null,"nested":{"deep":true}}"#),
        ("{{ body.age }}", "30"), ("{{ body.name }}", #""Bob""#), ("{{ body.?zip }}", "absent"),
        ("{{ body.?note }}", "null"),
        ("{{ query.?zip }}", "absent"), ("{{ query.?n }}", #""7""#), ("{{ null }}", "null"), ("{{ true }}", "true"),
        ("{{ 1.5 }}", "1.5"),
        ("{{ b'hi' }}", #""aGk=""#), ("{{ query.quote }}", #""say \"hi\"""#), ("n: {{ body.age }}", #""n: 30""#),
        ("{{ 1 }} ", #""1 ""#),
        ("{{ [1, query.n] }}", #"[1,"7"]"#), ("{{ {'a': query.?zip, 'b': 1} }}", #"{"b":1}"#),
        ("plain \"text\"", #""plain \"text\"""#), ("", #""""#),
        ("{{ query.zip }}", "error: no query parameter 'zip'"),
        ("a {{ query.zip }}", "error: no query parameter 'zip'"),
        ("{{ 1.0 / (call.count == 3 ? 0.0 : 1.0) }}", "error: Infinity cannot be written as JSON"),
        ("{{ string(body.age) }}", #""30""#), ("{{ path.name + '\"' }}", #""Ann\"""#),
        ("{{ query.?zip.orValue('W') }}", #""W""#), ("{{ call.time }}", #""2009-02-13T23:31:30Z""#),
    ]) func jsonKeepsTheType(_ template: String, _ expected: String) {
        #expect(Self.json(template) == expected)
    }

    @Test func jsonOfAPlainTemplateIsStillAString() {
        #expect(Self.json("say \"{{ path.name }}\"", .plain) == #""say \"Ann\"""#)
    }

    @Test(arguments: [
        ("a {{ b", "template-hole", "`{{` is not closed", "{{"),
        ("a {{  }} b", "template-hole", "the `{{ }}` is empty", "{{  }}"),
        ("{{}}", "template-hole", "the `{{ }}` is empty", "{{}}"),
        ("{{ path.nmae }}", "unknown-name", "unknown path parameter 'nmae'", "nmae"),
        ("{{ 'abc }} x", "expression-syntax", "a string is not closed", "'abc"),
        ("{{ 1 + }}", "expression-syntax", "the expression ends where a value should follow", "+"),
        ("{{ {'a': 1 }}", "expression-syntax", "'{' is not closed", "{"),
        ("{{ path.name // x }}", "expression-syntax", "", ""),
    ]) func holes(_ template: String, _ rule: String, _ message: String, _ caret: String) throws {
        var findings = Findings()
        let program = Template.parse(Fixture.text(template), &findings)?.check(Fixture.environment, .plain, &findings)
        // A comment runs to the end of its line: the pair behind it is taken for the hole's end all the same.
        if message.isEmpty {
            let count = findings.count
            #expect(program != nil && count == 0)
            return
        }
        #expect(program == nil)
        let found = try #require(findings.ordered().first)
        #expect(found.rule.id == rule)
        #expect(found.message == message)
        #expect(FindingTests.slice(found.range) == caret)
    }

    @Test func mistakesInAllHolesAreReported() {
        var findings = Findings()
        _ = Template.parse(Fixture.text("{{ 1 + }} {{ path.nmae }} {{ 'x }}"), &findings)
        #expect(findings.count == 2)
        var later = Findings()
        _ = Template.parse(Fixture.text("{{ pth }} {{ path.nmae }}"), &later)?.check(
            Fixture.environment, .plain, &later)
        #expect(later.count == 2)
    }

    @Test func whatATemplateIs() throws {
        var findings = Findings()
        let literal = try #require(Template.parse(Fixture.text("plain"), &findings))
        #expect(literal.literal == Array("plain".utf8) && literal.single == nil && literal.holes.isEmpty)
        let single = try #require(Template.parse(Fixture.text("{{ path.name }}"), &findings))
        #expect(single.literal == nil && single.single != nil && single.holes.count == 1)
        let mixed = try #require(Template.parse(Fixture.text("a {{ path.name }}"), &findings))
        #expect(mixed.literal == nil && mixed.single == nil && mixed.holes.count == 1)
        let count = findings.count
        #expect(count == 0)
    }

    @Test func constantsAreJoinedAtLoad() throws {
        var findings = Findings()
        let program = try #require(
            Template.parse(Fixture.text("a\"{{ 1 + 1 }}{{ '\"' }}"), &findings)?
                .check(Fixture.environment, .jsonString, &findings))
        #expect(program.constant == Array(#"a\"2\""#.utf8))
        #expect(!program.readsClient && program.reads.isEmpty)
    }

    @Test func knowsWhatItReads() throws {
        var findings = Findings()
        let program = try #require(
            Template.parse(Fixture.text("{{ call.id }} {{ path.name }}"), &findings)?
                .check(Fixture.environment, .plain, &findings))
        #expect(
            program.readsClient && program.reads == ["call", "call.id", "path", "path.name"] && program.constant == nil)
    }
}
