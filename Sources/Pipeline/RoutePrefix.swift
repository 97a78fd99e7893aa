package import Diagnostics

/// The path under which a service's routes stand, as `/api/v1`.
package struct RoutePrefix: Sendable, Hashable {
    /// The decoded literal segments; none if the prefix is `/`.
    package let segments: [[UInt8]]

    /// Reads a service's `prefix`; a trailing slash means nothing.
    package static func parse(_ text: PlacedText, _ findings: inout Findings) -> RoutePrefix? {
        let rule = RouteRules.badPrefix
        guard text.bytes.first == UInt8(ascii: "/") else {
            let meant = "/" + text.string
            findings.report(
                rule, "a prefix starts with `/`",
                at: text.bytes.isEmpty ? text.whole : text.range(0..<text.bytes.count),
                help: text.bytes.isEmpty ? "leave `prefix` out" : "write `\(meant)`",
                suggestion: text.bytes.isEmpty ? nil : meant)
            return nil
        }
        var parser = RouteParser(text, rule)
        guard let segments = parser.path(from: 0, isClean: true, &findings) else { return nil }
        var literals: [[UInt8]] = []
        for segment in segments {
            switch segment {
            case .literal(let bytes): literals.append(bytes)
            case .rest(nil): break
            case .wildcard, .verb, .rest, .restVerb, .end:
                findings.report(
                    rule, "a prefix cannot have wildcards", at: text.range(0..<text.bytes.count),
                    help: "write the wildcard into the patterns of the service's routes")
                return nil
            }
        }
        return RoutePrefix(segments: literals)
    }
}

extension RoutePrefix: CustomStringConvertible {
    package var description: String {
        segments.isEmpty ? "/" : segments.map { "/" + RoutePattern.Segment.escaped($0) }.joined()
    }
}
