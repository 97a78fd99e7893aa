import CEL
import Testing

/// Expressions and what they give.
@Suite struct EvaluationTests {
    @Test(arguments: literals) func literal(_ row: Row) { row.check() }
    @Test(arguments: arithmetic) func calculates(_ row: Row) { row.check() }
    @Test(arguments: comparison) func compares(_ row: Row) { row.check() }
    @Test(arguments: logic) func decides(_ row: Row) { row.check() }
    @Test(arguments: collections) func collection(_ row: Row) { row.check() }
    @Test(arguments: optionals) func optional(_ row: Row) { row.check() }
    @Test(arguments: macros) func macro(_ row: Row) { row.check() }
    @Test(arguments: reads) func read(_ row: Row) { row.check() }
    @Test(arguments: precedence) func binds(_ row: Row) { row.check() }

    @Test func theTableIsLarge() {
        let rows =
            Self.literals + Self.arithmetic + Self.comparison + Self.logic + Self.collections + Self.optionals
            + Self.macros + Self.reads + Self.precedence + FunctionTests.rows
        #expect(rows.count >= 250)
    }

    static let literals: [Row] = [
        Row("1", "1"), Row("-1", "-1"), Row("0x1F", "31"), Row("-0x10", "-16"), Row("1u", "1u"), Row("0xFFu", "255u"),
        Row("9223372036854775807", "9223372036854775807"), Row("-9223372036854775808", "-9223372036854775808"),
        Row("18446744073709551615u", "18446744073709551615u"),
        Row("1.5", "1.5"), Row("-2.5e3", "-2500.0"), Row("1e3", "1000.0"), Row(".5", "0.5"), Row("1E-2", "0.01"),
        Row("true", "true"), Row("false", "false"), Row("null", "null"),
        Row(#""abc""#, #""abc""#), Row("'abc'", #""abc""#), Row(#"'a"b'"#, #""a\"b""#),
        Row(#"'\n\t\\\'\"\`\?\a\b\f\r\v'"#, #""\n\t\\'\"`?\#u{5C}u0007\b\f\r\#u{5C}u000b""#),
        Row(#"'\x41\u00e9\U0001F600\101'"#, #""Aé😀A""#),
        Row(#"r'\n'"#, #""\\n""#), Row(#"R"a\d""#, #""a\\d""#),
        Row("'''a'b\nc'''", #""a'b\nc""#), Row("\"\"\"a\"\"b\"\"\"", #""a\"\"b""#), Row("'''a\r\nb'''", #""a\nb""#),
        Row("''", #""""#), Row("''''''", #""""#),
        Row("b'abc'", "b[97, 98, 99]"), Row(#"b'\xff\000'"#, "b[255, 0]"), Row("b'é'", "b[195, 169]"),
        Row(#"rb'\x'"#, "b[92, 120]"), Row(#"bR'\x'"#, "b[92, 120]"), Row("b'''a\nb'''", "b[97, 10, 98]"),
        Row("1 // one", "1"), Row("// first\n 2", "2"), Row(" \t\r\n3 ", "3"),
        Row("[]", "[]"), Row("{}", "{}"), Row("[1, 2,]", "[1, 2]"), Row("{'a': 1,}", #"{"a": 1}"#),
        Row("int", "type int"), Row("type(1)", "type int"), Row("google.protobuf.Timestamp", "type timestamp"),
        Row("9223372036854775808", "finding: the number is too large for an int"),
        Row("18446744073709551616u", "finding: the number is too large for a uint"),
        Row("1e999", "finding: the number 1e999 is too large for a double"),
    ]

    static let arithmetic: [Row] = [
        Row("1 + 2", "3"), Row("1 - 2", "-1"), Row("3 * 4", "12"), Row("7 / 2", "3"), Row("-7 / 2", "-3"),
        Row("7 % 3", "1"), Row("-7 % 3", "-1"), Row("1u + 2u", "3u"), Row("7u / 2u", "3u"), Row("7u % 4u", "3u"),
        Row("1.5 + 2.0", "3.5"), Row("1.0 / 4.0", "0.25"), Row("1.0 / 0.0", "inf"), Row("-(1.5)", "-1.5"),
        Row("--1", "1"), Row("- -1", "1"), Row("-call.count", "-3"), Row("'a' + 'b'", #""ab""#),
        Row("b'a' + b'b'", "b[97, 98]"), Row("[1] + [2, 3]", "[1, 2, 3]"), Row("[1] + ['a']", #"[1, "a"]"#),
        Row("9223372036854775807 + 1", "finding: this always fails: the result of '+' is too large for an int"),
        Row("-9223372036854775808 - 1", "finding: this always fails: the result of '-' is too large for an int"),
        Row("9223372036854775807 * 2", "finding: this always fails: the result of '*' is too large for an int"),
        Row("-9223372036854775808 / -1", "finding: this always fails: the result of '/' is too large for an int"),
        Row("-9223372036854775808 % -1", "finding: this always fails: the result of '%' is too large for an int"),
        Row("-(-9223372036854775808)", "finding: this always fails: the result of '-' is too large for an int"),
        Row("0u - 1u", "finding: this always fails: the result of '-' is too large for a uint"),
        Row("1 / 0", "finding: this always fails: division by zero"),
        Row("1 % 0", "finding: this always fails: division by zero"),
        Row("1 / call.zero", "error: division by zero"), Row("1 % call.zero", "error: division by zero"),
        Row("dyn(1) + dyn(2)", "3"), Row("dyn(1) + 2.5", "3.5"), Row("dyn(1u) + 1", "2.0"),
        Row("dyn(2) * dyn(1.5)", "3.0"),
        Row("dyn('a') + 'b'", #""ab""#), Row("body.age + 1", "31"), Row("body.age * body.rate", "75.0"),
        Row("body.age + body.name", "error: '+' does not take int and string"),
        Row("dyn(5.0) % dyn(2.0)", "finding: this always fails: '%' does not take double and double"),
        Row("timestamp('2023-01-01T00:00:00Z') + duration('1h')", "@2023-01-01T01:00:00Z"),
        Row("duration('1h') + timestamp('2023-01-01T00:00:00Z')", "@2023-01-01T01:00:00Z"),
        Row("timestamp('2023-01-01T00:00:00Z') - duration('1s')", "@2022-12-31T23:59:59Z"),
        Row("timestamp('2023-01-01T00:00:01Z') - timestamp('2023-01-01T00:00:00.5Z')", "~0.5s"),
        Row("duration('1m') - duration('1s')", "~59s"), Row("-duration('1s')", "~-1s"),
    ]

    static let comparison: [Row] = [
        Row("1 == 1", "true"), Row("1 == 2", "false"), Row("1 != 2", "true"), Row("1 == 1.0", "true"),
        Row("1u == 1", "true"), Row("1 < 1.5", "true"), Row("2u > 1.5", "true"), Row("-1 < 1u", "true"),
        Row("9007199254740993 > 9007199254740992.0", "true"), Row("9007199254740993 == 9007199254740992.0", "false"),
        Row("9223372036854775807 < 9223372036854775808.0", "true"), Row("18446744073709551615u > 1e19", "true"),
        Row("1u > -1.5", "true"), Row("1 > -1e300", "true"), Row("1u < 1e300", "true"), Row("-1.5 < -1", "true"),
        Row("-1 > -1.5", "true"), Row("1.5 > 1", "true"), Row("double('NaN') == double('NaN')", "false"),
        Row("double('NaN') != 1.0", "true"),
        Row("'a' < 'b'", "true"), Row("'a' <= 'a'", "true"), Row("'b' >= 'c'", "false"), Row("'Z' < 'a'", "true"),
        Row("'é' == 'e\u{301}'", "false"), Row("'é' == '\\u00e9'", "true"), Row("'\u{FFFD}' < '😀'", "true"),
        Row("b'a' < b'b'", "true"), Row("b'ab' == b'ab'", "true"), Row("true > false", "true"),
        Row("[1, 2] == [1, 2]", "true"),
        Row("[1, 2] == [1.0, 2.0]", "finding: '==' does not take list(int) and list(double)"),
        Row("dyn([1, 2]) == [1.0, 2.0]", "true"), Row("[1] == [1, 2]", "false"),
        Row("{'a': 1} == {'a': 1}", "true"), Row("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"),
        Row("{'a': 1} == {'a': 2}", "false"), Row("dyn(1) == 'a'", "false"), Row("dyn(null) == null", "true"),
        Row("body.note == null", "true"), Row("body.name == null", "false"),
        Row("dyn(1) < dyn('a')", "finding: this always fails: '<' does not take int and string"),
        Row("type(1) == int", "true"), Row("type(1) == type(2u)", "false"), Row("type('') == string", "true"),
        Row("type(type(1)) == type", "true"), Row("type([]) == list", "true"), Row("type({}) == map", "true"),
        Row("type(null) == null_type", "true"), Row("type(call.time) == google.protobuf.Timestamp", "true"),
        Row("duration('60s') == duration('1m')", "true"), Row("duration('1s') < duration('1m')", "true"),
        Row("timestamp('2023-01-01T01:00:00+01:00') == timestamp('2023-01-01T00:00:00Z')", "true"),
        Row("call.time < now()", "true"), Row("optional.of(1) == optional.of(1)", "true"),
        Row("optional.none() == optional.of(1)", "false"), Row("optional.none() == optional.none()", "true"),
    ]

    static let logic: [Row] = [
        Row("true && true", "true"), Row("true && false", "false"), Row("false || true", "true"),
        Row("false || false", "false"), Row("!true", "false"), Row("!!true", "true"),
        Row("false && 1 / call.zero == 0", "false"), Row("1 / call.zero == 0 && false", "false"),
        Row("true || 1 / call.zero == 0", "true"), Row("1 / call.zero == 0 || true", "true"),
        Row("true && 1 / call.zero == 0", "error: division by zero"),
        Row("false || 1 / call.zero == 0", "error: division by zero"),
        Row("false && 1 / 0 == 0", "false"), Row("1 / 0 == 0 || true", "true"),
        Row("dyn(1) && true", "finding: this always fails: '&&' wants bool, not int"), Row("dyn(1) && false", "false"),
        Row("true && true && true && false", "false"), Row("false || false || true", "true"),
        Row("true ? 1 : 2", "1"), Row("false ? 1 : 2", "2"), Row("true ? 1 : 1 / 0", "1"),
        Row("call.zero == 0 ? 'zero' : 'more'", #""zero""#),
        Row("true ? false ? 1 : 2 : 3", "finding: expected ':' of the conditional, found '?'"),
        Row("true ? (false ? 1 : 2) : 3", "2"), Row("false ? 1 : true ? 2 : 3", "2"),
        Row("1 / call.zero == 0 ? 1 : 2", "error: division by zero"),
    ]

    static let collections: [Row] = [
        Row("[1, 2, 3][0]", "1"), Row("[1, 2, 3][2]", "3"), Row("[1][call.zero]", "1"), Row("[[1], [2]][1][0]", "2"),
        Row("[1, 2][5]", "finding: this always fails: the index 5 is not in a list of 2"),
        Row("[1, 2][call.count]", "error: the index 3 is not in a list of 2"),
        Row("[1][-1]", "finding: this always fails: the index -1 is not in a list of 1"),
        Row("[1][0u]", "1"), Row("[1][0.0]", "1"),
        Row("[1][dyn(0.5)]", "finding: this always fails: the index of a list is an int, not double"),
        Row("{'a': 1}['a']", "1"), Row("{'a': 1}.a", "1"), Row("{1: 'x'}[1]", #""x""#), Row("{1: 'x'}[1u]", #""x""#),
        Row("{1u: 'x'}[1]", #""x""#), Row("{true: 1}[true]", "1"), Row("{'a': {'b': 2}}.a.b", "2"),
        Row("{'a': 1}['b']", #"finding: this always fails: no key "b""#),
        Row("{'a': 1}.b", "finding: this always fails: no field 'b'"),
        Row("{'a-b': 1}.`a-b`", "1"), Row("{'in': 1}.in", "1"), Row("{'if': 1}.if", "1"), Row("{'true': 1}.true", "1"),
        Row("{'a': 1, 'a': 2}", "finding: this always fails: a key of the map is there twice"),
        Row("{1: 1, 1u: 2}", "finding: this always fails: a key of the map is there twice"),
        Row("{'é': 1, 'e\u{301}': 2}.size()", "2"),
        Row("1 in [1, 2]", "true"), Row("3 in [1, 2]", "false"), Row("1.0 in [1, 2]", "true"),
        Row("'a' in {'a': 1}", "true"),
        Row("'b' in {'a': 1}", "false"), Row("1u in {1: 2}", "true"), Row("!(1 in [])", "true"),
        Row("'x' in body.tags", "true"), Row("'age' in body", "true"), Row("'z' in body", "false"),
        Row("body.tags[1]", #""y""#), Row("body.nested.deep", "true"), Row("body['nested']['deep']", "true"),
        Row("body.name.first", "error: string has no field 'first'"),
        Row("body.missing", "error: no field of the body 'missing'"),
        Row("body.nested.other", "error: no field 'other'"), Row("body.name[0]", "error: string has no index"),
        Row("size([1, 2])", "2"), Row("[1, 2].size()", "2"), Row("size({'a': 1})", "1"), Row("{}.size()", "0"),
        Row("{'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9, 'j': 10}.j", "10"),
        Row("{'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9, 'j': 10}['a']", "1"),
    ]

    static let optionals: [Row] = [
        Row("optional.of(1)", "some(1)"), Row("optional.none()", "none"), Row("optional.ofNonZeroValue(0)", "none"),
        Row("optional.ofNonZeroValue('a')", #"some("a")"#), Row("optional.ofNonZeroValue([])", "none"),
        Row("optional.of(1).hasValue()", "true"), Row("optional.none().hasValue()", "false"),
        Row("optional.of(1).value()", "1"),
        Row("optional.none().value()", "finding: this always fails: the optional is empty"),
        Row("optional.of(1).orValue(2)", "1"), Row("optional.none().orValue(2)", "2"),
        Row("optional.none().or(optional.of(3))", "some(3)"), Row("optional.of(1).or(optional.of(3)).value()", "1"),
        Row("optional.of(2).optMap(x, x * 2)", "some(4)"), Row("optional.none().optMap(x, x)", "none"),
        Row("optional.of(2).optFlatMap(x, optional.none())", "none"),
        Row("optional.of(2).optFlatMap(x, optional.of(x + 1))", "some(3)"),
        Row("query.?n", #"some("7")"#), Row("query.?zip", "none"), Row("query.?zip.orValue('World')", #""World""#),
        Row("query.?n.orValue('World')", #""7""#), Row("headers[?'x-a']", #"some("alpha")"#),
        Row("headers[?'x-z']", "none"),
        Row("query.?n.optMap(x, int(x) + 1).orValue(0)", "8"), Row("path.?nope", "none"),
        Row("path.?name", #"some("Ann")"#),
        Row("{'a': 1}.?a", "some(1)"), Row("{'a': 1}.?b", "none"), Row("{'a': {'b': 1}}.?a.b", "some(1)"),
        Row("{'a': {'b': 1}}.?a.?c", "none"), Row("{'a': {'b': 1}}.?x.b", "none"), Row("[1, 2][?0]", "some(1)"),
        Row("[1, 2][?9]", "none"),
        Row("body.?nested.deep", "some(true)"), Row("body.?nested.?nope.deep", "none"), Row("body.?note", "some(null)"),
        Row("body[?'name']", #"some("Bob")"#), Row("[?optional.of(1), ?optional.none(), 2]", "[1, 2]"),
        Row("{?'a': optional.of(1), ?'b': optional.none()}", #"{"a": 1}"#),
        Row("{?'q': query.?zip, 'x': 1}", #"{"x": 1}"#),
        Row("has({'a': {'b': 1}}.?a.b)", "true"), Row("call.?gone", "none"),
        Row("body.?name.first", "error: string has no field 'first'"),
    ]

    static let macros: [Row] = [
        Row("has(query.n)", "true"), Row("has(query.zip)", "false"), Row("has(body.name)", "true"),
        Row("has(body.zip)", "false"),
        Row("has(body.nested.deep)", "true"), Row("has(body.nested.x)", "false"), Row("has({'a': 1}.a)", "true"),
        Row("has(call.gone)", "false"),
        Row("[1, 2].all(x, x > 0)", "true"), Row("[1, -2].all(x, x > 0)", "false"), Row("[].all(x, x > 0)", "true"),
        Row("[1, 2].exists(x, x == 2)", "true"), Row("[1, 2].exists(x, x == 3)", "false"),
        Row("[1, 2, 2].exists_one(x, x == 1)", "true"), Row("[1, 2, 2].exists_one(x, x == 2)", "false"),
        Row("[1, 2].map(x, x * 2)", "[2, 4]"), Row("[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"),
        Row("[1, 2, 3].filter(x, x != 2)", "[1, 3]"), Row("{'a': 1, 'b': 2}.map(k, k)", #"["a", "b"]"#),
        Row("{'a': 1}.all(k, k == 'a')", "true"), Row("{'a': 1, 'b': 2}.filter(k, k > 'a')", #"["b"]"#),
        Row("[1, 2].map(x, [10, 20].map(y, x * y))", "[[10, 20], [20, 40]]"),
        Row("[1, 2].map(x, [x].map(x, x + 1))", "[[2], [3]]"),
        Row("[1, 2].map(x, [3, 4].map(y, y))", "[[3, 4], [3, 4]]"),
        Row("[0, 2].all(x, 4 / x > 1)", "finding: this always fails: division by zero"),
        Row("[0, 2].all(x, 4 / x > 5)", "false"), Row("[0, 2].exists(x, 4 / x == 2)", "true"),
        Row("[call.zero].map(x, 4 / x)", "error: division by zero"),
        Row("[0, 2].exists_one(x, 4 / x == 2)", "finding: this always fails: division by zero"),
        Row("body.tags.map(t, t + '!')", #"["x!", "y!"]"#),
        Row("query.map(k, k)", #"["empty", "lines", "n", "q", "quote"]"#),
        Row("body.tags.exists(t, t == 'y')", "true"),
        Row("body.age.all(x, true)", "error: 'all' wants a list or a map, not int"),
        Row("[1].map(path, path + 1)", "[2]"), Row("[1].all(x, [2].all(y, [3].all(z, x + y + z == 6)))", "true"),
    ]

    static let reads: [Row] = [
        Row("path.name", #""Ann""#), Row("path['name']", #""Ann""#), Row("int(path.id) + 1", "43"),
        Row("query.n", #""7""#),
        Row("query['n']", #""7""#), Row("headers['x-a']", #""alpha""#), Row("headers.`x-a`", #""alpha""#),
        Row("call.count", "3"), Row("call.id", #""c-1""#),
        Row("query.zip", "error: no query parameter 'zip'"), Row("headers['x-z']", "error: no header 'x-z'"),
        Row("query[path.name]", #"error: no query parameter "Ann""#), Row("query['' + 'n']", #""7""#),
        Row("query['n' + string(call.zero)]", #"error: no query parameter "n0""#),
        Row("headers[?path.name]", "none"), Row("'x-a' in headers", "true"), Row("'x-z' in headers", "false"),
        Row("('x-' + path.id) in headers", "false"),
        Row("'n' in query", "true"), Row("call.gone", "error: no field of call 'gone'"), Row("size(query)", "5"),
        Row("body.age", "30"), Row("body", Fixture.shown(Call().body)),
        Row("'Hello ' + path.name", #""Hello Ann""#), Row("call.time", "@2009-02-13T23:31:30Z"),
        Row("path[call.id == '' ? 'name' : 'id']", #""42""#),
    ]

    static let precedence: [Row] = [
        Row("1 + 2 * 3", "7"), Row("(1 + 2) * 3", "9"), Row("10 - 4 - 3", "3"), Row("2 * 3 % 4", "2"),
        Row("100 / 10 / 5", "2"),
        Row("1 + 1 == 2 && 3 > 2", "true"), Row("true || false && false", "true"), Row("!false && false", "false"),
        Row("-2 * -3", "6"),
        Row("1 < 2 == true", "true"), Row("1 in [1] && true", "true"), Row("-[1][0]", "-1"), Row("!(1 == 2)", "true"),
        Row("1 - -1", "2"), Row("1-1", "0"),
        Row("'a' + 'b' == 'ab' ? 'y' : 'n'", #""y""#), Row("-1.5 + 1.5", "0.0"), Row(".call.count", "3"),
        Row("(path).name", #""Ann""#), Row("1 == 1 != false", "true"),
    ]
}

struct Row: Sendable, CustomTestStringConvertible {
    let expression: String
    let expected: String

    init(_ expression: String, _ expected: String) {
        self.expression = expression
        self.expected = expected
    }

    var testDescription: String { expression }

    func check(_ location: SourceLocation = #_sourceLocation) {
        #expect(Fixture.result(expression) == expected, "\(expression)", sourceLocation: location)
    }
}
