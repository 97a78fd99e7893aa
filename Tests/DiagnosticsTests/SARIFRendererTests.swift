import Diagnostics
import JSON
import Testing

@Suite struct SARIFRendererTests {
    private func run(_ findings: [Finding]) throws -> JSONValue {
        var writer = ByteWriter()
        SARIFRenderer.render(findings, version: "1.2", to: &writer)
        let log = try JSONReader.read(writer.bytes).get()
        #expect(log["version"] == .string("2.1.0"))
        guard case .array(let runs)? = log["runs"], let run = runs.first, runs.count == 1 else {
            Issue.record("one run")
            return .null
        }
        return run
    }

    @Test func aFindingIsAResultWithItsRuleAndItsFix() throws {
        let source = Source(name: "a b.yaml", text: "a: 1\nbb: 1\n")
        let run = try run([
            Finding(oddValue, "m", at: place("1", in: source)),
            Finding(
                unknownKey, "n", at: place("bb", in: source), help: "do", suggestion: "b",
                related: [Finding.Related(place("a", in: source), "there")]),
        ])
        #expect(run["columnKind"] == .string("unicodeCodePoints"))
        let driver = run["tool"]?["driver"]
        #expect(driver?["version"] == .string("1.2"))
        guard case .array(let rules)? = driver?["rules"], case .array(let results)? = run["results"] else {
            Issue.record("rules and results")
            return
        }
        #expect(rules.map { $0["id"] } == [.string("odd-value"), .string("unknown-key")])
        #expect(results.map { $0["level"] } == [.string("warning"), .string("error")])
        let result = results[1]
        #expect(result["ruleIndex"] == .int(1))
        #expect(result["message"]?["text"] == .string("n; do"))
        guard case .array(let places)? = result["locations"], let place = places.first?["physicalLocation"] else {
            Issue.record("a place")
            return
        }
        #expect(place["artifactLocation"]?["uri"] == .string("a%20b.yaml"))
        #expect(place["region"]?["startLine"] == .int(2))
        #expect(place["region"]?["endColumn"] == .int(3))
        #expect(result["relatedLocations"] != nil)
        #expect(result["fixes"] != nil)
        #expect(results[0]["fixes"] == nil)
    }

    @Test func noneIsAnEmptyRun() throws {
        #expect(try run([])["results"] == .array([]))
    }
}
