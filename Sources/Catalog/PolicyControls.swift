package import CEL
import Diagnostics
import JSON
package import Manifests
import Pipeline

/// `when` and `mode`, the same on each middleware that takes them. No stage knows of them: they are put around it.
package struct PolicyControls: Sendable {
    package var when: Expression?
    package var mode: PolicyMode?

    package init() {}
}

package enum PolicyMode: String, Choice {
    case enforce
    case shadow
}

/// A middleware that can be left to some of the calls.
package protocol ConditionalSection: MiddlewareSection, ManifestSection {
    var controls: PolicyControls { get set }
}

/// A middleware that can refuse a call, and be tried out before it does.
package protocol PolicySection: ConditionalSection {}

extension ConditionalSection {
    package static func whenField(
        doc: String = """
        A condition: the other calls pass as if nothing were written here. It sees what is there at this point: no \
        `body` before that is read. If it fails on what the client sent, the answer is 400.
        """
    ) -> Field<Self> {
        Field("when", \.controls.when, doc: doc, example: "\"!request.path.startsWith('/internal/')\"")
    }
}

extension PolicySection {
    package static var policyFields: [Field<Self>] {
        [
            whenField(),
            Field(
                "mode", \.controls.mode,
                doc: """
                    `enforce`, the default, or `shadow`: try it out. It is evaluated then, and what it would have \
                    refused or held up is named in the access log under `radicled.shadow`, but nothing comes of it.
                    """,
                example: "shadow"),
        ]
    }
}

extension CompileScope {
    /// A section's stage with its `when` and its `mode` around it, as one line of `routes`; nil if it never takes part.
    ///
    /// - Parameter name: the section's.
    func controlled(
        _ placed: PlacedStage, of name: String, by controls: PolicyControls?, _ findings: inout Findings
    ) -> PlacedStage? {
        guard let controls, controls.when != nil || controls.mode == .shadow else { return placed }
        let place = placed.place
        var stage = placed.stage
        if let when = controls.when {
            let moment: Moment =
                switch place {
                case .observer: .afterAnswer
                case .beforeBody: .beforeBody
                case .afterBody: .afterBody
                }
            guard let program = check(when, at: moment, expecting: .bool, &findings) else { return nil }
            switch program.constant {
            case .bool(true): break
            case .bool(false): return nil
            default:
                stage = stage.map {
                    ConditionalStage($0, when: program, isObserver: place == .observer, words: words)
                }
            }
        }
        guard controls.mode == .shadow else { return PlacedStage(name: placed.name, stage: stage, place: place) }
        var escaped = ByteWriter(capacity: 32)
        var text = name
        text.withUTF8 { escaped.append(jsonEscaped: $0) }
        let shadow = stage.map { ShadowStage($0, name: Array(escaped.bytes), words: words) }
        return PlacedStage(name: placed.name + "(shadow)", stage: shadow, place: place)
    }
}
