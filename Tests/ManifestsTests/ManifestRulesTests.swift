import Diagnostics
import Manifests
import Testing

@Suite struct ManifestRulesTests {
    /// Those about what is around a manifest need files and flags: their examples are linted with the whole program.
    private static let alone = ManifestRules.all.map(\.id).filter { id in
        !(EnvironmentRules.all + IncludeRules.all).contains { $0.id == id }
    }

    @Test(arguments: alone) func itsExampleBreaksItAndTheOtherDoesNot(_ id: String) throws {
        let rule = try #require(ManifestRules.all.first { $0.id == id })
        #expect(Decoding<Sample>(rule.bad).findings.map(\.rule.id).contains(id))
        #expect(!Decoding<Sample>(rule.good).findings.map(\.rule.id).contains(id))
        #expect(Decoding<Sample>(rule.good).told == [])
    }

    @Test(arguments: ManifestRules.all.map(\.id)) func itIsExplained(_ id: String) throws {
        let rule = try #require(ManifestRules.all.first { $0.id == id })
        #expect(rule.id.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x61...0x7A).contains($0) })
        #expect(!rule.summary.isEmpty && !rule.summary.hasSuffix("."))
        #expect(rule.explanation.utf8.count > 80 && rule.explanation.hasSuffix("."))
    }

    @Test func theirIDsAreUnique() {
        #expect(Set(ManifestRules.all.map(\.id)).count == ManifestRules.all.count)
    }

    /// Single mistakes as people make them, each told at its exact line and column.
    static let mistakes: [(String, String)] = [
        ("radicle: 1\nlistn: ':80'", "2:1 unknown-key listn"),
        ("radicle: 1\nservices: { web: { routs: {} } }", "2:20 unknown-key routs"),
        ("radicle: 1\nservices:\n  web:\n    routes:\n      GET /a:\n        templat: hi", "6:9 unknown-key templat"),
        ("radicle: 1\nworkers: many", "2:10 wrong-type many"),
        ("radicle: 1\nshutdown:\n  grace: 5sec", "3:10 bad-duration 5sec"),
        ("radicle: 1\nmiddleware: { body_limit: lots }", "2:27 bad-size lots"),
        ("radicle: 1\nlisten: 0.0.0.0:99999", "2:17 bad-address 99999"),
        ("radicle: 1\nmiddleware:\n  access_log: jsn", "3:15 unknown-choice jsn"),
        ("radicle: 1\nworkers: 1\nworkers: 2", "3:1 duplicate-key workers"), ("name: x", "1:1 missing-key name"),
        ("radicle: 1\nname: \"x\nworkers: 2", "2:7 yaml-quote \"x"),
        ("radicle: 1\nlimits: { idle: 5s\nworkers: 2", "2:9 yaml-bracket {"),
        ("radicle: 1\nname: a\n workers: 2", "3:2 yaml-indent workers"),
        ("radicle: 1\nworkers: 0", "2:10 out-of-range 0"), ("radicle: 1\nname: *greeter", "2:7 yaml-alias *greeter"),
        ("radicle: 1\nname: {{ x }}", "2:7 yaml-hole {{ x }}"),
        ("radicle: 1\nname: a: b", "2:7 yaml-colon a: b"), ("radicle: 2", "1:10 out-of-range 2"),
        ("radicle: 1\ntimeout: 2s", "2:1 unknown-key timeout"), ("radicle: 1\nlimits:\n\tidle: 5s", "3:1 yaml-tab \t"),
        ("radicle: 1\nservices:\n  web:\n   routes: {}\n  prefix: x", "5:11 wrong-type x"),
    ]

    @Test(arguments: mistakes) func mistakesHaveTheirExactPlace(_ text: String, _ told: String) {
        #expect(Decoding<Sample>(text).told == [told])
    }
}
