import Diagnostics
import Protobuf
import Testing

/// Each rule's own examples are compiled: what `explain` will show must be true.
@Suite struct ProtoRulesTests {
    @Test(arguments: ProtoRules.all) func badBreaksTheRule(_ rule: Rule) {
        let compiled = Compiled(rule.bad)
        #expect(Set(compiled.rules) == [rule.id], "\(rule.bad)\n\(compiled.human)")
    }

    @Test(arguments: ProtoRules.all) func goodIsClean(_ rule: Rule) {
        let compiled = Compiled(rule.good)
        #expect(compiled.findings.isEmpty, "\(rule.good)\n\(compiled.human)")
        #expect(compiled.pool != nil)
    }

    @Test func idsAreUnique() {
        #expect(Set(ProtoRules.all.map(\.id)).count == ProtoRules.all.count)
    }

    @Test(arguments: ProtoRules.all) func textsAreInTheHouseStyle(_ rule: Rule) {
        #expect(!rule.summary.isEmpty && !rule.summary.hasSuffix("."))
        #expect(rule.summary.first?.isUppercase == false, "\(rule.summary)")
        #expect(rule.explanation.hasSuffix("."), "\(rule.explanation)")
        #expect(rule.bad.hasSuffix("\n") && rule.good.hasSuffix("\n"))
    }
}

extension Rule: CustomTestStringConvertible {
    public var testDescription: String { id }
}
