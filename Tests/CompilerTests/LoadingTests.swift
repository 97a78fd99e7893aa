import Catalog
import Compiler
import Diagnostics
import Manifests
import Pipeline
import Testing

@Suite struct LoadingTests {
    private static let base = """
        radicle: 1
        name: base
        workers: 2
        middleware: { timeout: 1s, concurrency: { limit: 5, queue: 9 } }
        services:
          web:
            host: [a.example, b.example]
            routes:
              GET /a: { template: a }
              GET /b: { template: { json: { x: 1, y: 2 } } }

        """

    /// Loads the base with files over it and overrides over those.
    private struct Loaded {
        let compilation: Compilation
        let findings: [Finding]

        init(_ files: [String], overrides: [String] = [], _ variables: [String: String] = [:]) {
            var surroundings = Surroundings.examples
            surroundings.variable = { name in variables[name].map { Array($0.utf8) } }
            let names = ["base.yaml", "over.yaml", "more.yaml"]
            let sources = zip(names, files).map { Source(name: $0, text: $1) }
            var findings = Findings()
            let loading = Loading(sources, overrides: overrides, in: surroundings, &findings)
            compilation = Compilation(loading, &findings)
            self.findings = findings.ordered()
        }

        var told: [String] { findings.map { "\($0.rule.id) \($0.range.source.name):\($0.range.from.line)" } }
        var routes: [String] { compilation.routes.map(\.path) }
        func stages(of path: String) -> [String] { compilation.routes.first { $0.path == path }?.stages ?? [] }
    }

    @Test func laterFilesLieOverEarlierOnes() {
        let loaded = Loaded([
            LoadingTests.base, "workers: 4\nservices: { web: { routes: { GET /c: { template: c } } } }",
            "name: more\nservices: { web: { host: c.example } }",
        ])
        #expect(loaded.told == [])
        #expect(loaded.routes == ["/a", "/b", "/c"])
        #expect(loaded.compilation.manifest?.workers == 4 && loaded.compilation.manifest?.name == "more")
        #expect(loaded.compilation.routes.allSatisfy { $0.host == "c.example" })
    }

    @Test func offAndListsReplace() {
        let loaded = Loaded([
            LoadingTests.base, "middleware: { timeout: off }\nservices: { web: { host: [x.example] } }",
        ])
        #expect(loaded.told == [])
        #expect(!loaded.stages(of: "/a").contains("timeout"))
        #expect(loaded.compilation.routes.first?.host == "x.example")
    }

    @Test func anOverlayNeedsNoVersion() {
        #expect(Loaded([LoadingTests.base, "x-note: nothing"]).told == [])
        #expect(Loaded(["name: x\n", "radicle: 1"]).told == [])
        #expect(Loaded(["name: x\n", "workers: 1"]).told == ["missing-key base.yaml:1"])
    }

    @Test func theNameIsThatOfTheFirstFile() {
        #expect(Loaded(["radicle: 1", "workers: 1"]).compilation.plan?.name == "base")
    }

    @Test func mistakesNameTheFileThatMakesThem() {
        let loaded = Loaded([
            LoadingTests.base + "lisen: x\n", "workers: many\nservices:\n  web: { routes: { GET /b: { tmplate: x } } }",
        ])
        #expect(Set(loaded.told) == ["unknown-key base.yaml:11", "wrong-type over.yaml:1", "unknown-key over.yaml:3"])
        // A body of each of two files are two bodies.
        let bodies = Loaded([LoadingTests.base, "services: { web: { routes: { GET /b: { template: { text: b } } } } }"])
        #expect(bodies.findings.map(\.rule.id) == ["one-body"])
        #expect(bodies.findings.first?.related.count == 1)
    }

    /// An expression of one file under a pattern of another is still that of its own route.
    @Test func expressionsOfARouteInTwoFilesAreItsOwn() {
        let base = "radicle: 1\nservices: { web: { routes: { GET /a: { template: '{{ path.id }}' } } } }\n"
        let over =
            "# A comment that is long enough to put what follows behind all of the other file, to the very end.\n"
        let delay = "services: { web: { routes: { GET /a: { delay: 1s } } } }\n"
        let loaded = Loaded([base, over + delay])
        #expect(loaded.told == ["unknown-name base.yaml:2"])
        #expect(loaded.findings.first?.help?.contains("the pattern has no wildcards") == true)
    }

    @Test func includesOfEachFileComeFirst() {
        let loaded = Loaded(
            [
                LoadingTests.base,
                "include: parts/pages.yaml\nservices: { web: { routes: { GET /a: { template: z } } } }",
            ])
        #expect(loaded.told == [])
        #expect(loaded.routes == ["/a", "/b", "/about"])
    }

    @Test func whatCannotBeReadLeavesTheRest() {
        #expect(Loaded([LoadingTests.base, "a: ["]).told == ["unknown-key over.yaml:1", "yaml-bracket over.yaml:1"])
        #expect(Loaded([LoadingTests.base, "a\n"]).told == ["wrong-type over.yaml:1"])
        #expect(Loaded([LoadingTests.base + "workers: many\n"], overrides: ["a"]).findings.count == 2)
    }

    // MARK: --set

