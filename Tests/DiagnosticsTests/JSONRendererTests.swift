import Diagnostics
import Testing

@Suite struct JSONRendererTests {
    @Test func theShapeIsThePromise() {
        let source = Source(name: "é.yaml", text: "a: \"é\"\nbb: 1\n")
        let findings = [
            Finding(
                unknownKey, "say \"hi\"", at: place("\"é\"", in: source), help: "do", suggestion: "x",
                related: [Finding.Related(place("bb", in: source), "there")]),
            Finding(oddValue, "m", at: place("bb: 1\n", in: source)),
        ]
        #expect(
            json(findings) == #"{"version":1,"findings":["#
                + #"{"rule":"unknown-key","level":"error","message":"say \"hi\"","file":"é.yaml","line":1,"column":4,"#
                + #""end_line":1,"end_column":7,"help":"do","suggestion":"x","related":[{"file":"é.yaml","line":2,"column":1,"message":"there"}]},"#
                + #"{"rule":"odd-value","level":"warning","message":"m","file":"é.yaml","line":2,"column":1,"#
                + #""end_line":3,"end_column":1,"help":null,"suggestion":null,"related":[]}]}"# + "\n")
    }

    @Test func noneIsAnEmptyList() {
        #expect(json([]) == "{\"version\":1,\"findings\":[]}\n")
    }
}
