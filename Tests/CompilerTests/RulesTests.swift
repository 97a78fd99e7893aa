import Compiler
import Diagnostics
import Testing

/// Each rule's own examples are linted: what `explain` shows must be true.
@Suite struct RulesTests {
    @Test(arguments: Rules.manifests) func badBreaksTheRule(_ rule: Rule) {
        let linted = Linted(rule.bad)
        #expect(Set(linted.rules) == [rule.id], "\(rule.bad)\n\(linted.human)")
    }

    @Test(arguments: Rules.manifests) func goodIsClean(_ rule: Rule) {
        let linted = Linted(rule.good)
        #expect(linted.findings.isEmpty, "\(rule.good)\n\(linted.human)")
        #expect(linted.compilation.plan != nil)
    }

    @Test func idsAreWordsAndUnique() {
        var seen: Set<String> = []
        for rule in Rules.all {
            #expect(seen.insert(rule.id).inserted, "\(rule.id) is there twice")
            #expect(rule.id.utf8.allSatisfy { $0 == 0x2D || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
        }
    }

    @Test(arguments: Rules.all) func textsAreInTheHouseStyle(_ rule: Rule) {
        #expect(!rule.summary.isEmpty && !rule.summary.hasSuffix("."))
        #expect(rule.summary.first?.isUppercase == false, "\(rule.summary)")
        #expect(rule.explanation.hasSuffix("."), "\(rule.explanation)")
        #expect(rule.bad.hasSuffix("\n") && rule.good.hasSuffix("\n"))
    }
}

extension Rule: CustomTestStringConvertible {
    public var testDescription: String { id }
}
