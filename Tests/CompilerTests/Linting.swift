import Compiler
import Diagnostics
import JSON

/// What a run of lint over one text gave.
struct Linted {
    let findings: [Finding]
    let compilation: Compilation

    init(_ source: Source) {
        var findings = Findings()
        compilation = Compilation(source, &findings)
        self.findings = findings.ordered()
    }

    init(_ text: String) {
        self.init(Source(name: "a.yaml", text: text))
    }

    var rules: [String] { findings.map(\.rule.id) }

    /// As a terminal shows it, with the line of the summary.
    var human: String {
        var out = ByteWriter(capacity: 4096)
        HumanRenderer().render(findings, to: &out)
        return String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(findings) + "\n"
    }

    var json: String {
        var out = ByteWriter(capacity: 4096)
        JSONRenderer.render(findings, to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
