import CEL
import Catalog
import Diagnostics
import Manifests
import Pipeline

/// What the root or a service says is checked for every route that has it: a path parameter that some of them lack
/// is a mistake that names one of those.
enum SharedExpressions {
    /// Takes over what was found while a route was compiled.
    ///
    /// - Parameter isChain: whether it comes from middleware, which scopes around the route share.
    static func report(_ found: [Finding], of placed: PlacedRoute, isChain: Bool, _ findings: inout Findings) {
        for var finding in found {
            if isAboutPath(finding) {
                // A pattern that cannot be read has been told of; nobody knows its wildcards.
                if placed.patterns.isEmpty { continue }
                if !isOwn(finding, of: placed, isChain: isChain) {
                    name(placed, in: &finding)
                } else if placed.patterns.allSatisfy(\.wildcardNames.isEmpty) {
                    finding.help =
                        "the pattern has no wildcards; write `{\(text(finding))}` where it stands in the path"
                }
            }
            if let method = placed.method, isExpression(finding), !isOwn(finding, of: placed, isChain: isChain) {
                finding.related.append(
                    Finding.Related(placed.key.whole, "it is checked for this method, `\(method.fullName)`"))
                finding.help =
                    (finding.help.map { $0 + "; " } ?? "")
                    + "what only some methods have can stand on those alone, and a metric says `on`"
            }
            findings.report(finding)
        }
    }

    private static func isExpression(_ finding: Finding) -> Bool {
        ExpressionRules.all.contains { $0.id == finding.rule.id }
    }

    /// Whether it depends on the wildcards of the route.
    static func isAboutPath(_ finding: Finding) -> Bool {
        finding.rule.id == ExpressionRules.unknownName.id && finding.message.hasPrefix("unknown \(noun) ")
    }

    private static let noun: String = {
        Names.route(wildcards: [], hasBody: false).roots.first { $0.name == "path" }?.noun ?? "path parameter"
    }()

    /// Whether the route says it itself. What an alias stands for was said before, elsewhere.
    private static func isOwn(_ finding: Finding, of placed: PlacedRoute, isChain: Bool) -> Bool {
        // Of a route that several files make, each part stands in its own file.
        let isElsewhere = finding.range.source !== placed.key.whole.source
        guard isElsewhere || finding.range.start > placed.key.whole.start else { return false }
        guard isChain else { return true }
        guard let own = placed.middleware.node?.range else { return false }
        return own.source === finding.range.source && own.start <= finding.range.start
            && finding.range.end <= own.end
    }

    /// What the finding is about, as written.
    private static func text(_ finding: Finding) -> String {
        String(decoding: finding.range.source.bytes[finding.range.start..<finding.range.end], as: UTF8.self)
    }

    private static func name(_ placed: PlacedRoute, in finding: inout Finding) {
        let name = text(finding)
        finding.help =
            "the route `\(placed.key.string)` has no such wildcard; where it may be missing, write `path.?\(name)`"
        // What would be right for this route would be wrong for another one.
        finding.suggestion = nil
        finding.related = [Finding.Related(placed.key.whole, "this route has no `{\(name)}`")]
    }
}
