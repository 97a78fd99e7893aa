import CEL
import Compiler
import Diagnostics
import Manifests
import Testing

/// `radicled explain`. Tests/Golden/explain has some of it to read.
@Suite struct ExplainTests {
    private static let folder = GoldenFolder("explain")
    static let shown = [
        "timeout", "limits.idle", "template", "template.status", "routes", "fault", "delay", "listen", "middleware",
        "middleware.headers", "middleware.access_log.format", "services", "unknown-key", "yaml-hole", "route-conflict",
        "request", "headers", "sha256", "trim", "methods", "proto", "unknown-field", "proto-type",
    ]

    @Test(arguments: shown) func saysAsBefore(_ word: String) throws {
        Self.folder.expect(try #require(Explanation.text(of: word)), in: "\(word).txt")
    }

    @Test func listsAsBefore() {
        Self.folder.expect(Explanation.list(), in: "list.txt")
    }

    @Test(arguments: folder.names(ending: ".txt")) func noTextIsLeftOver(_ name: String) {
        #expect(name == "list" || Self.shown.contains(name), "nothing shows \(name).txt")
    }

    @Test(arguments: KeyIndex.shared.entries.map(\.title)) func everyKeyIsExplained(_ title: String) throws {
        let text = try #require(Explanation.text(of: title))
        #expect(text.hasPrefix(title + "\n"))
        let keys = KeyIndex.shared.entries.filter { $0.title == title }
        #expect(keys.count == 1, "\(title) names \(keys.count) keys")
        #expect(Explanation.list().contains("  \(title) "))
        for key in keys { #expect(text.contains(String(key.field.doc.prefix(30)))) }
    }

    /// The manifest that explain shows for a key is one that lint accepts, and says the key.
    @Test(arguments: KeyIndex.shared.entries.map(\.title)) func everyExampleIsAManifest(_ title: String) throws {
        for key in KeyIndex.shared.find(title) where key.field.example != nil {
            let text = try #require(ExampleManifest.text(key), "no manifest could be made for \(title)")
            #expect(text.contains("\(key.field.name):"))
            let rules = Linted(text).rules.filter { !["missing-file", "cannot-open"].contains($0) }
            #expect(rules.isEmpty, "\(text)\n\(Linted(text).human)")
        }
    }

    @Test(arguments: Rules.all) func everyRuleIsExplained(_ rule: Rule) throws {
        let text = try #require(Explanation.text(of: rule.id))
        #expect(text.hasPrefix("\(rule.level.rawValue)[\(rule.id)]: \(rule.summary)\n"))
        #expect(text.contains("-->"), "what lint says is missing")
        #expect(Explanation.list().contains("  \(rule.id) "))
    }

    @Test(arguments: [
        ("services.web.prefix", ["prefix"]), ("services.prefix", ["prefix"]), ("prefix", ["prefix"]),
        ("middleware.timeout", ["middleware.timeout"]), ("timeout.default", ["middleware.timeout.default"]),
        ("services.web.routes.GET /a.template.text", ["template.text"]),
        ("response.set", ["middleware.headers.request.set"]),
    ])
    func pathsNameKeys(_ path: String, _ titles: [String]) {
        #expect(KeyIndex.shared.find(path).map(\.title) == titles)
    }

    @Test(arguments: [
        ("tiemout", "timeout"), ("limits.idel", "limits.idle"), ("unknown-kye", "unknown-key"),
        ("server.idle", "limits.idle"), ("reqest.method", "request.method"), ("json.encoed", "json.encode"),
        ("limits.header_feild", "limits.header_field"),
    ])
    func wordsThatWereMeantAreNamed(_ word: String, _ meant: String) {
        #expect(Explanation.text(of: word) == nil)
        #expect(Explanation.suggestion(for: word) == meant)
    }

    @Test(arguments: ExpressionReference.names.map(\.title)) func everyNameIsExplained(_ title: String) throws {
        #expect(try #require(Explanation.text(of: title)).contains("a name in expressions"))
        #expect(Explanation.list().contains("  \(title) "))
    }

    @Test(arguments: FunctionReference.all.map(\.name)) func everyFunctionIsExplained(_ name: String) throws {
        #expect(try #require(Explanation.text(of: name)).contains("a function in expressions"))
        #expect(Explanation.text(of: name + "()") != nil)
    }

    @Test(arguments: ["", ".", "zzzzzzzz", "a.b.c", "\u{1B}[31m", "timeout."]) func nonsenseIsNothing(_ word: String) {
        #expect(Explanation.text(of: word) == nil)
    }

    @Test func colourIsBoldAndNothingElse() throws {
        let plain = try #require(Explanation.text(of: "timeout"))
        let coloured = try #require(Explanation.text(of: "timeout", inColour: true))
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("\u{1B}[1m"))
        #expect(coloured.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "") == plain)
    }
}
