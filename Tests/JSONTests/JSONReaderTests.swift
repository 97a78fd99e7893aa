import JSON
import Testing

/// Texts that RFC 8259 allows, and what they mean.
private let accepted: [(text: String, value: JSONValue)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    (" \t\r\n null \t\r\n ", .null),
    // Numbers
    ("0", .int(0)), ("-0", .int(0)), ("7", .int(7)), ("-1", .int(-1)), ("1234567890", .int(1_234_567_890)),
    ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
    ("9223372036854775808", .double(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
    ("0.0", .double(0)), ("-0.0", .double(-0.0)), ("1.0", .double(1)), ("1.5", .double(1.5)), ("-1.25", .double(-1.25)),
    ("0.1", .double(0.1)), ("1e3", .double(1000)), ("1E3", .double(1000)), ("1e+3", .double(1000)),
    ("1e-3", .double(0.001)), ("1.5e2", .double(150)), ("0e1", .double(0)), ("0e+1", .double(0)), ("1e01", .double(10)),
    ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("5e-324", .double(.leastNonzeroMagnitude)),
    ("1e-999", .double(0)), ("0.30000000000000004", .double(0.1 + 0.2)),
    ("100000000000000000000", .double(1e20)), ("123.456e-2", .double(1.23456)),
    // Strings
    (#""""#, .string("")), (#""a""#, .string("a")), (#"" ""#, .string(" ")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u0041""#, .string("A")), (#""\u00e9\u00E9""#, .string("\u{E9}\u{E9}")), (#""\u0000""#, .string("\0")),
    (#""\uD834\udd1e""#, .string("\u{1D11E}")), (#""\uFFFF""#, .string("\u{FFFF}")),
    (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")),
    (#""\u2028\u2029""#, .string("\u{2028}\u{2029}")),
    ("\"\u{E9}\u{20AC}\u{1D11E}\"", .string("\u{E9}\u{20AC}\u{1D11E}")), ("\"\u{7F}\"", .string("\u{7F}")),
    ("\"\u{FEFF}\"", .string("\u{FEFF}")), ("\"\u{2028}\"", .string("\u{2028}")), (#""a\nb c""#, .string("a\nb c")),
    (#""\\u0041""#, .string("\\u0041")), (#""http:\/\/x""#, .string("http://x")),
    (#""/*no comment*/""#, .string("/*no comment*/")),
    // Arrays
    ("[]", .array([])), ("[ ]", .array([])), ("[1]", .array([.int(1)])), ("[1,2]", .array([.int(1), .int(2)])),
    ("[ 1 , \n2\t]", .array([.int(1), .int(2)])), ("[[]]", .array([.array([])])), ("[null]", .array([.null])),
    ("[[],[[]]]", .array([.array([]), .array([.array([])])])),
    (#"["a",1,null]"#, .array([.string("a"), .int(1), .null])),
    ("[1e1]", .array([.double(10)])), ("[{}]", .array([.object([])])), ("[-0.5]", .array([.double(-0.5)])),
    // Objects
    ("{}", .object([])), ("{ }", .object([])), (#"{"a":1}"#, .object([("a", .int(1))])),
    (#"{"":0}"#, .object([("", .int(0))])), (#"{"b":1,"a":2}"#, .object([("b", .int(1)), ("a", .int(2))])),
    (#"{ "a" : { "b" : [ ] } }"#, .object([("a", .object([("b", .array([]))]))])),
    (#"{"a\u0000b":1}"#, .object([("a\0b", .int(1))])),
    (#"{"a":null,"A":null}"#, .object([("a", .null), ("A", .null)])),
    // The same character twice, but not the same bytes.
    ("{\"\u{E9}\":1,\"e\u{301}\":2}", .object([("\u{E9}", .int(1)), ("e\u{301}", .int(2))])),
]

/// Texts that are not JSON, and the byte where that shows.
private let refused: [(text: String, offset: Int)] = [
    ("", 0), (" ", 1), ("\n", 1),
    // Words
    ("nul", 0), ("True", 0), ("TRUE", 0), ("nulll", 4), ("undefined", 0), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1),
    ("truefalse", 4),
    ("'a'", 0), ("a", 0), ("\u{E9}", 0), ("*", 0),
    // Numbers
    ("01", 1), ("-01", 2), ("00", 1), ("-", 1), ("--1", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1.e1", 2), ("-.5", 1),
    ("1e", 2), ("1e+", 3),
    ("1E-", 3), ("1e1.5", 3), ("1.2.3", 3), ("0x10", 1), ("1_000", 1), ("1 000", 2), ("1e999", 0), ("-1e999", 0),
    ("1eE2", 2),
    ("0e", 2), ("1a", 1), ("\u{FF11}", 0), ("-a", 1), ("1,", 1), ("0.", 2), ("2.e-3", 2), ("[-]", 2), ("[1.]", 3),
    ("[0.1.2]", 4), ("1e1e1", 3),
    // Strings
    (#"""#, 1), (#""a"#, 2), (#""a\"#, 3), (#""\a""#, 1), (#""\'""#, 1), (#""\x41""#, 1), (#""\0""#, 1),
    (#""\U0041""#, 1),
    (#""\u""#, 3), (#""\u1""#, 4), (#""\u12G4""#, 5), (#""\u004"#, 6), (#""\ud800""#, 1), (#""\udc00""#, 1),
    (#""\ud800\ud800""#, 1),
    (#""\ud800\u0041""#, 1), (#""\ud800x""#, 1), (#""\udc00\ud800""#, 1), (#""\uD834\"#, 1), (#""\ud83d\ude""#, 11),
    (#""\ud800\n""#, 1),
    ("\"\n\"", 1), ("\"a\tb\"", 2), ("\"\0\"", 1), ("\"\u{1F}\"", 1), (#""a"b"#, 3), (#""a" "b""#, 4),
    (#""\u{41}""#, 3), (#""\u+041""#, 3),
    // Arrays
    ("[", 1), ("]", 0), ("[1", 2), ("[1,", 3), ("[1,]", 3), ("[,1]", 1), ("[,]", 1), ("[1,,2]", 3), ("[1 2]", 3),
    ("[1]]", 3), ("[1}", 2),
    ("[a]", 1), ("[1:2]", 2), ("[[]", 3), ("[\"a\"", 4), ("[1;2]", 2), ("[...]", 1), ("[1]x", 3),
    // Objects
    ("{", 1), ("}", 0), (#"{"a""#, 4), (#"{"a":"#, 5), (#"{"a":1"#, 6), (#"{"a":1,"#, 7), (#"{"a":1,}"#, 7),
    (#"{,"a":1}"#, 1), ("{a:1}", 1),
    ("{'a':1}", 1), ("{1:1}", 1), (#"{"a" 1}"#, 5), (#"{"a"::1}"#, 5), (#"{"a":1 "b":2}"#, 7), (#"{"a":1]"#, 6),
    (#"{"a":1}}"#, 7),
    (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a",1}"#, 4), ("{null:1}", 1), ("{[]:1}", 1), (#"{"a":1,,"b":2}"#, 7),
    (#"{"a":1;}"#, 6),
    (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"b":{"c":1,"\u0063":2}}"#, 18), (#"{"":1,"":2}"#, 6),
    // What is not RFC 8259
    ("1 // comment", 2), ("/* */ 1", 0), ("# 1", 0), ("\u{FEFF}1", 0), ("1\u{A0}", 1), ("\u{B}1", 0), ("\u{C}1", 0),
    ("1\0", 1), ("1 2", 2), ("{} []", 3),
    ("[1]\u{2028}", 3),
]

/// Bytes that are not UTF-8, inside a string: overlong, surrogates, too large, cut short.
private let illFormed: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE2, 0x82],
    [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80],
    [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9D, 0x84], [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
]

@Suite struct JSONReaderTests {
    @Test(arguments: accepted) func reads(text: String, value: JSONValue) throws {
        #expect(try JSONReader.read(Array(text.utf8)).get() == value)
    }

    @Test(arguments: refused) func refuses(text: String, offset: Int) {
        let result = JSONReader.read(Array(text.utf8))
        guard case .failure(let error) = result else {
            Issue.record("accepted as \(result)")
            return
        }
        #expect(error.offset == offset, "\(error.message)")
        #expect(!error.message.isEmpty)
    }

    @Test(arguments: illFormed) func refusesIllFormedText(bytes: [UInt8]) {
        let text = Array("[\"a".utf8) + bytes + Array("\"]".utf8)
        #expect(
            JSONReader.read(text) == .failure(JSONError(offset: 3, message: "the string is not valid UTF-8")))
        guard case .failure = JSONReader.read(bytes) else {
            Issue.record("accepted outside of a string")
            return
        }
    }

    /// Every proper beginning of a text ends too early, and says so at its end.
    @Test func everyCutIsRefused() {
        let text = Array(#"{"a":[1.5e3,"\u00e9x",true],"b":{"c":null}}"#.utf8)
        #expect((try? JSONReader.read(text).get()) != nil)
        for count in 0..<text.count {
            guard case .failure(let error) = JSONReader.read(Array(text[..<count])) else {
                Issue.record("accepted \(count) bytes")
                continue
            }
            #expect(error.offset <= count)
        }
    }

    @Test func depthIsLimited() {
        func nested(_ count: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: count) + Array(repeating: UInt8(ascii: "]"), count: count)
        }
        #expect((try? JSONReader.read(nested(100)).get()) != nil)
        #expect(
            JSONReader.read(nested(101))
                == .failure(JSONError(offset: 100, message: "nested more than 100 levels deep")))
        #expect((try? JSONReader.read(nested(3), limits: JSONLimits(depth: 2)).get()) == nil)
        // Beside each other is not inside each other.
        #expect((try? JSONReader.read(Array("[[],[],{},{}]".utf8), limits: JSONLimits(depth: 2)).get()) != nil)
        // Far deeper than the stack would hold.
        #expect((try? JSONReader.read(Array(repeating: UInt8(ascii: "["), count: 1_000_000)).get()) == nil)
    }

    @Test func repeatedKeysCanBeAllowed() throws {
        let value = try JSONReader.read(Array(#"{"a":1,"a":2}"#.utf8), limits: JSONLimits(allowsRepeatedKeys: true))
            .get()
        #expect(value == .object([("a", .int(1)), ("a", .int(2))]))
        #expect(value["a"] == .int(1))
    }

    @Test func repeatedKeysAreFoundAmongMany() throws {
        let members = (0..<5000).map { "\"k\($0)\":0" }
        #expect(try JSONReader.read(Array("{\(members.joined(separator: ","))}".utf8)).get()["k4999"] == .int(0))
        for repeated in ["k0", "k15", "k16", "k17", "k4999"] {
            let text = "{\(members.joined(separator: ",")),\"\(repeated)\":1}"
            guard case .failure(let error) = JSONReader.read(Array(text.utf8)) else {
                Issue.record("accepted \(repeated) twice")
                continue
            }
            #expect(error.message == "the key `\(repeated)` is there twice")
        }
    }

    @Test(arguments: [
        ("[1 2]", "expected `,` or `]` in the array, found `2`"),
        (#"{"a":1"#, "expected `,` or `}` in the object, found the end"),
        (#"{"a" 1}"#, "expected `:` after the key, found `1`"),
        ("{a:1}", "expected a key in quotes, found `a`"),
        ("nul", "expected a value; did you mean `null`"),
        ("01", "a number does not start with 0"),
        ("1.", "expected a digit after the decimal point, found the end"),
        ("1e999", "the number is too large"),
        ("1 \u{E9}", "expected the end after the value, found `\u{E9}`"),
        ("\u{1}", "expected a value, found the byte 0x01"),
        ("\"\n\"", "a control character in a string must be escaped, found the byte 0x0A"),
        (#""\ud800""#, "half a surrogate pair is no character"),
        ("\u{FEFF}1", "a byte order mark is not allowed in JSON"),
    ]) func saysWhatIsWrong(text: String, message: String) {
        guard case .failure(let error) = JSONReader.read(Array(text.utf8)) else {
            Issue.record("accepted")
            return
        }
        #expect(error.message == message)
    }
}
