import JSON
import Testing

private func written(_ value: JSONValue) -> String {
    var writer = ByteWriter()
    value.write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite struct JSONValueTests {
    @Test(arguments: [
        (JSONValue.null, "null"), (.bool(true), "true"), (.bool(false), "false"),
        (.int(0), "0"), (.int(-1), "-1"), (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"),
        (.double(0), "0"), (.double(-0.0), "-0.0"), (.double(1), "1"), (.double(-3), "-3"), (.double(1.5), "1.5"),
        (.double(0.1), "0.1"), (.double(0.1 + 0.2), "0.30000000000000004"), (.double(1e15), "1000000000000000"),
        (.double(9_007_199_254_740_991), "9007199254740991"), (.double(1e20), "1e+20"), (.double(-1e-7), "-1e-07"),
        (.double(.leastNonzeroMagnitude), "5e-324"), (.double(.greatestFiniteMagnitude), "1.7976931348623157e+308"),
        (.double(.nan), "null"), (.double(.infinity), "null"), (.double(-.infinity), "null"),
        (.string(""), #""""#), (.string("a\"\\\n\u{1}\u{E9}"), "\"a\\\"\\\\\\n\\u0001\u{E9}\""),
        (.array([]), "[]"), (.array([.int(1), .array([.null])]), "[1,[null]]"),
        (.object([]), "{}"), (.object([("b", .int(1)), ("a\"", .object([]))]), #"{"b":1,"a\"":{}}"#),
    ]) func writes(value: JSONValue, text: String) {
        #expect(written(value) == text)
    }

    /// Whatever the bits of a double, its text reads back as the same number.
    @Test func doublesSurvive() throws {
        var state: UInt64 = 42
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state ^ (state >> 29))
            if !value.isFinite { continue }
            switch try JSONReader.read(Array(written(.double(value)).utf8)).get() {
            case .double(let back): #expect(back == value)
            case .int(let back): #expect(Double(back) == value)
            default: Issue.record("\(value) is no number any more")
            }
        }
    }

    @Test func keysAreBytes() {
        let value = JSONValue.object([("\u{E9}", .int(1)), ("e\u{301}", .int(2)), ("x", .null)])
        #expect(value["\u{E9}"] == .int(1))
        #expect(value["e\u{301}"] == .int(2))
        #expect(value["y"] == nil)
        #expect(JSONValue.null["x"] == nil)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test func equalityTellsKindsAndOrders() {
        #expect(JSONValue.int(1) != .double(1))
        #expect(JSONValue.null != .bool(false))
        #expect(JSONValue.object([("a", .null), ("b", .null)]) != .object([("b", .null), ("a", .null)]))
        #expect(JSONValue.array([.int(1)]) != .array([.int(1), .int(2)]))
    }
}
