package import Diagnostics
import JSON
import Pipeline

/// What became of a wish to reload.
package enum ReloadOutcome: Sendable {
    case inForce(generation: Int)
    /// Why, for people; and the mistakes, if those are the reason.
    case refused(String, [Finding])
}

/// `/debug/reload`: takes the manifest's files over, or says why not.
package struct ReloadEndpoint: Endpoint {
    package typealias Reload = @Sendable (_ done: @escaping @Sendable (ReloadOutcome) -> Void) -> Void

    package let path = "/debug/reload"
    package let methods = ["POST"]
    package let about =
        "POST reads the manifest again, as SIGHUP does; it is put in force, or what is wrong with it is told"
    private let reload: Reload

    package init(_ reload: @escaping Reload) { self.reload = reload }

    package func reply(to request: AdminRequest) -> AdminReply {
        let isJSON = request.form(.text, .json) == .json
        return .later { [reload] done in
            reload { outcome in done(isJSON ? Self.json(outcome) : Self.text(outcome)) }
        }
    }

    /// 422 for a manifest with mistakes, 409 for one that cannot be put in force here and now.
    private static func status(_ findings: [Finding]) -> Int { findings.isEmpty ? 409 : 422 }

    private static func text(_ outcome: ReloadOutcome) -> AdminAnswer {
        switch outcome {
        case .inForce(let generation): .text("generation \(generation) is in force\n")
        case .refused(let reason, let findings):
            .text(
                "not reloaded, the manifest before stays in force\n\(uncoloured(reason, findings))\n",
                status: status(findings))
        }
    }

    private static func uncoloured(_ reason: String, _ findings: [Finding]) -> String {
        guard !findings.isEmpty else { return reason }
        var out = ByteWriter(capacity: 4096)
        HumanRenderer().render(findings, to: &out)
        return String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(findings)
    }

    private static func json(_ outcome: ReloadOutcome) -> AdminAnswer {
        switch outcome {
        case .inForce(let generation):
            return .json(.object([("status", .string("in_force")), ("generation", .int(Int64(generation)))]))
        case .refused(let reason, let findings):
            let list = findings.map { finding in
                JSONValue.object(
                    [
                        ("rule", .string(finding.rule.id)), ("level", .string(finding.level.rawValue)),
                        ("message", .string(finding.message)),
                    ] + finding.place)
            }
            let first = findings.first { $0.level == .error }?.message ?? reason
            return .json(
                .object([("status", .string("refused")), ("reason", .string(first)), ("findings", .array(list))]),
                status: status(findings))
        }
    }
}

extension Finding {
    fileprivate var place: [(String, JSONValue)] {
        let place = range.from
        return [
            ("file", .string(range.source.name)), ("line", .int(Int64(place.line))),
            ("column", .int(Int64(place.column))),
        ]
    }
}
