import CEL
import Diagnostics
import Testing

/// What is reported, and what the caret covers.
@Suite struct FindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let expression: String
        let rule: String
        let message: String
        /// The text under the caret.
        let caret: String
        var help: String?
        var suggestion: String?

        init(
            _ expression: String, _ rule: String, _ message: String, _ caret: String, help: String? = nil,
            suggestion: String? = nil
        ) {
            self.expression = expression
            self.rule = rule
            self.message = message
            self.caret = caret
            self.help = help
            self.suggestion = suggestion
        }

        var testDescription: String { expression }
    }

    static let syntax: [Case] = [
        Case("", "expression-syntax", "an expression is missing", ""),
        Case("  ", "expression-syntax", "an expression is missing", "  "),
        Case("1 +", "expression-syntax", "the expression ends where a value should follow", "+"),
        Case("(1 + 2", "expression-syntax", "'(' is not closed", "(", help: "close it with ')'"),
        Case("[1, 2", "expression-syntax", "'[' is not closed", "["),
        Case("{'a': 1", "expression-syntax", "'{' is not closed", "{"),
        Case("size('a'", "expression-syntax", "'(' is not closed", "("),
        Case("1 2", "expression-syntax", "expected an operator or the end, found '2'", "2"),
        Case("a = 1", "expression-syntax", "'=' does not compare", "=", suggestion: "=="),
        Case("a & b", "expression-syntax", "`&` is not an operator", "&", suggestion: "&&"),
        Case("a | b", "expression-syntax", "`|` is not an operator", "|", suggestion: "||"),
        Case("'abc", "expression-syntax", "a string is not closed", "'abc", help: "close it with `'`"),
        Case("'a\nb'", "expression-syntax", "a string is not closed", "'a"),
        Case("'''abc''", "expression-syntax", "a string is not closed", "'''abc''", help: "close it with `'''`"),
        Case(#"'\d'"#, "expression-syntax", #"unknown escape "\\d""#, #"\d"#),
        Case(#"'\x4'"#, "expression-syntax", "an escape lacks digits", #"\x4"#),
        Case(#"'\ud800'"#, "expression-syntax", "the escape is not a Unicode character", #"\ud800"#),
        Case("if", "expression-syntax", "'if' is a reserved word", "if"),
        Case("a.`b", "expression-syntax", "a name in back quotes is not closed", "`b"),
        Case("12abc", "expression-syntax", "'12abc' is neither a number nor a name", "12abc"),
        Case("true ? 1", "expression-syntax", "the expression ends where ':' of the conditional should follow", "1"),
        Case("1 ; 2", "expression-syntax", "unexpected ';'", ";"),
        Case("a # b", "expression-syntax", "unexpected character \"#\"", "#"),
        Case("“a”", "expression-syntax", "unexpected typographic quote", "“"),
        Case("[1].map(1, 2)", "expression-syntax", "the first argument of 'map' is a name for each element", "1"),
        Case("has(1)", "expression-syntax", "'has' wants a field: has(a.b)", "1"),
        Case("size(1,)", "expression-syntax", "expected an argument, found ')'", ")"),
        Case("a.1", "expression-syntax", "expected an operator or the end, found '.1'", ".1"),
        Case("1 + * 2", "expression-syntax", "expected a value, found '*'", "*"),
        Case("a)", "expression-syntax", "expected an operator or the end, found ')'", ")"),
    ]

    static let names: [Case] = [
        Case(
            "path.nmae", "unknown-name", "unknown path parameter 'nmae'", "nmae",
            help: "did you mean 'name'? available: id, name", suggestion: "name"),
        Case("path['nmae']", "unknown-name", "unknown path parameter 'nmae'", "nmae", suggestion: "name"),
        Case("pth.name", "unknown-name", "unknown name 'pth'", "pth", suggestion: "path"),
        Case(
            "zebra", "unknown-name", "unknown name 'zebra'", "zebra",
            help: "available: body, call, headers, path, query"),
        Case("auth.sub", "unknown-name", "'auth' is not available here: no auth middleware is on", "auth"),
        Case("size", "unknown-name", "'size' is a function, not a value", "size", help: "call it: size(…)"),
        Case("has(path.nope)", "unknown-name", "unknown path parameter 'nope'", "nope"),
        Case("[1].map(x, y)", "unknown-name", "unknown name 'y'", "y", suggestion: "x"),
        Case("my.Type{a: 1}", "unknown-name", "unknown message type 'my.Type'", "my.Type"),
        Case("1 == .Thing{}", "unknown-name", "unknown message type 'Thing'", ".Thing"),
        Case(
            "google.protobuf.Timestmp{seconds: 1}", "unknown-name",
            "unknown message type 'google.protobuf.Timestmp'", "google.protobuf.Timestmp",
            help: "did you mean 'google.protobuf.Timestamp'?", suggestion: "google.protobuf.Timestamp"),
        Case(
            "google.protobuf.Duration{second: 1}", "unknown-name",
            "google.protobuf.Duration has no field 'second'", "second",
            help: "did you mean 'seconds'? available: seconds, nanos", suggestion: "seconds"),
        Case(
            "google.protobuf.Duration{seconds: 1, seconds: 2}", "expression-syntax",
            "the field 'seconds' is set twice", "seconds"),
        Case(
            "google.protobuf.Duration{seconds: '90'}", "type-mismatch",
            "the field 'seconds' is int, found string", "'90'", help: "int(…) reads a number from text"),
        Case(
            "google.protobuf.Duration{?seconds: 90}", "type-mismatch", "'?' wants an optional, found int", "90"),
        Case("google.protobuf.Duration{}.nanos", "type-mismatch", "a duration has no fields", "nanos"),
        Case(
            "headers['X-A']", "header-case", "the header 'X-A' is never found: names are lower case here", "X-A",
            suggestion: "x-a"),
        Case(
            "headers.`X-A`", "header-case", "the header 'X-A' is never found: names are lower case here", "X-A",
            suggestion: "x-a"),
        Case("path.nam", "unknown-name", "unknown path parameter 'nam'", "nam", suggestion: "name"),
        Case("headers[?'X-A']", "header-case", "the header 'X-A' is never found: names are lower case here", "X-A"),
        Case("'X-A' in headers", "header-case", "the header 'X-A' is never found: names are lower case here", "X-A"),
        Case(
            "path", "type-mismatch", "'path' is not a value as a whole", "path",
            help: "read a path parameter of it, as in path.name"),
        Case("size(headers)", "type-mismatch", "'headers' is not a value as a whole", "headers"),
    ]

    static let functions: [Case] = [
        Case(
            "sze('a')", "unknown-function", "unknown function 'sze'", "sze", help: "did you mean 'size'?",
            suggestion: "size"),
        Case(
            "'a'.uperAscii()", "unknown-function", "unknown function 'uperAscii'", "uperAscii", suggestion: "upperAscii"
        ),
        Case(
            "url.encod('a')", "unknown-function", "unknown function 'url.encod'", "url.encod", suggestion: "url.encode"),
        Case("trim('a')", "unknown-function", "'trim' is called on a value", "trim", help: "it is string.trim()"),
        Case("'1'.int()", "unknown-function", "'int' is not called on a value", "int"),
        Case(
            "headers.x-a", "unknown-name", "'x-a' is a subtraction here, not a name", "x-a",
            help: "put the name in back quotes: `x-a`", suggestion: "`x-a`"),
        Case(
            "headers.?x-a-b", "unknown-name", "'x-a-b' is a subtraction here, not a name", "x-a-b",
            suggestion: "`x-a-b`"),
        Case("frobnicate(1)", "unknown-function", "unknown function 'frobnicate'", "frobnicate"),
        Case("[1].map(x)", "unknown-function", "'map' is not called like this", "map"),
    ]

    static let types: [Case] = [
        Case(
            "1 + 'a'", "type-mismatch", "'+' does not take int and string", "+",
            help: "string(…) makes text of the int, int(…) reads a number from text"),
        Case("path.id + 1", "type-mismatch", "'+' does not take string and int", "+"),
        Case(
            "path.id > 1", "type-mismatch", "'>' does not take string and int", ">",
            help: "int(…) reads a number from text"),
        Case("1 + 1.0", "type-mismatch", "'+' does not take int and double", "+"),
        Case("1.5 % 2.0", "type-mismatch", "'%' does not take double and double", "%"),
        Case("!1", "type-mismatch", "'!' wants bool, found int", "1"),
        Case("-'a'", "type-mismatch", "'-' wants int or double, found string", "'a'"),
        Case("1 && true", "type-mismatch", "'&&' wants bool, found int", "1"),
        Case("true || 'a'", "type-mismatch", "'||' wants bool, found string", "'a'"),
        Case("1 ? 2 : 3", "type-mismatch", "the condition before '?' must be bool, found int", "1"),
        Case("true ? 2 : 'a'", "type-mismatch", "the sides of ':' are int and string", "2 : 'a'"),
        Case("path.name == null", "type-mismatch", "'==' does not take string and null", "=="),
        Case("query.?n == '7'", "type-mismatch", "'==' does not take optional(string) and string", "=="),
        Case(
            "'a' in 'abc'", "type-mismatch", "'in' does not take string and string", "in",
            help: "write text.contains(part)"),
        Case("1 in ['a']", "type-mismatch", "'in' does not take int and list(string)", "in"),
        Case(
            "size(1)", "type-mismatch", "'size' does not take (int)", "size",
            help: "it is size(string|bytes|list|map)"),
        Case("'a'.startsWith(1)", "type-mismatch", "'startsWith' does not take (int) on string", "startsWith"),
        Case("'abc'[0]", "type-mismatch", "a string has no index", "'abc'"),
        Case("'abc'.size", "type-mismatch", "a string has no fields", "size", help: "call it: size(…)"),
        Case("[1]['a']", "type-mismatch", "the index of a list is an int, found string", "'a'"),
        Case("{1: 2}['a']", "type-mismatch", "the keys of this map are int, found string", "'a'"),
        Case("{1: 2}.a", "type-mismatch", "the keys of this map are int, not string", "a"),
        Case("{1.5: 2}", "type-mismatch", "a key of a map is string, int, uint or bool, found double", "1.5"),
        Case("[?1]", "type-mismatch", "'?' wants an optional, found int", "1"),
        Case("query[1]", "type-mismatch", "a query parameter is looked up by its name, a string, found int", "1"),
        Case("'a'.all(x, true)", "type-mismatch", "'all' wants a list or a map, found string", "all"),
        Case("[1].all(x, x)", "type-mismatch", "the condition of 'all' must be bool, found int", "x"),
        Case("call.time > 1", "type-mismatch", "'>' does not take timestamp and int", ">"),
        Case(
            "optional.of(1).orValue('a')", "type-mismatch", "'orValue' does not take (string) on optional(int)",
            "orValue"),
    ]

    static let failures: [Case] = [
        Case("1 / 0", "constant-failure", "this always fails: division by zero", "1 / 0"),
        Case("call.count + 1 / 0", "constant-failure", "this always fails: division by zero", "1 / 0"),
        Case(
            "path.name == '' ? int('x') : 2", "constant-failure", #"this always fails: cannot convert "x" to int"#,
            "int('x')"),
        Case(
            "[1, 2][7] + call.count", "constant-failure", "this always fails: the index 7 is not in a list of 2",
            "[1, 2][7]"),
        Case("body.tags.map(t, 1 / 0)", "constant-failure", "this always fails: division by zero", "1 / 0"),
    ]

    @Test(arguments: syntax + names + functions + types + failures) func finding(_ row: Case) throws {
        var findings = Findings()
        let program = Fixture.program(row.expression, &findings)
        #expect(program == nil)
        let found = findings.ordered()
        try #require(found.count == 1, "\(found.map(\.message))")
        #expect(found[0].rule.id == row.rule)
        #expect(found[0].message == row.message)
        #expect(Self.slice(found[0].range) == row.caret)
        if let help = row.help { #expect(found[0].help == help) }
        if let suggestion = row.suggestion { #expect(found[0].suggestion == suggestion) }
    }

    @Test func allMistakesAreReported() {
        var findings = Findings()
        _ = Fixture.program("pth.name + sze(path.nmae) + (1 + 'a')", &findings)
        #expect(findings.ordered().map { Self.slice($0.range) } == ["pth", "sze", "nmae", "+"])
    }

    @Test func sharedExpressionsFailEachTimeThoughReportedOnce() {
        var findings = Findings()
        let expression = Expression.parse(Fixture.text("path.nope"), &findings)
        #expect(expression?.check(Fixture.environment, expecting: nil, &findings) == nil)
        #expect(expression?.check(Fixture.environment, expecting: nil, &findings) == nil)
        #expect(findings.count == 1)
    }

    @Test(arguments: [
        ("1", ValueType.bool, "expected bool, found int"),
        ("query.?n", .string, "expected string, found optional(string)"),
        ("[1]", .list(.string), "expected list(string), found list(int)"),
        ("dyn(1)", .string, "expected string, found int"),
    ]) func expected(_ expression: String, _ type: ValueType, _ message: String) {
        #expect(Fixture.result(expression, expecting: type) == "finding: " + message)
    }

    @Test func dynamicValuesAreCheckedWhenEvaluated() {
        #expect(Fixture.result("body.age", expecting: .string) == "error: expected string, found int")
        #expect(Fixture.result("body.name", expecting: .string) == #""Bob""#)
    }

    // MARK: Depth and size

    @Test(arguments: ["(", "[", "-", "!", "{1:", "a?b:", "size(", "a[", "[].map(x,", "-(", "{{", "a{b:", "x.f("])
    func deepInputIsAFinding(_ part: String) {
        for count in [65, 200, 5000] {
            var findings = Findings()
            let text = String(repeating: part, count: count) + "1"
            #expect(Fixture.program(text, &findings) == nil)
            #expect(findings.count == 1)
        }
    }

    @Test(arguments: [".a", "[0]", "+1", "-1", "*1", ".f()", ".?a", "==1"])
    func longChainsAreAFinding(_ part: String) {
        var findings = Findings()
        #expect(Fixture.program("body" + String(repeating: part, count: 1000), &findings) == nil)
        #expect(findings.ordered().map(\.rule.id) == ["expression-too-deep"])
    }

    @Test func reasonableDepthIsFine() {
        let brackets = String(repeating: "(", count: 60) + "1" + String(repeating: ")", count: 60)
        #expect(Fixture.result(brackets) == "1")
        #expect(Fixture.result("1" + String(repeating: " + 1", count: 200)) == "201")
        #expect(Fixture.result("true" + String(repeating: " && true", count: 3000)) == "true")
    }

    @Test func hugeInputIsAFinding() {
        var findings = Findings()
        #expect(Fixture.program("[" + String(repeating: "1,", count: 40_000) + "]", &findings) == nil)
        #expect(findings.ordered().map(\.rule.id) == ["expression-too-deep"])
    }

    // MARK: Inside of YAML scalars

    @Test func caretsInDoubleQuotedScalars() throws {
        // In the file the quotes are escaped; the scalar's text has them bare.
        let file = #"when: "headers[\"X-A\"] == \"b\"""#
        let source = Source(name: "m.yaml", text: file)
        let (text, runs) = Self.unescape(file, from: 7, to: file.utf8.count - 1)
        let placed = PlacedText(text, whole: SourceRange(source, 6, file.utf8.count), runs: runs)
        #expect(placed.string == #"headers["X-A"] == "b""#)
        var findings = Findings()
        _ = Expression.parse(placed, &findings)?.check(Fixture.environment, expecting: nil, &findings)
        let found = try #require(findings.ordered().first)
        #expect(Self.slice(found.range) == "X-A")
        #expect(found.suggestion == "x-a")
    }

    @Test func caretsBehindEscapes() throws {
        let file = #"text: "{{ 'é\u00e9' + path.nmae }}\n""#
        let source = Source(name: "m.yaml", text: file)
        let start = try #require(Array(file.utf8).firstIndex(of: UInt8(ascii: "\"")))
        let decoded = "{{ 'éé' + path.nmae }}\n"
        // The one escape: six bytes of the file are two of the text.
        let escape = Array("{{ 'é".utf8).count
        let placed = PlacedText(
            Array(decoded.utf8), whole: SourceRange(source, start, file.utf8.count),
            runs: [
                PlacedText.Run(text: 0, source: start + 1),
                PlacedText.Run(text: escape + 2, source: start + 1 + escape + 6),
            ])
        var findings = Findings()
        _ = Template.parse(placed, &findings)?.check(Fixture.environment, .plain, &findings)
        let found = try #require(findings.ordered().first)
        #expect(Self.slice(found.range) == "nmae")
    }

    @Test func caretsInBlockScalars() throws {
        let file = "text: |\n  Hello {{ path.name }}\n  and {{ path.nmae\n   + sze('x') }}\n"
        let source = Source(name: "m.yaml", text: file)
        // Each line's indentation is not part of the text.
        var text: [UInt8] = []
        var runs: [PlacedText.Run] = []
        var at = 8
        for line in file.split(separator: "\n").dropFirst() {
            runs.append(PlacedText.Run(text: text.count, source: at + 2))
            text += line.utf8.dropFirst(2)
            text.append(0x0A)
            at += line.utf8.count + 1
        }
        let placed = PlacedText(text, whole: SourceRange(source, 6, file.utf8.count), runs: runs)
        var findings = Findings()
        _ = Template.parse(placed, &findings)?.check(Fixture.environment, .plain, &findings)
        let found = findings.ordered()
        #expect(found.map { Self.slice($0.range) } == ["nmae", "sze"])
        #expect(
            found.map { source.place(at: $0.range.start) } == [Place(line: 3, column: 15), Place(line: 4, column: 6)])
    }

    @Test func everyRuleIsDescribed() {
        #expect(Set(ExpressionRules.all.map(\.id)).count == ExpressionRules.all.count)
        for rule in ExpressionRules.all {
            #expect(rule.bad != rule.good)
            #expect(rule.bad.utf8.starts(with: "radicle: 1\n".utf8) && rule.good.utf8.starts(with: "radicle: 1\n".utf8))
            #expect(!rule.summary.hasSuffix("."))
        }
    }

    static func slice(_ range: SourceRange) -> String {
        String(decoding: range.source.bytes[range.start..<range.end], as: UTF8.self)
    }

    /// The text between two places of a file whose only escapes are `\"`, with its runs.
    static func unescape(_ file: String, from start: Int, to end: Int) -> ([UInt8], [PlacedText.Run]) {
        let bytes = Array(file.utf8)
        var text: [UInt8] = []
        var runs = [PlacedText.Run(text: 0, source: start)]
        var at = start
        while at < end {
            if bytes[at] == UInt8(ascii: "\\") {
                text.append(bytes[at + 1])
                at += 2
                runs.append(PlacedText.Run(text: text.count, source: at))
            } else {
                text.append(bytes[at])
                at += 1
            }
        }
        return (text, runs)
    }
}
