import Testing

@testable import Calling

@Suite struct InputMessageTests {
    @Test(arguments: [
        (#"{"nme":"a"}"#, "`shop.GetRequest` has no field `nme`", "did you mean `name`?"),
        (#"{"order":{"count":"x"}}"#, "`order.count`: expected a whole number from -2147483648 to 2147483647", nil),
        (#"{"tags":["a",1]}"#, "`tags[1]`: expected a string", nil),
        (#"{"order":{"kind":"HUGE"}}"#, "`order.kind`: `shop.Kind` has no value `HUGE`", nil),
        ("{\n  \"name\": ,}", "the data is not JSON: line 2, column 11: expected a value, found `,`", nil),
        ("[]", "expected an object for a `shop.GetRequest`", nil),
    ])
    func whatIsWrongIsTold(json: String, message: String, help: String?) throws {
        let method = try Samples.method("Plain")
        let mistake = #expect(throws: CallMistake.self) { try Samples.message(json, method) }
        #expect(mistake?.message == message)
        if let help { #expect(mistake?.help == help) }
    }

    @Test func ofAStreamTheMessageIsNamed() throws {
        let method = try Samples.method("Up")
        let mistake = #expect(throws: CallMistake.self) {
            try InputMessage(method: method).read(Array(#"{"name":1}"#.utf8), number: 3)
        }
        #expect(mistake?.message == "message 3: `name`: expected a string")
    }

    @Test(arguments: [
        ("{}", CallInput.text("{}")), ("@", .file("-")), ("@-", .file("-")), ("@a.json", .file("a.json")),
    ])
    func theDataIsATextOrAFile(text: String, input: CallInput) {
        #expect(CallInput(text) == input)
    }

    @Test func headersAreNamesAndValues() throws {
        let fields = try CallMetadata.read(["Authorization: Bearer x", "a:b:c", "k-bin: AAEC"])
        #expect(fields.map { "\($0.name)=\($0.value)" } == ["authorization=Bearer x", "a=b:c", "k-bin=AAEC"])
    }

    @Test(arguments: [
        ("x", "--header `x` is not `name: value`"), (": y", "`` is no name of a header"),
        ("a b: c", "`a b` is no name of a header"), ("a: b\nc", "the value of --header `a` has control characters"),
        ("a-bin: *", "the value of --header `a-bin` is to be base64"),
    ])
    func aHeaderThatIsNoneIsTold(header: String, message: String) {
        let mistake = #expect(throws: CallMistake.self) { try CallMetadata.read([header]) }
        #expect(mistake?.message == message)
    }
}
