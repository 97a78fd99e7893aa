import Testing

@testable import Calling

@Suite struct JSONDocumentsTests {
    @Test(arguments: [
        ("", []), (" \n", []), ("{}", ["{}"]), ("{}{}", ["{}", "{}"]),
        ("{\"a\":\"}\"}\n{ }", ["{\"a\":\"}\"}", "{ }"]),
        ("{\"a\":\"\\\"{\"} 1", ["{\"a\":\"\\\"{\"}", "1"]), ("\"x\" \"y\"", ["\"x\"", "\"y\""]),
        ("1 2\n3", ["1", "2", "3"]), ("true{}", ["true", "{}"]), ("[1,[2]] null", ["[1,[2]]", "null"]),
        ("\u{1E}{}\n\u{1E}{}\n", ["{}", "{}"]), ("{\"a\":", ["{\"a\":"]), ("}", ["}"]),
    ])
    func itTakesOneBehindTheOther(text: String, expected: [String]) throws {
        for size in [1, 3, max(1, text.utf8.count)] {
            var documents = JSONDocuments()
            var found: [[UInt8]] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += try documents.append(bytes[start..<min(start + size, bytes.count)]).get()
            }
            if let last = documents.end() { found.append(last) }
            #expect(found.map { Samples.text($0) } == expected)
        }
    }
}
