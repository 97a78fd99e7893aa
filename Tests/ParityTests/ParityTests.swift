import Calling
import Pipeline
import Testing

/// docs/reference/protocols.md says what became of each feature over each protocol. `make reference` rewrites it.
@Suite struct ParityTests {
    @Test func pageIsFresh() {
        let page = ParityPage()
        for failure in page.failures { Issue.record("\(failure)") }
        GoldenFolder("../../docs/reference").expect(page.text, in: "protocols.md")
    }
}