    @Test func overridesLieOverAllFiles() {
        let loaded = Loaded(
            [LoadingTests.base, "workers: 4"],
            overrides: [
                "workers=8", "name=${NAME}", #"services.web.routes["GET /a"].delay=5ms"#, "middleware.timeout=off",
                "services.extra={ routes: { GET /e: { template: e } } }",
            ], ["NAME": "Ann"])
        #expect(loaded.told == [])
        #expect(loaded.compilation.manifest?.workers == 8 && loaded.compilation.manifest?.name == "Ann")
        #expect(loaded.routes == ["/a", "/b", "/e"])
        #expect(!loaded.stages(of: "/a").contains("timeout"))
        #expect(loaded.stages(of: "/a").contains("delay"))
    }

    @Test func aLaterOverrideWins() {
        let loaded = Loaded([LoadingTests.base], overrides: ["workers=8", "workers=3"])
        #expect(loaded.compilation.manifest?.workers == 3)
    }

    @Test func overridesAreCheckedAsFilesAre() {
        let loaded = Loaded(
            [LoadingTests.base], overrides: ["workers=none", "middleware.timout=1s", "name", "middleware.timeout=5"])
        #expect(Set(loaded.findings.map(\.rule.id)) == ["wrong-type", "unknown-key", "bad-override", "bad-duration"])
        #expect(loaded.findings.allSatisfy { $0.range.source.name == "--set" })
    }

    // MARK: What came from outside

    /// A responder with `${X}` in it, and a value that is wrong there.
    static let secrets: [(String, String)] = [
        ("{ template: hi, delay: '${X}' }", "77 bananas"), ("{ template: { status: '${X}' } }", "7777"),
        ("{ template: { status: '${X}' } }", "77"), ("{ template: { file: '${X}' } }", "/no/such/secret"),
        ("{ template: { base64: '${X}' } }", "b@nanas"), ("{ redirect: '//${X}' }", "bananas"),
        ("{ redirect: { to: /x, status: '${X}' } }", "7777"),
        ("{ redirect: /x, middleware: { timeout: '${X}' } }", "77q"),
        ("{ template: { text: hi, headers: { a: '${X}' } } }", "ba\nnanas"), ("{ echo: '${X}' }", "bananas"),
        ("{ template: hi, fault: { share: '${X}', cut: true } }", "77777"),
        ("{ template: hi, fault: { share: 1, abort: { code: '${X}' } } }", "UNAVAILABLY"),
        ("{ template: hi, middleware: { body_limit: '${X}' } }", "77 mb"), ("'{{ ${X} }}'", "path.secret"),
        ("{ template: hi, middleware: { access_log: '${X}' } }", "jsno"),
        ("{ template: hi, middleware: { access_log: { output: '${X}' } } }", "stdouts"),
        ("{ template: hi, middleware: { concurrency: '${X}' } }", "77777777777777777777"),
        ("{ template: hi, middleware: { request_id: { header: '${X}' } } }", "x y(z"), ("'${X}'", "bananas"),
    ]

    @Test(arguments: secrets) func findingsDoNotTellValues(_ route: String, _ secret: String) {
        let text = "radicle: 1\nservices:\n  web:\n    routes:\n      GET /a: \(route)\n"
        let loaded = Loaded([text], ["X": secret])
        #expect(!loaded.findings.isEmpty)
        for finding in loaded.findings {
            let words = [finding.message, finding.label, finding.help, finding.suggestion].compactMap { $0 }
            let related = finding.related.map(\.message)
            for word in words + related {
                #expect(!word.contains(secret), "\(word)")
                for part in secret.split(separator: " ") where part.utf8.count > 3 {
                    #expect(!word.contains(part), "\(word)")
                }
            }
            #expect(finding.help != nil || finding.label != nil, "\(finding.message)")
        }
    }

    static let addresses = [
        "bananas", "ba nanas:80", "bananas:99999", "bananas:x1y2", "http://bananas:80", "[bananas]:80", "1:2:3",
    ]

    @Test(arguments: addresses) func addressesDoNotTellValues(_ secret: String) {
        for text in ["radicle: 1\nlisten: ${X}\n", "radicle: 1\nservices: { a: { host: '${X}', routes: {} } }\n"] {
            for finding in Loaded([text], ["X": secret]).findings {
                let words = [finding.message, finding.label, finding.help, finding.suggestion].compactMap { $0 }
                #expect(
                    !words.contains { $0.contains("banana") || $0.contains("x1y2") || $0.contains("1:2") }, "\(words)")
            }
        }
    }

    @Test func conflictsDoNotTellHosts() {
        let text = """
            radicle: 1
            services:
              a: { host: '${X}', routes: { 'GET /{x}': { template: a } } }
              b: { host: '${X}', routes: { 'GET /{y}': { template: b } } }

            """
        let findings = Loaded([text], ["X": "secret.internal"]).findings
        #expect(findings.map(\.rule.id) == ["route-conflict"])
        #expect(!findings.contains { $0.message.contains("secret") || $0.help?.contains("secret") == true })
        #expect(findings.first?.message.contains("${X}") == true)
    }

    @Test func bracesFromOutsideAreText() {
        let text = "radicle: 1\nservices: { a: { routes: { GET /a: { template: '${X} {{ call.id }}' } } } }\n"
        #expect(Loaded([text], ["X": "{{ no.such.name }}"]).told == [])
        #expect(Loaded([text], ["X": "{{"]).told == [])
    }

    @Test func anUnknownValueIsToldOfOnce() {
        let text = "radicle: 1\nworkers: ${X}\nlisten: '${X}:1'\nshutdown: { grace: '${X}' }\n"
        #expect(Loaded([text]).findings.map(\.rule.id) == ["unset-variable", "unset-variable", "unset-variable"])
    }
}
