import Diagnostics
import Manifests
import Testing

@Suite struct IncludeTests {
    private struct Included {
        let node: Node?
        let findings: [Finding]

        init(_ text: String, name: String = "m.yaml", files: [String: String] = [:]) {
            var include = Include(in: .inMemory(["PART": "b.yaml"], files: files))
            var findings = Findings()
            node = include.read(Source(name: name, text: text), &findings)
            self.findings = findings.ordered()
        }

        var told: [String] { findings.map { "\($0.rule.id) \($0.range.source.name):\($0.range.from.line)" } }
    }

    @Test func servicesAreJoinedByName() {
        let included = Included(
            "include: [a.yaml, b.yaml]\nservices: { x: 1 }",
            files: ["a.yaml": "radicle: 1\nservices: { y: 2 }\nworkers: 4", "b.yaml": "services: { z: 3 }"])
        #expect(included.told == [])
        #expect(render(included.node) == #"{include: ["a.yaml", "b.yaml"], services: {x: 1, y: 2, z: 3}, workers: 4}"#)
    }

    /// Files, the main one's text, what comes out beside `include`.
    static let cases: [(String, [String: String], String)] = [
        ("include: a.yaml", ["a.yaml": "b: 1"], #"{include: "a.yaml", b: 1}"#),
        ("include: '*.yaml'", ["a.yaml": "b: 1", "c.yaml": "d: 2"], #"{include: "*.yaml", b: 1, d: 2}"#),
        ("include: '${PART}'", ["b.yaml": "b: 1"], #"{include: "b.yaml", b: 1}"#),
        ("include: []", [:], "{include: []}"),
        ("include: a.yaml\nservices:", ["a.yaml": "services: { y: 2 }"], #"{include: "a.yaml", services: {y: 2}}"#),
        ("include: a.yaml\nservices: { y: 2 }", ["a.yaml": "services:"], #"{include: "a.yaml", services: {y: 2}}"#),
        ("include: a.yaml\nx-a: 1", ["a.yaml": "x-a: 2\n$schema: z"], #"{include: "a.yaml", x-a: 1}"#),
        ("include: a.yaml", ["a.yaml": "radicle: 1"], #"{include: "a.yaml"}"#),
        ("radicle: 1\ninclude: a.yaml", ["a.yaml": "radicle: 1"], #"{radicle: 1, include: "a.yaml"}"#),
        // A pattern leaves out what is there: the file itself, and what was named.
        ("include: '*.yaml'", ["m.yaml": "q: 1", "a.yaml": "b: 1"], #"{include: "*.yaml", b: 1}"#),
        ("include: [a.yaml, '*.yaml']", ["a.yaml": "b: 1"], #"{include: ["a.yaml", "*.yaml"], b: 1}"#),
        ("include: a.yaml", ["a.yaml": "include: '*.yaml'\nb: 1", "m.yaml": "q: 1"], #"{include: "a.yaml", b: 1}"#),
    ]

    @Test(arguments: cases) func filesAreJoined(_ text: String, _ files: [String: String], _ expected: String) {
        let included = Included(text, files: files)
        #expect(included.told == [])
        #expect(render(included.node) == expected)
    }

    @Test func pathsAreRelativeToTheFileThatSaysThem() {
        let included = Included(
            "include: parts/a.yaml", name: "dir/m.yaml",
            files: [
                "dir/parts/a.yaml": "include: ../b.yaml\na: 1", "dir/parts/../b.yaml": "b: ${file:c}",
                "dir/parts/../c": "2",
            ])
        #expect(included.told == [])
        #expect(render(included.node) == #"{include: "parts/a.yaml", a: 1, b: 2}"#)
        #expect(included.node?["b"]?.range.source.name == "dir/parts/../b.yaml")
    }

    static let mistakes: [(String, [String: String], [String])] = [
        ("include: a.yaml", [:], ["missing-include m.yaml:1"]),
        ("include:\n- a.yaml\n- b.yaml", ["b.yaml": "c: 1"], ["missing-include m.yaml:2"]),
        ("include: 'a/*.yaml'", [:], ["empty-include m.yaml:1"]),
        ("include: { a: 1 }", [:], ["wrong-type m.yaml:1"]), ("include: [[a]]", [:], ["wrong-type m.yaml:1"]),
        ("include:", [:], ["wrong-type m.yaml:1"]), ("include: ${UNSET}", [:], ["unset-variable m.yaml:1"]),
        ("include: a.yaml", ["a.yaml": "[1]"], ["wrong-type a.yaml:1"]),
        ("include: a.yaml", ["a.yaml": "b: ["], ["yaml-bracket a.yaml:1"]),
        ("include: a.yaml", ["a.yaml": ""], ["yaml-empty a.yaml:1"]),
        ("include: a.yaml\nname: x", ["a.yaml": "b: 1\nname: y"], ["defined-twice a.yaml:2"]),
        ("include: [a.yaml, b.yaml]", ["a.yaml": "n: 1", "b.yaml": "n: 2"], ["defined-twice b.yaml:1"]),
        ("include: a.yaml\nservices: { x: 1 }", ["a.yaml": "services: { x: 2 }"], ["defined-twice a.yaml:1"]),
        ("include: a.yaml\nservices: { x: 1 }", ["a.yaml": "services: [x]"], ["wrong-type a.yaml:1"]),
        ("radicle: 1\ninclude: a.yaml", ["a.yaml": "radicle: 2"], ["defined-twice a.yaml:1"]),
        ("include: [a.yaml, ./a.yaml]", ["a.yaml": "b: 1", "./a.yaml": "b: 1"], ["defined-twice m.yaml:1"]),
        ("include: m.yaml", ["m.yaml": "a: 1"], ["include-cycle m.yaml:1"]),
        ("include: x/../m.yaml", ["m.yaml": "a: 1"], ["include-cycle m.yaml:1"]),
        ("include: a.yaml", ["a.yaml": "include: b.yaml", "b.yaml": "include: m.yaml"], ["include-cycle b.yaml:1"]),
    ]

    @Test(arguments: mistakes) func mistakesNameTheirFile(_ text: String, _ files: [String: String], _ told: [String]) {
        let included = Included(text, files: files)
        #expect(included.told == told)
        #expect(included.findings.allSatisfy { $0.help != nil || $0.label != nil })
    }

    @Test func bothPlacesAreNamed() {
        let included = Included(
            "services: { a: 1 }\ninclude: a.yaml", files: ["a.yaml": "services:\n  a: 2"])
        #expect(included.findings.first?.related.map(\.range.source.name) == ["m.yaml"])
        #expect(included.findings.first?.related.map { slice($0.range) } == ["a"])
    }

    @Test func aCycleTellsItsWay() {
        let included = Included("include: a.yaml", files: ["a.yaml": "include: b.yaml", "b.yaml": "include: m.yaml"])
        #expect(included.findings.first?.message == "m.yaml includes itself by way of a.yaml and b.yaml")
        #expect(included.findings.first?.related.map(\.range.source.name) == ["m.yaml", "a.yaml"])
    }

    @Test func depthAndNumberAreBounded() {
        var chain: [String: String] = [:]
        for index in 0..<20 { chain["\(index).yaml"] = "include: \(index + 1).yaml" }
        #expect(Included("include: 0.yaml", files: chain).told == ["include-cycle 7.yaml:1"])

        var many: [String: String] = [:]
        for index in 100..<250 { many["\(index).yaml"] = "services: { s\(index): 1 }" }
        let included = Included("include: '*.yaml'", files: many)
        #expect(included.findings.count == 1 && included.findings.first?.message == "more than 100 files are included")
        #expect(included.node?["services"]?.entries?.count == 100)
    }
}
