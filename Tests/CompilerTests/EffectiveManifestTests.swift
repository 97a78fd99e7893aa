import Compiler
import Diagnostics
import JSON
import Manifests
import Testing

/// What `/debug/config` shows, for manifests that a table is made of.
@Suite struct EffectiveManifestTests {
    private static func shown(_ text: String, computed: Node = Node(map: [])) -> String {
        var findings = Findings()
        let source = Source(name: "m.yaml", text: "radicle: 1\n" + text + "\n")
        var out = ByteWriter(capacity: 1024)
        EffectiveManifest(Loading(example: source, &findings), computed: computed).yaml(into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    static let lines: [(manifest: String, lines: [String])] = [
        ("", ["radicle: 1  # m.yaml:1", "name: m  # default", "  address: 127.0.0.1:8080  # default"]),
        ("listen: ':80'", ["  address: \":80\"  # m.yaml:2"]),
        ("listen: { address: ':80' }", ["  address: \":80\"  # m.yaml:2"]),
        ("listen: [':80', ':81']", ["listen: [\":80\", \":81\"]  # m.yaml:2"]),
        ("limits: { idle: 9s }", ["  idle: 9s  # m.yaml:2", "  header_count: 100  # default"]),
        ("admin: { token: abcdef }", ["  token: \"***\"  # m.yaml:2", "  address: 127.0.0.1:9901  # default"]),
        (
            "admin: { token: '${file:/run/secrets/admin}' }",
            ["  token: \"${file:/run/secrets/admin}\"  # environment, m.yaml:2"]
        ),
        ("admin: off", ["admin: off  # m.yaml:2"]), ("", ["probes: off  # default"]),
        ("middleware: { timeout: 2s }", ["  timeout: 2s  # m.yaml:2", "  concurrency: off  # default"]),
        ("middleware: { timeout: off }", ["  timeout: off  # m.yaml:2"]),
        ("middleware: { concurrency: 5 }", ["    limit: 5  # m.yaml:2"]),
        ("", ["  timeout: 30s  # default"]),
        (
            "data: { secrets: { a: '${A:-xyz}', b: plain } }",
            ["    a: \"${A:-xyz}\"  # environment, m.yaml:2", "    b: \"***\"  # m.yaml:2"]
        ),
        (
            "services: { web: { routes: { 'GET /a': { template: \"a\\nb # c\" } } } }",
            ["      GET /a:", "        template: \"a\\nb # c\"  # m.yaml:2"]
        ),
        ("x-mine: 1\nname: 'on'", ["name: on  # m.yaml:3"]), ("name: '7'", ["name: \"7\"  # m.yaml:2"]),
    ]

    @Test(arguments: lines) func valuesHaveTheirOrigins(_ manifest: String, _ lines: [String]) {
        let shown = Self.shown(manifest)
        let own = shown.split(separator: "\n").map(String.init)
        for line in lines { #expect(own.contains(line), "\(line)\n\(shown)") }
    }

    @Test func whatTheProcessMadeIsADefault() {
        let computed = Node(map: [("workers", Node(plain: "4")), ("name", Node(string: "other"))])
        #expect(Self.shown("", computed: computed).contains("workers: 4  # default\n"))
        #expect(Self.shown("workers: 2", computed: computed).contains("workers: 2  # m.yaml:2\n"))
    }

    @Test func secretsOfTheEnvironmentAreNotThere() {
        #expect(!Self.shown("admin: { token: '${file:/run/secrets/admin}' }").contains("45c48"))
        #expect(!Self.shown("admin: { token: abcdef }").contains("abcdef"))
    }
}
