import Admin
import Testing

@Suite struct AcceptedTypesTests {
    static let cases: [(accept: String, query: String?, form: AdminRequest.Form)] = [
        ("*/*", nil, .text), ("", nil, .text), ("application/json", nil, .json), ("text/*", nil, .text),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", nil, .html),
        ("application/json;q=0.5, text/plain;q=0.4", nil, .json), ("text/plain, application/json", nil, .text),
        ("APPLICATION/JSON", nil, .json), ("application/json; q=0, */*", nil, .text), ("image/png", nil, .text),
        ("application/json;q=x", nil, .text), ("application/json ; charset=utf-8", nil, .json),
        ("text/html", "json", .json), ("application/json", "text", .text), ("application/json", "xml", .json),
        (",,;;,", nil, .text), ("application/json;q=1e999", nil, .text), ("application/json;q=nan", nil, .text),
    ]

    @Test(arguments: cases) func formIsTheOneThatIsWantedMost(
        _ accept: String, _ query: String?, _ form: AdminRequest.Form
    ) {
        let request = AdminRequest(parameters: query.map { [("format", $0)] } ?? [], accept: accept)
        #expect(request.form(.text, .html, .json) == form)
    }

    @Test func firstOfferIsForWhoDoesNotSay() {
        #expect(AdminRequest().form(.json, .text) == .json)
        #expect(AdminRequest(accept: "text/plain").form(.json, .text) == .text)
    }
}
