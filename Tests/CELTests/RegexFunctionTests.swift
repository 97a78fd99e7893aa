import CEL
import Diagnostics
import Testing

/// `matches` and the extension `regex`, as expressions.
@Suite struct RegexFunctionTests {
    @Test(arguments: matches + extracts + replacements) func function(_ row: Row) { row.check() }

    static let matches: [Row] = [
        Row("'abc'.matches('b')", "true"), Row("matches('abc', '^b')", "false"), Row("'abc'.matches('')", "true"),
        Row("''.matches('a')", "false"), Row(#"'42'.matches(r'^\d+$')"#, "true"),
        Row(#"'4x'.matches('^\\d+$')"#, "false"),
        Row("'héllo'.matches('^h.llo$')", "true"), Row("path.name.matches('^A')", "true"),
        Row("matches(path.name, 'n+')", "true"),
        Row("path.name.matches('(?i)ANN')", "true"), Row("body.name.matches('o')", "true"),
        Row("body.name.matches(path.name)", "false"),
        Row("'Ann!'.matches(path.name)", "true"), Row("'a'.matches('a' + 'b')", "false"),
        Row("body.age.matches('3')", "error: 'matches' does not take int here"),
        Row("'a'.matches(body.age)", "error: 'matches' does not take (string, int)"),
        Row("'('.matches(query.bad)", "error: no query parameter 'bad'"),
        Row("'x'.matches(call.id + '(')", #"error: the pattern "c-1(" cannot be used: '(' is not closed"#),
        Row("['a1', 'b'].filter(x, x.matches('[0-9]'))", #"["a1"]"#),
        Row("['a', 'b'].filter(x, 'xb'.matches(x))", #"["b"]"#),
        Row("'a'.matches(1)", "finding: 'matches' does not take (int) on string"),
        Row("1.matches('a')", "finding: 'matches' does not take (string) on int"),
    ]

    static let extracts: [Row] = [
        Row("regex.extract('hello world', 'hello(.*)')", #"some(" world")"#),
        Row(#"regex.extract('item-A, item-B', r'item-(\w+)')"#, #"some("A")"#),
        Row("regex.extract('hello', 'l+')", #"some("ll")"#), Row("regex.extract('HELLO', 'hello')", "none"),
        Row("regex.extract('4122', '22').orValue('777')", #""22""#),
        Row("regex.extract('a', 'b').orValue('x')", #""x""#),
        // An empty group counts as none, an empty match does not.
        Row("regex.extract('ac', 'a(b)?c')", "none"), Row("regex.extract('ac', 'a(b*)c')", "none"),
        Row("regex.extract('ac', 'x*')", #"some("")"#),
        Row("regex.extract(path.name, '^(.)')", #"some("A")"#), Row("regex.extract('Ann', path.name)", #"some("Ann")"#),
        Row("regex.extract('héé', 'é+')", #"some("éé")"#), Row("regex.extract('', 'a')", "none"),
        Row("regex.extract('', '')", #"some("")"#),
        Row(#"regex.extractAll('id:123, id:456', r'id:\d+')"#, #"["id:123", "id:456"]"#),
        Row(#"regex.extractAll('Files: f_1.txt, f_2.csv', r'f_(\d+)')"#, #"["1", "2"]"#),
        Row("regex.extractAll('abc', 'x')", "[]"), Row("regex.extractAll('banananana', '(ana)')", #"["ana", "ana"]"#),
        Row("regex.extractAll('val=a, val=, val=c', 'val=([^,]*)')", #"["a", "c"]"#),
        Row(#"regex.extractAll('a b c', r'(\S*)\s*')"#, #"["a", "b", "c"]"#),
        Row("regex.extractAll('ab', '')", #"["", "", ""]"#),
        Row("regex.extractAll(path.name, 'n')", #"["n", "n"]"#),
        Row("regex.extractAll(query.q, '[a-z]')", #"["a", "b", "c"]"#),
        Row(
            "regex.extract('ab', '(a)(b)')",
            "finding: 'regex.extract' takes a pattern of at most one group, and this has 2"),
        Row(
            "regex.extractAll('ab', '(a)(b)')",
            "finding: 'regex.extractAll' takes a pattern of at most one group, and this has 2"),
        Row(
            "regex.extract('ab', '(' + call.id + ')(b)')",
            #"error: the pattern "(c-1)(b)" cannot be used: 'regex.extract' takes a pattern of at most one group, and this has 2"#
        ),
        Row("regex.extract(1, 'a')", "finding: 'regex.extract' does not take (int, string)"),
    ]

    static let replacements: [Row] = [
        Row("regex.replace('hello world hello', 'hello', 'hi')", #""hi world hi""#),
        Row("regex.replace('banana', 'a', 'x', 0)", #""banana""#),
        Row("regex.replace('banana', 'a', 'x', 1)", #""bxnana""#),
        Row("regex.replace('banana', 'a', 'x', 2)", #""bxnxna""#),
        Row("regex.replace('banana', 'a', 'x', 100)", #""bxnxnx""#),
        Row("regex.replace('banana', 'a', 'x', -12)", #""bxnxnx""#),
        Row("regex.replace('banana', 'ana', 'x')", #""bxna""#),
        Row(#"regex.replace('foo bar', '(fo)o (ba)r', r'\2 \1')"#, #""ba fo""#),
        Row("regex.replace('abc', '^', 'start_')", #""start_abc""#),
        Row("regex.replace('abc', '$', '_end')", #""abc_end""#),
        Row(#"regex.replace('a-b', r'\b', '|')"#, #""|a|-|b|""#), Row("regex.replace('abc', '', '-')", #""-a-b-c-""#),
        Row("regex.replace('abc', 'x*', '-')", #""-a-b-c-""#), Row("regex.replace('baac', 'a*', 'x')", #""xbxcx""#),
        Row(#"regex.replace('foo', 'foo', r'\\')"#, #""\\""#),
        Row(#"regex.replace('foo bar', r'\w+', r'(\0)')"#, #""(foo) (bar)""#),
        Row(#"regex.replace('ac', 'a(b)?c', r'[\1]')"#, #""[]""#), Row("regex.replace('', 'a', 'b')", #""""#),
        Row("regex.replace('a b', ' ', '${x}$1')", #""a${x}$1b""#),
        Row(#"regex.replace('id=1', r'id=(?P<v>\d)', r'v: \1')"#, #""v: 1""#),
        Row("regex.replace('☃é☃', '☃', '❄')", #""❄é❄""#), Row("regex.replace(path.name, 'n', 'm')", #""Amm""#),
        Row("regex.replace('Ann', path.name, 'x')", #""x""#),
        Row("regex.replace('Ann', 'n', path.name, 1)", #""AAnnn""#),
        Row("regex.replace('abab', 'b', 'x', call.count - 2)", #""axab""#),
        Row(
            #"regex.replace('a', 'a', call.id + r'\1')"#, "error: the replacement names group 1, and the pattern has 0"),
        Row(#"regex.replace('test', '(.)', r'\2')"#, "finding: the replacement names group 2, and the pattern has 1"),
        Row(
            #"regex.replace('a', 'a', r'\x')"#,
            "finding: a backslash in the replacement stands before neither a digit nor a backslash"),
        Row(
            #"regex.replace('a', 'a', r'x\')"#,
            "finding: a backslash in the replacement stands before neither a digit nor a backslash"),
        Row("regex.replace('a', 'a', 1)", "finding: 'regex.replace' does not take (string, string, int)"),
        Row("regex.replace('aaaaaaaaaa', 'a', 'b').size()", "10"),
    ]

    // MARK: Where the caret stands

    @Test(arguments: [
        ("path.name.matches('a(b')", "'(' is not closed", "("),
        ("matches(path.name, \"[0-9+$\")", "'[' is not closed", "["),
        (#"path.name.matches(r'\d++')"#, "a repetition follows a repetition", "++"),
        (#"path.name.matches('\\d++')"#, "a repetition follows a repetition", "++"),
        (#"path.name.matches('\\y')"#, #"unknown escape '\y'"#, #"\\y"#),
        (#"path.name.matches('é\u00e9\n\'(')"#, "'(' is not closed", "("),
        (#"path.name.matches('\x41\101\U0001F600**')"#, "a repetition follows a repetition", "**"),
        (#"path.name.matches('''a'(''')"#, "'(' is not closed", "("),
        ("path.name.matches(\"\"\"a\r\n(\"\"\")", "'(' is not closed", "("),
        (#"path.name.matches(r"""\d(""")"#, "'(' is not closed", "("),
        ("path.name.matches(('('))", "'(' is not closed", "("),
        ("path.name.matches('(' + 'a')", "'(' is not closed", "'(' + 'a'"),
        ("'a'.matches('(')", "'(' is not closed", "("),
        ("path.name.matches('(?=a)')", "lookahead `(?=` is not supported", "(?="),
        (
            "regex.extract(path.name, '(a)(?P<n>b)')",
            "'regex.extract' takes a pattern of at most one group, and this has 2", "(?P<n>"
        ),
        (
            #"regex.replace(path.name, 'é(a)', r'x\1é\2')"#, "the replacement names group 2, and the pattern has 1",
            #"\2"#
        ),
        (#"regex.replace(path.name, 'a', '\\\\\\1')"#, "the replacement names group 1, and the pattern has 0", #"\\1"#),
        ("true || path.name.matches('*')", "there is nothing to repeat before '*'", "*"),
        ("['a'].all(x, x.matches('a{2,1}'))", "the repetition ends at 1, before it starts at 2", "{2,1}"),
    ]) func finding(_ expression: String, _ message: String, _ caret: String) throws {
        var findings = Findings()
        #expect(Fixture.program(expression, &findings) == nil)
        let found = try #require(findings.ordered().first)
        #expect(findings.count == 1)
        #expect(found.rule.id == "bad-regex")
        #expect(found.message == message)
        #expect(FindingTests.slice(found.range) == caret)
    }

    @Test func allBadPatternsAreReported() {
        var findings = Findings()
        #expect(
            Fixture.program("path.name.matches('(') && path.name.matches('[') || path.id.matches('+')", &findings)
                == nil)
        #expect(findings.ordered().map { FindingTests.slice($0.range) } == ["(", "[", "+"])
    }

    @Test func patternsStandInTemplates() throws {
        let rule = ExpressionRules.badRegex
        for (manifest, expected) in [(rule.bad, ["["]), (rule.good, [])] {
            let hole = try #require(manifest.split(separator: "'").first { $0.hasPrefix("{{") })
            var findings = Findings()
            _ = Template.parse(Fixture.text(String(hole)), &findings)?.check(Fixture.environment, .plain, &findings)
            #expect(findings.ordered().map { FindingTests.slice($0.range) } == expected)
        }
    }

    // MARK: Cost

    /// What a call with this text gives for the expression.
    private func result(_ expression: String, name: String) -> String {
        var findings = Findings()
        guard let program = Fixture.program(expression, &findings) else { return "finding" }
        var call = Call()
        call.path["name"] = name
        return Fixture.withContext(call) { Fixture.shown(program.evaluate($0)) }
    }

    @Test func longTextsAreMatched() {
        let text = String(repeating: "abcdefgh", count: 8 * 1024) + "!"
        #expect(result("path.name.matches('^[a-h]+!$')", name: text) == "true")
        #expect(result("regex.extract(path.name, '(h!)$')", name: text) == #"some("h!")"#)
        #expect(result("path.name.matches(call.id + '|h!$')", name: text) == "true")
        #expect(result("regex.extractAll(path.name, 'h').size()", name: text) == "8192")
        #expect(result("regex.replace(path.name, '(.)', '-').size()", name: text) == "65537")
    }

    @Test func costlyMatchesEnd() {
        let text = String(repeating: "a", count: 100_000) + "!"
        let exceeded = "error: the expression takes more than 100000 steps"
        #expect(result("path.name.matches('(a+)+$')", name: text) == "false")
        #expect(result("regex.extract(path.name, '(a|aa)+$')", name: text) == "none")
        #expect(
            result("path.name.matches('(x?a?){100}(.*a){20}y' + (call.id == '' ? 'b' : ''))", name: text) == exceeded)
        #expect(result("regex.extractAll(path.name, 'a*b|a').size()", name: text) == exceeded)
        #expect(
            result("regex.replace(path.name, 'a', 'aaaaaaaaaaaaaaaaaaaa')", name: text)
                == "error: the value is larger than 1 MiB")
    }

    @Test func patternsOfACallAreSmall() {
        let large =
            #"error: the pattern "c-1(ab){900}" cannot be used: the pattern is too large: it takes more than 1000 instructions"#
        #expect(result("path.name.matches(call.id + '(ab){900}')", name: "a") == large)
        #expect(
            result("'a'.matches(path.name)", name: String(repeating: "a", count: 1025)).contains(
                "longer than 1024 bytes"))
    }
}
