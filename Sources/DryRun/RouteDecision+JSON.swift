import Compiler
package import JSON
import Pipeline

/// A decision for programs, with the version of the routes' own shape; keys may be added within one.
extension RouteDecision {
    package func json(into out: inout ByteWriter) {
        JSONValue.object([
            ("version", .int(Int64(RouteSummary.version))),
            ("request", requestJSON),
            ("outcome", .string(outcome.rawValue)),
            ("answer", answerJSON),
            ("call", callJSON),
            ("pattern", pattern.map { .string($0.description) } ?? .null),
            ("route", route?.json ?? .null),
            ("wildcards", .object(wildcards.map { ($0.name, .string($0.value)) })),
            ("cases", .array(cases.map(\.json))),
            ("middleware", .array(stages.map(\.json))),
            (
                "next",
                next.map { .object([("pattern", .string($0.pattern.description))] + $0.route.place.json) } ?? .null
            ),
            ("others", .array(others.map(json))),
        ]).write(indentedTo: &out)
        out.append("\n" as StaticString)
    }

    private var requestJSON: JSONValue {
        .object([
            ("method", .string(request.method)), ("target", .string(request.target)), ("host", .string(request.host)),
            ("tls", .bool(request.isTLS)), ("client", .string(request.client)),
            ("headers", .array(request.fields.map { .array([.string($0.name), .string($0.value)]) })),
            ("body_size", .int(Int64(request.body.count))),
        ])
    }

    private var callJSON: JSONValue {
        guard face.isCall, let method = route?.method else { return .null }
        return .object([
            ("protocol", .string("\(face.protocolName)")), ("method", .string(method.fullName)),
            ("code", optional(code.map { "\($0.name)" })),
        ])
    }

    private var answerJSON: JSONValue {
        .object([
            ("status", status.map { .int(Int64($0)) } ?? .null),
            ("responder", optional(refusedBy == nil ? responder : nil)),
            ("case", chosenCase > 0 ? .int(Int64(chosenCase)) : .null), ("refused_by", optional(refusedBy)),
            ("message", optional(message)), ("location", optional(location)), ("allow", optional(allow)),
        ])
    }

    private func json(_ other: Other) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("pattern", .string(other.pattern.description)), ("service", .string(other.route.service)),
        ]
        members += other.route.place.json
        var segment: Int?
        let reason: String
        switch other.reason {
        case .isWider(_, let advantage):
            reason = "less_specific"
            if case .segment(let place) = advantage { segment = place }
        case .doesNotTake(let fit):
            switch fit.path {
            case .takes: reason = fit.takesMethod ? "host" : "method"
            case .lacksSlash: reason = "slash"
            case .differs(let place), .ends(let place), .goesOn(let place):
                reason = "path"
                segment = place
            }
        }
        members.append(("reason", .string(reason)))
        members.append(("segment", segment.map { .int(Int64($0 + 1)) } ?? .null))
        members.append(("words", .string(words(other))))
        return .object(members)
    }
}

private func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

extension RouteDecision.Case {
    fileprivate var json: JSONValue {
        var result = JSONValue.null
        var error: String?
        switch self.result {
        case nil: break
        case .success(let truth)?: result = .bool(truth)
        case .failure(let wrong)?: error = wrong.message
        }
        return .object(
            [
                ("when", .string(summary.when)), ("result", result), ("error", optional(error)),
                ("chosen", .bool(isChosen)), ("responder", .string(summary.responder)),
            ] + (summary.place?.json ?? []))
    }
}

extension RouteDecision.Stage {
    fileprivate var json: JSONValue {
        var words: String?
        let act: String
        switch self.act {
        case .passes: act = "passes"
        case .foretold(let text):
            act = "depends"
            words = text
        case .waits: act = "waits"
        case .refuses: act = "refuses"
        case .answers: act = "answers"
        case .wouldRefuse: act = "would_refuse"
        case .staysOut: act = "stays_out"
        case .cuts: act = "cuts"
        case .isNotReached: act = "not_reached"
        case .isNotAsked: act = "not_asked"
        }
        return .object(summary.json + [("act", .string(act)), ("words", optional(words))])
    }
}
