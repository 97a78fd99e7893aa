import CEL
import Diagnostics
import Testing

@Suite struct FunctionTests {
    @Test(arguments: rows) func function(_ row: Row) { row.check() }

    static let rows: [Row] = [
        Row("size('héllo')", "5"), Row("size('😀')", "1"), Row("'e\u{301}'.size()", "2"), Row("size(b'é')", "2"),
        Row("size('')", "0"),
        Row("string(1)", #""1""#), Row("string(-1)", #""-1""#), Row("string(2u)", #""2""#),
        Row("string(1.5)", #""1.5""#), Row("string(1.0)", #""1""#),
        Row("string(1e21)", #""1e+21""#), Row("string(123456789012345680000.0)", #""123456789012345680000""#),
        Row("string(1e-7)", #""1e-7""#),
        Row("string(0.000001)", #""0.000001""#), Row("string(-0.0)", #""-0""#), Row("string(0.1)", #""0.1""#),
        Row("string(6.02214e23)", #""6.02214e+23""#), Row("string(1234567.25)", #""1234567.25""#),
        Row("string(1e16)", #""10000000000000000""#),
        Row("string(double('NaN'))", #""NaN""#), Row("string(1.0 / 0.0)", #""Infinity""#),
        Row("string(true)", #""true""#), Row("string('a')", #""a""#), Row("string(b'abc')", #""abc""#),
        Row(#"string(b'\xff')"#, "finding: this always fails: the bytes are not valid UTF-8"),
        Row("string(duration('1h30m'))", #""5400s""#), Row("string(duration('-1.5s'))", #""-1.5s""#),
        Row("string(call.time)", #""2009-02-13T23:31:30Z""#),
        Row("string(now())", #""2023-11-14T22:13:20.5Z""#),
        Row("string(timestamp('0001-01-01T00:00:00Z'))", #""0001-01-01T00:00:00Z""#),
        Row("string(timestamp('9999-12-31T23:59:59.999999999Z'))", #""9999-12-31T23:59:59.999999999Z""#),
        Row("string(timestamp('2000-02-29T12:00:00-05:30'))", #""2000-02-29T17:30:00Z""#),
        Row("timestamp(0)", "@1970-01-01T00:00:00Z"),
        Row(
            "timestamp('2023-02-29T00:00:00Z')",
            #"finding: this always fails: cannot convert "2023-02-29T00:00:00Z" to timestamp"#),
        Row("duration('250ms')", "~0.25s"), Row("duration('1us')", "~0.000001s"), Row("duration('1.5h')", "~5400s"),
        Row("duration('0')", "~0s"),
        Row("duration('1')", #"finding: this always fails: cannot convert "1" to duration"#),
        Row("duration('')", #"finding: this always fails: cannot convert "" to duration"#),
        Row("duration('9999999999h')", #"finding: this always fails: cannot convert "9999999999h" to duration"#),
        Row("int('12')", "12"), Row("int('-12')", "-12"), Row("int(1.9)", "1"), Row("int(-1.9)", "-1"),
        Row("int(3u)", "3"), Row("int(call.time)", "1234567890"),
        Row("int('abc')", #"finding: this always fails: cannot convert "abc" to int"#),
        Row("int('+1')", #"finding: this always fails: cannot convert "+1" to int"#),
        Row("int(path.name)", #"error: cannot convert "Ann" to int"#),
        Row("int(1e30)", "finding: this always fails: cannot convert 1e+30 to int"),
        Row("int('9223372036854775808')", #"finding: this always fails: cannot convert "9223372036854775808" to int"#),
        Row("uint('3')", "3u"), Row("uint(3)", "3u"),
        Row("uint(-1)", "finding: this always fails: cannot convert -1 to uint"), Row("uint(2.7)", "2u"),
        Row("double('1.5')", "1.5"), Row("double('1e3')", "1000.0"), Row("double(1)", "1.0"), Row("double(1u)", "1.0"),
        Row("double('0x1')", #"finding: this always fails: cannot convert "0x1" to double"#),
        Row("double('')", #"finding: this always fails: cannot convert "" to double"#),
        Row("bool('true')", "true"), Row("bool('0')", "false"),
        Row("bool('yes')", #"finding: this always fails: cannot convert "yes" to bool"#),
        Row("bytes('é')", "b[195, 169]"), Row("dyn(1)", "1"),
        Row("type(1.0)", "type double"), Row("string(type(1))", "finding: 'string' does not take (type)"),
        Row("'hello'.startsWith('he')", "true"), Row("'hello'.endsWith('lo')", "true"),
        Row("'lo'.endsWith('hello')", "false"), Row("'hello'.contains('ell')", "true"),
        Row("'hello'.contains('')", "true"), Row("'é'.startsWith('e')", "false"),
        Row("'aaaaab'.contains('aab')", "true"),
        Row("'HeLLoÉ'.lowerAscii()", #""helloÉ""#), Row("'heLLoé'.upperAscii()", #""HELLOé""#),
        Row("' \\t a b \\n'.trim()", #""a b""#), Row("' '.trim()", #""""#),
        Row("'a-b-c'.replace('-', '+')", #""a+b+c""#), Row("'a-b-c'.replace('-', '', 1)", #""ab-c""#),
        Row("'ab'.replace('', '-')", #""-a-b-""#), Row("'ab'.replace('', '-', 2)", #""-a-b""#),
        Row("'aaa'.replace('aa', 'b')", #""ba""#),
        Row("'a,b,c'.split(',')", #"["a", "b", "c"]"#), Row("'a,b,c'.split(',', 2)", #"["a", "b,c"]"#),
        Row("'a,b'.split(',', 0)", "[]"), Row("'héy'.split('')", #"["h", "é", "y"]"#),
        Row("'abc'.split('', 2)", #"["a", "bc"]"#), Row("''.split(',')", #"[""]"#),
        Row("'a,b'.split(',', -1)", #"["a", "b"]"#),
        Row("['a', 'b'].join()", #""ab""#), Row("['a', 'b'].join(', ')", #""a, b""#), Row("[].join(',')", #""""#),
        Row("dyn([1]).join()", "finding: this always fails: 'join' wants a list of strings, found int"),
        Row("'héllo'.substring(1)", #""éllo""#), Row("'héllo'.substring(1, 3)", #""él""#),
        Row("'abc'.substring(3)", #""""#),
        Row("'abc'.substring(4)", "finding: this always fails: the index 4 is not in a text of 3 characters"),
        Row("'abc'.substring(2, 1)", "finding: this always fails: substring ends at 1, before it starts at 2"),
        Row("'abc'.substring(-1)", "finding: this always fails: the index -1 is not in a text of 3 characters"),
        Row("'héllo'.indexOf('l')", "2"), Row("'hello'.indexOf('l', 3)", "3"), Row("'hello'.indexOf('z')", "-1"),
        Row("'hello'.indexOf('')", "0"), Row("'héllo'.charAt(1)", #""é""#), Row("'abc'.charAt(3)", #""""#),
        Row("'abc'.charAt(4)", "finding: this always fails: the index 4 is not in a text of 3 characters"),
        Row("'e\u{301}x'.charAt(1)", "\"\u{301}\""),
        Row("uuid()", #""80000000-0000-4000-8000-000000000000""#), Row("now()", "@2023-11-14T22:13:20.5Z"),
        Row("random()", "0.5"), Row("random(1, 6)", "4"), Row("random(5, 5)", "5"),
        Row("random(-9223372036854775808, 9223372036854775807)", "-9223372036854775808"),
        Row("random(6, 1)", "error: random(6, 1): the first number is larger than the second"),
        Row("hash('')", "5472609002491880229"), Row("hash('a')", "3414815163700866188"), Row("hash('a') >= 0", "true"),
        Row("hash(b'a') == hash('a')", "true"), Row("hash(1) == hash('1')", "true"),
        Row("hash(path.name) % 100 >= 0", "true"),
        Row("url.encode('a b/é~')", #""a%20b%2F%C3%A9~""#), Row("url.decode('a%20b%2F')", #""a b/""#),
        Row("url.decode('%zz')", #"finding: this always fails: 'url.decode' cannot read "%zz""#),
        Row("url.decode('%ff')", #"finding: this always fails: what "%ff" encodes is not valid UTF-8"#),
        Row("url.decode('a+b')", #""a+b""#),
        Row("hex.encode(b'\\xff\\x00')", #""ff00""#), Row("hex.decode('FF00')", "b[255, 0]"),
        Row("hex.decode('f')", #"finding: this always fails: 'hex.decode' cannot read "f""#),
        Row("base64.encode(b'hello')", #""aGVsbG8=""#), Row("base64.encode('hi')", #""aGk=""#),
        Row("base64.decode('aGVsbG8=')", "b[104, 101, 108, 108, 111]"),
        Row("base64.decode('aGVsbG8')", "b[104, 101, 108, 108, 111]"),
        Row("base64.decode('a')", #"finding: this always fails: 'base64.decode' cannot read "a""#),
        Row("base64.decode('!!!!')", #"finding: this always fails: 'base64.decode' cannot read "!!!!""#),
        Row("base64.encode(b'')", #""""#), Row("base64.encode(b'abc')", #""YWJj""#),
        Row("json.encode({'a': [1, 2.5, null, true, 'x\"y']})", #""{\"a\":[1,2.5,null,true,\"x\\\"y\"]}""#),
        Row("json.encode({1: b'hi', 'o': optional.none(), 'p': optional.of(2)})", #""{\"1\":\"aGk=\",\"p\":2}""#),
        Row("json.encode(double('NaN'))", "finding: this always fails: NaN cannot be written as JSON"),
        Row("json.encode([call.time, duration('1s')])", #""[\"2009-02-13T23:31:30Z\",\"1s\"]""#),
        Row("json.encode(1.0)", #""1""#), Row("json.encode([optional.none()])", #""[null]""#),
        Row("size(body.name)", "3"), Row("size(body.age)", "error: 'size' does not take (int)"),
        Row("string(body.age)", #""30""#), Row("body.name.startsWith('B')", "true"),
        Row("body.age.startsWith('B')", "error: 'startsWith' does not take (int, string)"), Row("int(body.rate)", "2"),
    ]

    @Test func dynamicArgumentsChooseTheOverload() {
        #expect(Fixture.result("[dyn(1), dyn('12'), dyn(2.5)].map(x, int(x))") == "[1, 12, 2]")
    }

    @Test func impureFunctionsAreNotFolded() {
        var findings = Findings()
        let program = Fixture.program("uuid() + string(now())", &findings)
        #expect(program != nil && program?.constant == nil)
    }

    @Test func pureOnesAre() {
        var findings = Findings()
        let program = Fixture.program("'a,b'.split(',').map(x, x.upperAscii())[1]", &findings)
        #expect(program?.constant.map(Fixture.shown) == #""B""#)
    }
}
