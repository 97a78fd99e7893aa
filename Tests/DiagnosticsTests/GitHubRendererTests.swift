import Diagnostics
import Testing

@Suite struct GitHubRendererTests {
    @Test func aFindingIsACommand() {
        let source = Source(name: "a,b.yaml", text: "a: 1\nbb: 1\n")
        let findings = [
            Finding(unknownKey, "100% wrong", at: place("1", in: source), help: "do\nthat"),
            Finding(oddValue, "m", at: place("bb: 1\n", in: source)),
        ]
        #expect(
            github(findings) == """
                ::error file=a%2Cb.yaml,line=1,endLine=1,col=4,endColumn=5,title=unknown-key::100%25 wrong%0Ado%0Athat
                ::warning file=a%2Cb.yaml,line=2,endLine=3,title=odd-value::m

                """)
    }

    @Test func noneIsNothing() {
        #expect(github([]).isEmpty)
    }
}
