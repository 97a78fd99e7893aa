import Calling
import Compiler
import Diagnostics
import Manifests

@testable import Examples

extension Surroundings {
    /// Values from outside that no report may show.
    static let secret: Surroundings = {
        var surroundings = Surroundings.examples
        let variables = [
            "TOKEN": "s3cret/token", "LINES": "s3cret\nline", "LONG": String(repeating: "s3cret ", count: 500),
        ]
        surroundings.variable = { name in variables[name].map { Array($0.utf8) } }
        return surroundings
    }()
}

extension TestRun {
    /// The examples of one text, in no time at all.
    init(_ text: String, name: String = "a.yaml", filter: String? = nil, speaking speech: CallProtocol = .grpc) {
        self.init(filter: filter, speaking: speech, measure: { 0 })
        add(text, name: name)
    }

    mutating func add(_ text: String, name: String) {
        var findings = Findings()
        let source = Source(name: name, text: text)
        let loading = Loading([source], in: .secret, &findings)
        add(loading, name: name, findings)
    }

    var results: [ExampleResult] { files.flatMap(\.results) }
    /// What was not as expected, a line for each.
    var differences: [String] { results.flatMap(\.differences).map { "\($0.at): \($0.message)" } }
    /// What lint says instead.
    var findings: [String] { files.flatMap(\.findings).map { "\($0.rule.id): \($0.message)" } }
}

/// A manifest of one route, with one example.
func manifest(_ route: String = "GET /a", _ keys: String, _ example: String, top: String = "") -> String {
    """
    radicle: 1
    \(top)
    services:
      web:
        routes:
          \(route):
            \(keys.replacing("\n", with: "\n        "))
            examples:
              - \(example)
    """
}
