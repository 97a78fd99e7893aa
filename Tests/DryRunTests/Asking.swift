import Compiler
import Diagnostics
import DryRun
import JSON
import Pipeline
import Testing

/// Asks a manifest, which must be without mistakes.
func decide(
    _ manifest: String, _ request: String, headers: [String] = [], body: String? = nil,
    client: String = AskedRequest.nearby,
    _ location: Testing.SourceLocation = #_sourceLocation
) throws -> RouteDecision {
    let linted = Linted(Source(name: "a.yaml", text: manifest))
    // Made before it is required: a compilation in words fills pages.
    let made = Rehearsal(linted.compilation)
    let rehearsal = try #require(made, "\(linted.human)", sourceLocation: location)
    return rehearsal.decide(
        try AskedRequest(request, headers: headers, body: body.map { Array($0.utf8) }, client: client))
}

/// A manifest of routes as flow maps: `GET /a: { template: hi }`.
func routes(_ lines: String..., top: String = "") -> String { routes(lines, top: top) }

func routes(_ lines: [String], top: String = "") -> String {
    "radicle: 1\n\(top)\nservices:\n  web:\n    routes:\n" + lines.map { "      \($0)\n" }.joined()
}

extension RouteDecision {
    var reasons: [String: String] {
        Dictionary(others.map { ($0.pattern.description, words($0)) }, uniquingKeysWith: { first, _ in first })
    }

    func act(_ stage: String) -> Act? { stages.first { $0.summary.name == stage }?.act }

    var jsonText: String {
        var out = ByteWriter(capacity: 4096)
        json(into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
