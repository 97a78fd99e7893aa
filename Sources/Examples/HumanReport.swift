import Calling
import Diagnostics
package import JSON

/// A run of examples for people: those that failed, and how many did not.
package struct HumanReport {
    private let inColour: Bool

    package init(inColour: Bool = false) { self.inColour = inColour }

    package func render(_ run: TestRun, to out: inout ByteWriter) {
        for file in run.files {
            for result in file.results where result.hasFailed { render(result, to: &out) }
        }
        renderPassedOver(run, to: &out)
        if run.files.isEmpty { return }
        // Of one file the last line says it all.
        if run.files.count > 1 {
            for file in run.files { out.append("\(HumanRenderer.safe(file.name)): \(summary(of: file))\n") }
            out.append("\n")
        }
        out.append(summary(of: run, elapsed: run.elapsed) + "\n")
    }

    private func render(_ result: ExampleResult, to out: inout ByteWriter) {
        let place = result.place
        let from = place.from
        out.append("\(HumanRenderer.safe(place.source.name)):\(from.line):\(from.column): ")
        out.append(painted("failed", .bad) + ": ")
        out.append(painted(HumanRenderer.safe(result.pattern), .strong))
        if let name = result.name { out.append(", " + HumanRenderer.safe(name)) }
        out.append("\n")
        line("sent", HumanRenderer.safe(result.sent), .faint, to: &out)
        if let curl = result.curl { line("curl", HumanRenderer.safe(curl), .faint, to: &out) }
        for difference in result.differences { render(difference, to: &out) }
        out.append("\n")
    }

    /// A line for each reason.
    private func renderPassedOver(_ run: TestRun, to out: inout ByteWriter) {
        var reasons: [(text: String, count: Int)] = []
        for file in run.files {
            for result in file.results {
                guard let reason = result.passedOver else { continue }
                let text = "\(result.pattern): \(reason)"
                if let index = reasons.firstIndex(where: { $0.text == text }) {
                    reasons[index].count += 1
                } else {
                    reasons.append((text, 1))
                }
            }
        }
        for reason in reasons {
            let times = reason.count == 1 ? "" : " (\(reason.count) examples)"
            line("passed over", HumanRenderer.safe(reason.text) + times, .faint, to: &out)
        }
        if !reasons.isEmpty { out.append("\n") }
    }

    private func line(_ label: String, _ text: String, _ paint: Paint, to out: inout ByteWriter) {
        out.append("  \(painted(label + ":", paint)) \(text)\n")
    }

    private func render(_ difference: Difference, to out: inout ByteWriter) {
        line(HumanRenderer.safe(difference.at), HumanRenderer.safe(difference.message), .strong, to: &out)
        for line in difference.lines {
            let paint: Paint? = line.hasPrefix("-") ? .good : line.hasPrefix("+") ? .bad : nil
            out.append("    " + (paint.map { painted(line, $0) } ?? line) + "\n")
        }
    }

    // MARK: Summaries

    private func summary(of file: TestRun.File) -> String {
        if file.hasErrors { return HumanRenderer.summary(file.findings) }
        if file.count == 0 { return "no examples" }
        return counts(passed: file.passed, failed: file.failed, passedOver: file.passedOver)
    }

    private func counts(passed: Int, failed: Int, passedOver: Int) -> String {
        let good = painted("\(passed) passed", passed > 0 && failed == 0 ? .good : nil)
        return (failed == 0 ? good : good + ", " + painted("\(failed) failed", .bad))
            + (passedOver == 0 ? "" : ", \(passedOver) passed over")
    }

    private func summary(of run: TestRun, elapsed: Int64) -> String {
        let broken = run.files.count { $0.hasErrors }
        let mistakes = broken == 0 ? "" : ", \(broken) manifest\(broken == 1 ? "" : "s") with mistakes"
        if run.filteredAllOut {
            return "no example has `\(HumanRenderer.safe(run.filter ?? ""))` in its service, pattern, name or request"
        }
        if run.passed + run.failed + run.passedOver == 0, broken == 0 { return "no examples: there is nothing to test" }
        let counts = counts(passed: run.passed, failed: run.failed, passedOver: run.passedOver)
        let protocolName = run.speech == .grpc ? "" : ", by \(run.speech.rawValue)"
        return "\(counts)\(mistakes)\(protocolName) (\(Self.time(elapsed)))"
    }

    static func time(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    // MARK: Colour

    private enum Paint: String {
        case good = "\u{1B}[32m"
        case bad = "\u{1B}[31m"
        case strong = "\u{1B}[1m"
        case faint = "\u{1B}[2m"
    }

    private func painted(_ text: String, _ paint: Paint?) -> String {
        guard inColour, let paint, !text.isEmpty else { return text }
        return paint.rawValue + text + "\u{1B}[0m"
    }
}
