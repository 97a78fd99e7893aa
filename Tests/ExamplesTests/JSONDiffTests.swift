import JSON
import Testing

@testable import Examples

@Suite struct JSONDiffTests {
    static let cases: [(String, String, isExact: Bool, [String])] = [
        ("{}", #"{"a":1}"#, false, []),
        ("{}", #"{"a":1}"#, true, ["json.a: not expected, got 1"]),
        ("1", "1.0", true, []),
        ("1", "true", false, ["json: expected 1, got true"]),
        ("null", "0", false, ["json: expected null, got 0"]),
        (#"{"a":null}"#, "{}", false, ["json.a: missing, expected null"]),
        (#""a""#, #""b""#, false, [#"json: expected "a", got "b""#]),
        (#""1""#, "1", false, [#"json: expected "1", got 1"#]),
        (#"{"a":{"b":[1,{"c":2}]}}"#, #"{"a":{"b":[1,{"c":3}]}}"#, false, ["json.a.b[1].c: expected 2, got 3"]),
        (
            #"{"two words":1,"3":2}"#, #"{"two words":2,"3":3}"#, false,
            [
                #"json["two words"]: expected 1, got 2"#, #"json["3"]: expected 2, got 3"#,
            ]
        ),
        (#"{"name":1}"#, #"{"nmae":1}"#, false, [#"json.name: missing, expected 1; there is "nmae""#]),
        ("[1,2]", "[1]", false, ["json: expected 2 items, got 1 item", "json[1]: missing, expected 2"]),
        ("[1]", "[1,2]", false, ["json: expected 1 item, got 2 items", "json[1]: not expected, got 2"]),
        ("[1,2]", "[2,1]", false, ["json[0]: expected 1, got 2", "json[1]: expected 2, got 1"]),
        (#"{"a":1}"#, "[1]", false, [#"json: expected {"a":1}, got [1]"#]),
        // Equal to Swift, not to a client.
        ("\"\u{E9}\"", "\"e\u{301}\"", false, ["json: differs"]),
        (
            "{\"\u{E9}\":1}", "{\"e\u{301}\":1}", true,
            [
                "json[\"\u{E9}\"]: missing, expected 1", "json[\"e\u{301}\"]: not expected, got 1",
            ]
        ),
    ]

    @Test(arguments: cases)
    func differencesAre(_ expected: String, _ got: String, _ isExact: Bool, _ differences: [String]) throws {
        let diff = JSONDiff(
            try JSONReader.read(Array(expected.utf8)).get(), try JSONReader.read(Array(got.utf8)).get(),
            isExact: isExact)
        #expect(diff.differences.map { "\($0.at): \($0.message)" } == differences)
    }
}
