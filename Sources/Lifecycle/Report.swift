import Diagnostics
import JSON
import Logging

/// What the process tells of its manifests.
enum Report {
    /// What lint warns of does not keep a manifest from being served, but is not silent either.
    static func warn(of findings: [Finding]) {
        guard !findings.isEmpty else { return }
        StandardError.write(rendered(findings) + "\n")
    }

    /// A manifest that was to be the next one is not. For people with all that is wrong with it; a log has the first of it
    /// in one line.
    static func refused(_ refusal: Daemon.Refusal, _ cause: Reload.Cause, generation: Int, _ log: Logger) {
        var metadata: Logger.Metadata = ["event": "reload_refused", "generation": "\(generation)"]
        var message = "not reloaded after \(cause.inWords), the manifest before stays in force"
        let errors = refusal.findings.count { $0.level == .error }
        if errors > 0 {
            message += ": \(count(errors, "mistake"))"
            if StandardError.isTerminal {
                StandardError.write(refusal.message + "\n")
            } else {
                metadata["errors"] = "\(errors)"
                metadata["findings"] = .string(shortened(refusal.findings))
            }
        } else {
            message += ": \(refusal.message)"
        }
        log.error("\(message)", metadata: metadata)
    }

    /// `FILE:LINE:COLUMN: MESSAGE` of the first few.
    private static func shortened(_ findings: [Finding]) -> String {
        let errors = findings.filter { $0.level == .error }
        let shown = errors.prefix(3).map {
            let place = $0.range.from
            return "\($0.range.source.name):\(place.line):\(place.column): \($0.message) [\($0.rule.id)]"
        }
        let more = errors.count - shown.count
        return (shown + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
    }

    static func rendered(_ findings: [Finding]) -> String {
        var out = ByteWriter(capacity: 4096)
        HumanRenderer(inColour: StandardError.takesColour).render(findings, to: &out)
        return String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(findings)
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
