import JSON
import Pipeline
import Testing

@Suite struct PathTemplateTests {
    /// What is written, the patterns that it gives, and what the variables are made of: captures by their numbers, `+1` for a
    /// rest with its slash.
    static let good: [(String, [String], [String])] = [
        ("/", ["/{$}"], []),
        ("/v1", ["/v1"], []),
        ("/v1/*", ["/v1/{segment}"], []),
        ("/v1/*/b/*", ["/v1/{segment}/b/{segment_2}"], []),
        ("/v1/{name}", ["/v1/{name}"], ["name = 0"]),
        ("/v1/{name=*}", ["/v1/{name}"], ["name = 0"]),
        ("/v1/{shelf.name}/x", ["/v1/{shelf_name}/x"], ["shelf.name = 0"]),
        ("/v1/{_a9}", ["/v1/{_a9}"], ["_a9 = 0"]),
        ("/v1/{name=shelves/*}", ["/v1/shelves/{name}"], ["name = shelves/ 0 multi"]),
        (
            "/v1/{name=shelves/*/books/*}/x/{id}", ["/v1/shelves/{name}/books/{name_2}/x/{id}"],
            ["name = shelves/ 0 /books/ 1 multi", "id = 2"]
        ),
        ("/v1/{name=fixed}", ["/v1/fixed"], ["name = fixed"]),
        ("/v1/{name=a/b}", ["/v1/a/b"], ["name = a/b multi"]),
        ("/v1/{name=a%2fb}", ["/v1/a%2Fb"], ["name = a/b"]),
        ("/v1/{name=a%2fb/*}", ["/v1/a%2Fb/{name}"], ["name = a%2Fb/ 0 multi"]),
        ("/v1/**", ["/v1/{segment...}", "/v1"], []),
        ("/**", ["/{segment...}"], []),
        ("/{path=**}", ["/{path...}"], ["path = 0 multi"]),
        ("/v1/{a}/**", ["/v1/{a}/{segment...}", "/v1/{a}"], ["a = 0"]),
        ("/v1/{name=files/**}", ["/v1/files/{name...}", "/v1/files"], ["name = files +0 multi"]),
        ("/v1/{name=*/**}", ["/v1/{name}/{name_2...}", "/v1/{name}"], ["name = 0 +1 multi"]),
        ("/v1/{a}:cancel", ["/v1/{a}:cancel"], ["a = 0"]),
        ("/v1/*:cancel", ["/v1/{segment}:cancel"], []),
        ("/v1/{a=b/*}:c.d-e", ["/v1/b/{a}:c.d-e"], ["a = b/ 0 multi"]),
        ("/v1/books:sort", ["/v1/books:sort"], []),
        ("/v1/a:b/c:d:e", ["/v1/a:b/c:d:e"], []),
        ("/v1/{a=b}:c", ["/v1/b:c"], ["a = b"]),
        ("/v1/{a=**}:set", ["/v1/{a...}:set", "/v1:set"], ["a = 0 multi"]),
        ("/v1/*/**:set", ["/v1/{segment}/{segment_2...}:set", "/v1/{segment}:set"], []),
        ("/**:set", ["/{segment...}:set", "/:set"], []),
        ("/é/%C3%A9/a%20b", ["/é/é/a%20b"], []),
        ("/a=b/c", ["/a=b/c"], []),
    ]

