import Compiler
import Diagnostics
import Testing

/// Tests/Golden/lint: manifests, and what lint says of them to a person. A rule's file has what the rule can say.
@Suite struct GoldenLintTests {
    private static let folder = GoldenFolder("lint")

    private static func linted(_ name: String) -> Linted {
        Linted(Source(name: "\(name).yaml", bytes: folder.read("\(name).yaml") ?? []))
    }

    @Test(arguments: folder.names(ending: ".yaml")) func saysAsBefore(_ name: String) {
        let linted = Self.linted(name)
        #expect(!linted.findings.isEmpty, "a manifest here has mistakes")
        let unlisted = Set(linted.rules).subtracting(Rules.all.map(\.id))
        #expect(unlisted.isEmpty, "`explain` does not know \(unlisted)")
        Self.folder.expect(linted.human, in: "\(name).txt")
    }

    @Test(arguments: folder.names(ending: ".txt")) func noTextIsLeftOver(_ name: String) {
        #expect(Self.folder.read("\(name).yaml") != nil, "there is no \(name).yaml")
    }

    @Test(arguments: Rules.manifests) func everyRuleIsShown(_ rule: Rule) {
        #expect(Self.folder.read("\(rule.id).yaml") != nil, "there is no \(rule.id).yaml in Tests/Golden/lint")
        #expect(Self.linted(rule.id).rules.contains(rule.id))
    }

    @Test(arguments: folder.names(ending: ".json")) func saysAsBeforeToPrograms(_ name: String) {
        Self.folder.expect(Self.linted(name).json, in: "\(name).json")
    }

    /// A suggestion replaces exactly what the finding covers, and the finding is gone then.
    @Test(arguments: folder.names(ending: ".yaml")) func suggestionsMend(_ name: String) {
        for finding in Self.linted(name).findings {
            guard let suggestion = finding.suggestion else { continue }
            let bytes = finding.range.source.bytes
            let mended = bytes[..<finding.range.start] + Array(suggestion.utf8) + bytes[finding.range.end...]
            let after = Linted(Source(name: "\(name).yaml", bytes: Array(mended)))
            let isStillThere = after.findings.contains {
                $0.rule.id == finding.rule.id && $0.range.from == finding.range.from && $0.message == finding.message
            }
            #expect(!isStillThere, "\(finding.message)\n\(after.human)")
            let isYAML = !after.rules.contains("yaml-syntax")
            #expect(isYAML || Self.linted(name).rules.contains("yaml-syntax"), "\(finding.message)\n\(after.human)")
        }
    }

    /// What a person reads at night: no capital, no full stop, help for every mistake, and a suggestion that is not
    /// what stands there already.
    @Test(arguments: folder.names(ending: ".yaml")) func isInTheHouseStyle(_ name: String) {
        for finding in Self.linted(name).findings {
            #expect(finding.message.first?.isUppercase == false, "\(finding.message)")
            #expect(!finding.message.hasSuffix("."), "\(finding.message)")
            // What is wrong in a .proto file has goldens of its own, and says what it expected.
            let isOfProto = Rules.protos.contains { $0.id == finding.rule.id }
            #expect(isOfProto || finding.help != nil || finding.label != nil, "no help: \(finding.message)")
            #expect(finding.help?.hasSuffix(".") != true, "\(finding.help ?? "")")
            let covered = Array(finding.range.source.bytes[finding.range.start..<finding.range.end])
            #expect(finding.suggestion.map { Array($0.utf8) } != covered, "\(finding.message)")
        }
    }
}
