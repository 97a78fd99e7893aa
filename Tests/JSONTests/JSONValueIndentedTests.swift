import JSON
import Testing

@Suite struct JSONValueIndentedTests {
    @Test(arguments: [
        (JSONValue.null, "null"), (.array([]), "[]"), (.object([]), "{}"),
        (.array([.int(1), .string("a")]), "[1, \"a\"]"),
        (.object([("a", .bool(true)), ("b", .array([]))]), "{\n  \"a\": true,\n  \"b\": []\n}"),
        (.array([.object([("a", .int(1))]), .null]), "[\n  {\n    \"a\": 1\n  },\n  null\n]"),
    ])
    func isWrittenForPeople(_ value: JSONValue, _ text: String) throws {
        var out = ByteWriter(capacity: 64)
        value.write(indentedTo: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == text)
        #expect(try JSONReader.read(Array(text.utf8)).get() == value)
    }
}
