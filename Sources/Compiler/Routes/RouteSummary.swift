import CEL
import Catalog
package import Diagnostics
package import JSON
import Manifests
package import Pipeline

/// What is served under one pattern of the manifest, for people and programs.
package struct RouteSummary: Sendable {
    package struct Case: Sendable {
        /// The condition as written.
        package let when: String
        package let responder: String
        package let place: SourceRange?
    }

    /// One for each host of the service; the plan's router has those of all routes in this order.
    package let patterns: [RoutePattern]
    package let service: String
    package let place: SourceRange
    package let responder: String
    package let responderPlace: SourceRange
    package let cases: [Case]
    /// The method that it is; nil for an HTTP route.
    package let method: RPCMethod?
    /// In the order of the chain.
    package let chain: [StageSummary]
    /// How HTTP with JSON reaches it, if it is a method.
    package let bindings: [HTTPBinding]
    /// What the manifest says of it; nil for a method that it does not name.
    let answer: (any AnsweringSection)?
    let errors: ErrorPages

    /// What stands for the responder of a method that the manifest does not name.
    static let unserved = "unimplemented"

    /// False for a method that the manifest does not name.
    package var isAnswered: Bool { method == nil || responder != Self.unserved }

    /// `*` for every method; `gRPC` for the methods of services.
    package var verb: String { method == nil ? patterns.first?.method ?? "*" : "gRPC" }
    package var path: String { patterns.first?.path ?? "" }
    /// Empty for every host.
    package var hosts: [String] {
        patterns.compactMap { $0.host?.description }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    /// The same as one text.
    package var host: String { hosts.joined(separator: ",") }
    package var stages: [String] { chain.map(\.shownName) }
    /// The pattern on every host of its service: `GET /v1/orders/{id}`.
    package var pattern: String {
        method?.fullName
            ?? (patterns.count == 1 ? patterns[0].description : (verb == "*" ? "" : verb + " ") + path)
    }

    /// Columns as wide as their widest cell; hosts only where there are any. A method has a row for each of its HTTP rules.
    package static func table(_ routes: [RouteSummary], into out: inout ByteWriter) {
        let hasHosts = routes.contains { !$0.hosts.isEmpty }
        var rows = [["METHOD"] + (hasHosts ? ["HOST"] : []) + ["PATH", "SERVICE", "RESPONDER", "MIDDLEWARE"]]
        for route in routes {
            let host = hasHosts ? [route.host.isEmpty ? "*" : route.host] : []
            let ways = [(route.verb, route.path)] + route.bindings.map { ($0.rule.method ?? "*", $0.rule.template) }
            for (verb, path) in ways {
                rows.append(
                    [verb] + host + [path, route.service, route.responder, route.stages.joined(separator: " > ")])
            }
        }
        out.append(TextTable.text(rows))
    }
}

extension RouteSummary.Case {
    init(_ section: any AnswerCase, _ range: SourceRange?) {
        when = section.when.map { String(decoding: $0.text.bytes, as: UTF8.self) } ?? ""
        responder = section.responderName
        place = section.when?.text.whole ?? range
    }
}
