import CEL
import Diagnostics
import Testing

/// The extensions: what mistakes say and where, and what bounds them. What they give is in the conformance table.
@Suite struct LibraryTests {
    @Test(arguments: findings) func finding(_ row: FindingTests.Case) {
        var findings = Findings()
        #expect(Fixture.program(row.expression, &findings) == nil)
        let found = findings.ordered()
        #expect(found.map(\.message) == [row.message], "\(row.expression)")
        guard let first = found.first else { return }
        #expect(first.rule.id == row.rule)
        #expect(FindingTests.slice(first.range) == row.caret)
        if let help = row.help { #expect(first.help == help) }
    }

    static let findings: [FindingTests.Case] = [
        .init(
            "[1].transformMapEntry(i, v, v)", "type-mismatch",
            "'transformMapEntry' wants a map as its result, found int", "v",
            help: "write the entry in braces: {key: value}; transformMap keeps the keys as they are"),
        .init("[1].sortBy(e, [e])", "type-mismatch", "'sortBy' wants a key that has an order, found list(int)", "[e]"),
        .init("{'a': 1}.sortBy(e, e)", "type-mismatch", "'sortBy' wants a list, found map(string, int)", "sortBy"),
        .init(
            "[1].all(i, i, true)", "expression-syntax", "both variables of 'all' are called 'i'", "i",
            help: "give each a name of its own"),
        .init(
            "[1].all(i, 2, true)", "expression-syntax", "the second argument of 'all' is a name for each value", "2",
            help: "as in list.all(x, condition)"),
        .init(
            "cel.bind(1, 2, 3)", "expression-syntax", "the first argument of 'cel.bind' is a name for the value", "1",
            help: "as in cel.bind(x, value, result)"),
        .init(
            "cel.bind(x, 2)", "unknown-function", "'cel.bind' is not called like this", "cel.bind",
            help: "write cel.bind(x, value, result)"),
        .init(
            "math.greatest(1, 'a')", "type-mismatch", "'math.greatest' takes numbers, found string", "'a'"),
        .init(
            "'%d apples'.format([call.id])", "constant-failure", "%d wants a number, found string", "[call.id]"),
        .init(
            "'%d %d'.format([call.count])", "constant-failure", "the text has 2 places for values, the list 1",
            "[call.count]"),
        .init(
            "'%q'.format([call.count])", "constant-failure",
            "'format' has no %q, only %s, %d, %f, %e, %b, %o, %x, %X and %%", "'%q'"),
        .init("call.time.format('%Q')", "constant-failure", "'%Q' is no part of a time", "'%Q'"),
        .init(
            "call.time.format('%F', 'Nowhere')", "constant-failure", #"unknown time zone "Nowhere""#, "'Nowhere'"),
        .init(
            "sets.contains([1], ['a'])", "type-mismatch",
            "'sets.contains' does not take (list(int), list(string))", "sets.contains"),
        .init(
            "ip('1.2.3')", "constant-failure", #"this always fails: cannot convert "1.2.3" to an IP address"#,
            "ip('1.2.3')"),
        .init(
            "call.time.nonsense()", "unknown-function", "unknown function 'nonsense'", "nonsense",
            help: "called on a timestamp are format, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getFullYear, "
                + "getHours, getMilliseconds, getMinutes, getMonth, getSeconds"),
        .init(
            "sets.nonsense()", "unknown-function", "unknown function 'sets.nonsense'", "sets.nonsense",
            help: "there are sets.contains, sets.equivalent, sets.intersects"),
        .init("isIP(1)", "type-mismatch", "'isIP' does not take (int)", "isIP"),
        .init(
            "dyn(1.5) < dyn(0.0 / 0.0)", "constant-failure",
            "this always fails: NaN is neither less nor more than a number", "dyn(1.5) < dyn(0.0 / 0.0)"),
    ]

    @Test(arguments: [
        // Types that are known only at run time.
        Row("math.greatest(body.age, 31)", "31"), Row("math.ceil(body.rate)", "3.0"),
        Row("math.ceil(body.age)", "error: 'math.ceil' does not take (int)"),
        Row("math.greatest(body.tags)", "error: 'math.greatest' wants numbers, found string"),
        Row("body.tags.sort()", #"["x", "y"]"#), Row("body.tags.reverse()", #"["y", "x"]"#),
        Row("body.name.reverse()", #""boB""#), Row("body.tags.first()", #"some("x")"#),
        Row("body.age.sort()", "error: 'sort' does not take (int)"),
        Row("body.tags.transformList(i, t, string(i) + t)", #"["0x", "1y"]"#),
        Row("body.transformList(k, v, k).size()", "6"),
        Row("body.age.transformList(i, v, v)", "error: 'transformList' wants a list or a map, not int"),
        Row("'%s is %d'.format([body.name, body.age])", #""Bob is 30""#),
        Row("'%d'.format([body.name])", "error: %d wants a number, found string"),
        Row("'%s'.format([query.?zip])", "finding: %s wants a value with text, found optional(string)"),
        Row("merge(body, {'age': 31}).age", "31"),
        Row("merge(body.name, {})", "error: 'merge' does not take (string, map)"),
        Row("json.decode(json.encode(body)) == body", "true"),
        Row("json.decode(query.q)", "error: 'json.decode': expected a value, found `a`, at byte 0"),
        Row("call.time.getHours(headers['x-a'])", #"error: unknown time zone "alpha""#),
        Row("call.time.format('%FT%T')", #""2009-02-13T23:31:30""#),
        Row("http_date(call.time)", #""Fri, 13 Feb 2009 23:31:30 GMT""#),
        Row("cidr('10.0.0.0/8').containsIP(body.name)", #"error: cannot convert "Bob" to an IP address"#),
        Row("[ip('::1'), cidr('10.0.0.1/8')].map(x, string(x))", #"["::1", "10.0.0.1/8"]"#),
        Row("json.encode([ip('::1'), cidr('10.0.0.0/8')])", #""[\"::1\",\"10.0.0.0/8\"]""#),
        // Variables of macros around and inside.
        Row("[1, 2].transformList(i, v, [v].transformList(j, w, i + v + j + w))", "[[2], [5]]"),
        Row("[3].map(x, [4].transformList(i, v, cel.bind(y, x + v, y + i)))", "[[7]]"),
        Row("cel.bind(x, call.count, [x, x + 1].sortBy(y, -y))", "[4, 3]"),
        Row("cel.bind(x, 1 / call.zero, true || x == 1)", "true"),
        Row("cel.bind(x, 1 / call.zero, x)", "error: division by zero"),
        Row("cel.bind(path, 1, path + 1)", "2"),
        Row("[call.count, 1].sortBy(x, 1 / (x - 1))", "error: division by zero"),
    ])
    func evaluation(_ row: Row) { row.check() }

    /// Each would be far larger or slower than its text; none gets there.
    @Test(arguments: [
        "lists.range(100001)", "lists.range(9223372036854775807)",
        "lists.range(1000).map(i, lists.range(i + 1000)).size()",
        "lists.range(60000).sort().size()", "lists.range(50000).sortBy(x, -x).size()",
        "cel.bind(a, lists.range(3000), a.map(x, a).flatten()).size()",
        "cel.bind(a, lists.range(1000).map(x, [x]), a.distinct()).size()",
        "lists.range(3000).map(i, 'x').join().replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')",
        "'%1001.f'.format([1.0])", "'%.1001f'.format([1.0])",
        "cel.bind(a, lists.range(40000), sets.contains(a, a) && sets.equivalent(a, a))",
        "lists.range(2000).transformMap(i, v, lists.range(v + 100)).size()",
        // A long key is hashed each time.
        "cel.bind(k, 'abcdefghij'.replace('', 'abcdefghijabcdefghijabcdefghij').replace('a', 'abcdefghijabcdefghijabcdefghijabcdefghij').replace('b', 'abcdefghijabcdefghijabcdefghij'), cel.bind(m, {k: 1}, lists.range(5000).map(i, merge(m, m)[k]))).size()",
    ])
    func growthIsBounded(_ text: String) {
        let result = Fixture.result(text)
        #expect(result.utf8.starts(with: "finding: ".utf8), "\(result.prefix(80))")
    }

    /// What the limits leave room for.
    @Test(arguments: [
        Row("lists.range(50000).size()", "50000"), Row("lists.range(5000).sortBy(x, -x)[0]", "4999"),
        Row("lists.range(20000).distinct().size()", "20000"),
        Row("size('%.1000f'.format([0.1]))", "1002"), Row("size('%f'.format([1.7976931348623157e308]))", "316"),
    ])
    func room(_ row: Row) { row.check() }
}