    @Test(arguments: good) func reads(_ text: String, _ patterns: [String], _ variables: [String]) throws {
        let template = try PathTemplate.parse(text).get()
        let given = [template.pattern(method: nil)] + [template.spare(method: nil)].compactMap(\.self)
        #expect(given.map(\.description) == patterns)
        #expect(template.pattern(method: "PUT").description == "PUT " + patterns[0])
        let written = template.variables.map { variable in
            let parts = template.parts(of: variable).map { part in
                switch part {
                case .text(let bytes): String(decoding: bytes, as: UTF8.self)
                case .capture(let number): String(number)
                case .rest(let number): "+\(number)"
                }
            }
            let isMulti = variable.isMultiSegment ? " multi" : ""
            #expect(String(Array(text)[variable.place]) == variable.name)
            return "\(variable.name) = \(parts.joined(separator: " "))\(isMulti)"
        }
        #expect(written == variables)
        // A pattern of it is one that a route could have.
        for pattern in given { #expect(try route(pattern.description) == pattern) }
    }

    /// What is written, the text that is wrong, the message, the suggestion.
    static let bad: [(String, String, String, String?)] = [
        ("", "", "the path template is empty", nil),
        ("v1/{a}", "v1/{a}", "a path template starts with `/`", "/v1/{a}"),
        ("/v1/", "/", "a path template does not end in `/`", ""),
        ("//", "/", "the path has an empty segment", ""),
        ("/a//b", "/", "the path has an empty segment", ""),
        ("/a/{b=c//d}", "/", "the path has an empty segment", ""),
        ("/a b", " ", "the path has a space", "%20"),
        ("/a\tb", "\t", "the path has a control character", nil),
        ("/a?b={c}", "?b={c}", "a path template ends before a `?`", nil),
        ("/a#b", "#b", "a path template ends before a `#`", nil),
        ("/**/a", "**", "`**` can stand only at the end", "*"),
        ("/{a=**/b}", "**", "`**` can stand only at the end", "*"),
        ("/{a=**}/{b}", "**", "`**` can stand only at the end", "*"),
        ("/a*", "*", "a wildcard is a whole segment", "%2A"),
        ("/***", "*", "a wildcard is a whole segment", "%2A"),
        ("/*a:b", "*", "a wildcard is a whole segment", "%2A"),
        ("/a{b}", "{b}", "a variable is one or more whole segments", nil),
        ("/{a}.json", ".json", "a variable is one or more whole segments", nil),
        ("/{a}{b}", "{b}", "a variable is one or more whole segments", nil),
        ("/a}", "}", "the `}` ends nothing", "%7D"),
        ("/v1/:id", ":id", "a segment does not start with a colon", "{id}"),
        ("/v1/:a:b", ":a:b", "a segment does not start with a colon", nil),
        ("/a/./b", ".", "a dot segment never matches", nil),
        ("/a/%2e%2E", "%2e%2E", "a dot segment never matches", nil),
        ("/a%4", "%4", "a `%` needs two hexadecimal digits after it", nil),
        ("/a%00", "%00", "the path has a zero byte", nil),
        ("/{a", "{a", "the variable is not closed", nil),
        ("/{a/b", "{a", "the variable is not closed", nil),
        ("/{a={b}}", "{b}", "a variable cannot stand within a variable", nil),
        ("/{a}/{a}", "a", "the variable `a` stands twice in the path", nil),
        ("/{a=}", "{a=}", "the variable has no pattern behind the `=`", "{a}"),
        ("/{a=b/}", "/", "the path has an empty segment", ""),
        ("/{}", "{}", "the variable has no name", nil),
        ("/{=a}", "{=a}", "the variable has no name", nil),
        ("/{a.}", "a.", "`a.` is not the path of a field", nil),
        ("/{9a}", "9a", "`9a` is not the path of a field", nil),
        ("/{a-b}", "a-b", "`a-b` is not the path of a field", nil),
        ("/{a...}", "{a...}", "`{a...}` is how routes take the rest", "{a=**}"),
        ("/{a:[0-9]+}", ":[0-9]+", "a variable has no regular expression", ""),
        ("/{a}:", ":", "the verb is empty", nil),
        ("/{a}:b/c", ":b", "a verb stands only at the end", nil),
        ("/{a}:b:c", ":", "the verb has a `:`", nil),
        ("/{a}:{b}", "{", "the verb has a `{`", nil),
    ]

    @Test(arguments: bad)
    func refuses(_ text: String, _ wrong: String, _ message: String, _ suggestion: String?) throws {
        guard case .failure(let fault) = PathTemplate.parse(text) else {
            Issue.record("it is read")
            return
        }
        #expect(fault.message == message)
        #expect(String(decoding: Array(text.utf8)[fault.range], as: UTF8.self) == wrong)
        #expect(fault.suggestion == suggestion)
        #expect(!fault.help.isEmpty)
    }

    @Test func hasBounds() {
        func message(_ text: String) -> String? {
            if case .failure(let fault) = PathTemplate.parse(text) { fault.message } else { nil }
        }
        #expect(message(String(repeating: "/*", count: 16)) == nil)
        #expect(message(String(repeating: "/*", count: 17)) == "the path has 17 wildcards, more than 16")
        #expect(message(String(repeating: "/a", count: 64)) == nil)
        #expect(message(String(repeating: "/a", count: 65)) == "the path has more than 64 segments")
    }

    @Test func staysCalmOnAnyBytes() {
        // Every byte at every place of a template that has everything.
        let text = Array("/v1/{a.b=c%41/*}/*/{d=e/**}:f".utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = text
                bytes[index] = byte
                switch PathTemplate.parse(bytes) {
                case .success(let template): _ = (template.pattern(method: nil), template.spare(method: nil))
                case .failure(let fault): #expect(fault.range.upperBound <= bytes.count)
                }
            }
        }
    }
}
