import Diagnostics
import Testing

@Suite struct FindingsTests {
    @Test func theyAreInTheOrderOfTheFilesAndPlaces() {
        let (a, b) = (Source(name: "b.yaml", text: "xxxxxx"), Source(name: "a.yaml", text: "xxxxxx"))
        var findings = Findings()
        for (message, source, start, end) in [
            ("3", a, 4, 5), ("5", b, 1, 2), ("1", a, 0, 1), ("2", a, 0, 3), ("4", b, 0, 1),
        ] {
            findings.report(unknownKey, message, at: SourceRange(source, start, end))
        }
        #expect(findings.ordered().map(\.message) == ["1", "2", "3", "4", "5"])
        #expect(findings.count == 5)
    }

    @Test func thoseOfOnePlaceKeepTheirOrder() {
        let source = Source(name: "m", text: "x")
        var findings = Findings()
        for message in ["b", "a", "c"] { findings.report(unknownKey, message, at: SourceRange(source, 0, 1)) }
        #expect(findings.ordered().map(\.message) == ["b", "a", "c"])
    }

    @Test func theSameIsToldOnce() {
        let source = Source(name: "m", text: "xy")
        var findings = Findings()
        for _ in 0..<3 { findings.report(unknownKey, "a", at: SourceRange(source, 0, 1)) }
        findings.report(oddValue, "a", at: SourceRange(source, 0, 1))
        findings.report(unknownKey, "a", at: SourceRange(source, 1, 2))
        #expect(findings.count == 3)
    }

    @Test func warningsAreNoErrors() {
        let range = SourceRange(Source(name: "m", text: "x"), 0, 1)
        var findings = Findings()
        let empty = findings.isEmpty
        #expect(empty)
        findings.report(oddValue, "a", at: range)
        let before = findings.hasErrors
        findings.report(unknownKey, "a", at: range)
        let after = findings.hasErrors
        #expect(!before && after)
    }
}
