import Compiler
import Diagnostics
import JSON
import Manifests

extension Surroundings {
    /// What golden manifests see: the files of the examples, and variables that each are wrong somewhere.
    static let golden: Surroundings = {
        let variables = [
            "HOST": "secret.internal", "PORT": "99999", "SECONDS": "5", "WORD": "many", "BRACES": "{{ call.id }}",
            "LINES": "one\ntwo", "NUMBER": "70000", "PART": "parts/secret.yaml",
        ]
        var surroundings = Surroundings.examples
        surroundings.variable = { name in variables[name].map { Array($0.utf8) } }
        return surroundings
    }()
}

/// What a run of lint over one text gave.
struct Linted {
    let findings: [Finding]
    let compilation: Compilation

    init(_ source: Source, in surroundings: Surroundings = .golden) {
        var findings = Findings()
        compilation = Compilation(source, in: surroundings, &findings)
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
