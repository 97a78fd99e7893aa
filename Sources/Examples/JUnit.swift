import Calling
import Diagnostics
package import JSON

/// A run of examples as JUnit XML, which continuous integration reads: a suite for each file, a case for each example.
package enum JUnit {
    package static func render(_ run: TestRun, to out: inout ByteWriter) {
        let broken = run.files.count { $0.hasErrors }
        out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        out.append("<testsuites name=\"radicled test\"")
        counts(
            tests: run.passed + run.failed + run.passedOver + broken, failures: run.failed, errors: broken,
            time: run.elapsed, to: &out)
        out.append(">\n")
        for file in run.files { suite(file, run.speech, to: &out) }
        out.append("</testsuites>\n")
    }

    private static func suite(_ file: TestRun.File, _ speech: CallProtocol, to out: inout ByteWriter) {
        out.append("  <testsuite")
        attribute("name", file.name, to: &out)
        counts(
            tests: file.results.count + (file.hasErrors ? 1 : 0), failures: file.failed, errors: file.hasErrors ? 1 : 0,
            time: file.results.reduce(0) { $0 + $1.duration }, to: &out)
        attribute("skipped", "\(file.passedOver)", to: &out)
        out.append(">\n")
        // What methods were called by.
        if file.results.contains(where: { $0.speech != nil }) {
            out.append("    <properties><property name=\"protocol\" value=\"\(speech.rawValue)\"/></properties>\n")
        }
        // A file that could not be run must not look like one in which all is well.
        if file.hasErrors { mistakes(file, to: &out) }
        for result in file.results { testcase(result, to: &out) }
        out.append("  </testsuite>\n")
    }

    private static func mistakes(_ file: TestRun.File, to out: inout ByteWriter) {
        var text = ByteWriter(capacity: 1024)
        HumanRenderer().render(file.findings, to: &text)
        out.append("    <testcase")
        attribute("classname", "manifest", to: &out)
        attribute("name", "lint", to: &out)
        attribute("file", file.name, to: &out)
        attribute("line", "1", to: &out)
        out.append(" time=\"0.000000\">\n      <error")
        attribute("message", HumanRenderer.summary(file.findings), to: &out)
        attribute("type", "lint", to: &out)
        out.append(">")
        escaped(String(decoding: text.bytes, as: UTF8.self), inAttribute: false, to: &out)
        out.append("</error>\n    </testcase>\n")
    }

    private static func testcase(_ result: ExampleResult, to out: inout ByteWriter) {
        let place = result.place
        out.append("    <testcase")
        attribute("classname", "\(result.service) \(result.pattern)", to: &out)
        // The same example may be run by several, in one report.
        let suffix = result.speech.flatMap { $0 == .grpc ? nil : " (\($0.rawValue))" } ?? ""
        attribute("name", result.title + suffix, to: &out)
        attribute("file", place.source.name, to: &out)
        attribute("line", "\(place.from.line)", to: &out)
        time(result.duration, to: &out)
        if let reason = result.passedOver {
            out.append(">\n      <skipped")
            attribute("message", reason, to: &out)
            return out.append("/>\n    </testcase>\n")
        }
        guard result.hasFailed else { return out.append("/>\n") }
        out.append(">\n      <failure")
        attribute("message", summary(result.differences), to: &out)
        attribute("type", "difference", to: &out)
        out.append(">")
        escaped(text(result), inAttribute: false, to: &out)
        out.append("</failure>\n    </testcase>\n")
    }

    /// What fits the lists of such tools: the first difference, and how many more there are.
    private static func summary(_ differences: [Difference]) -> String {
        guard let first = differences.first else { return "" }
        let more = differences.count - 1
        return "\(first.at): \(first.message)" + (more == 0 ? "" : " (and \(more) more)")
    }

    private static func text(_ result: ExampleResult) -> String {
        var lines = ["sent: \(result.sent)"]
        if let curl = result.curl { lines.append("curl: \(curl)") }
        for difference in result.differences {
            lines.append("\(difference.at): \(difference.message)")
            lines += difference.lines.map { "  " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: XML

    private static func counts(tests: Int, failures: Int, errors: Int, time: Int64, to out: inout ByteWriter) {
        attribute("tests", "\(tests)", to: &out)
        attribute("failures", "\(failures)", to: &out)
        attribute("errors", "\(errors)", to: &out)
        self.time(time, to: &out)
    }

    /// Seconds.
    private static func time(_ nanoseconds: Int64, to out: inout ByteWriter) {
        let microseconds = Int(nanoseconds / 1000)
        out.append(" time=\"\(microseconds / 1_000_000).")
        out.append(decimal: microseconds % 1_000_000, width: 6)
        out.append("\"")
    }

    private static func attribute(_ name: String, _ value: String, to out: inout ByteWriter) {
        out.append(" \(name)=\"")
        escaped(value, inAttribute: true, to: &out)
        out.append("\"")
    }

    /// XML 1.0 section 2.2 has no place for most control characters, not even as references: they are shown as what a
    /// program would write for them.
    private static func escaped(_ text: String, inAttribute: Bool, to out: inout ByteWriter) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out.append("&amp;")
            case "<": out.append("&lt;")
            case ">": out.append("&gt;")
            case "\"" where inAttribute: out.append("&quot;")
            case "\n" where !inAttribute: out.append("\n")
            // As they are an attribute would turn them into spaces, and a carriage return would get lost.
            case "\n", "\t", "\r": out.append("&#\(scalar.value);")
            case _ where isForbidden(scalar): out.append("\\u{" + String(scalar.value, radix: 16) + "}")
            default: out.append(String(scalar))
            }
        }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Those up to U+009F are allowed, and discouraged.
        case 0..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }
}
