import Manifests
import Testing

@Suite struct ManifestPlaceTests {
    @Test(arguments: [
        (["services", "web-1", "middleware", "rate_limit"], "services.web-1.middleware.rate_limit"),
        (["services", "web", "routes", "GET /a.txt"], #"services.web.routes["GET /a.txt"]"#),
        (["a", "", "b"], #"a[""].b"#),
        (["a", #"say "hi" \o"#], #"a["say \"hi\" \\o"]"#),
        (["größe"], #"["größe"]"#),
    ])
    func isWrittenAsSetReadsIt(_ names: [String], _ path: String) {
        let place = names.reduce(ManifestPlace.root) { $0.key($1) }
        #expect(String(decoding: place.path, as: UTF8.self) == path)
    }

    @Test func keysThatLookAlikeAreTwo() {
        #expect(ManifestPlace.root.key("\u{E9}") != ManifestPlace.root.key("e\u{301}"))
        #expect(ManifestPlace.root.key("a.b") != ManifestPlace.root.key("a").key("b"))
        #expect(ManifestPlace.root.key("a[0]") != ManifestPlace.root.key("a").item(0))
    }
}
