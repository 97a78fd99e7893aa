package import JSON

/// Findings as workflow commands, which GitHub shows beside the lines of a pull request
/// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
package enum GitHubRenderer {
    package static func render(_ findings: [Finding], to writer: inout ByteWriter) {
        for finding in findings { render(finding, to: &writer) }
    }

    private static func render(_ finding: Finding, to writer: inout ByteWriter) {
        let (from, to) = (finding.range.from, finding.range.to)
        writer.append("::" + finding.level.rawValue)
        writer.append(" file=" + property(finding.range.source.name))
        writer.append(",line=\(from.line),endLine=\(to.line)")
        // Columns only within a line: GitHub refuses an end that lies before the start.
        if from.line == to.line { writer.append(",col=\(from.column),endColumn=\(to.column)") }
        writer.append(",title=" + property(finding.rule.id))
        let text = finding.help.map { finding.message + "\n" + $0 } ?? finding.message
        writer.append("::" + escaped(text, "%\r\n") + "\n")
    }

    private static func property(_ text: String) -> String { escaped(text, "%\r\n:,") }

    private static func escaped(_ text: String, _ special: String) -> String {
        var out = ByteWriter(capacity: text.utf8.count)
        for byte in text.utf8 {
            if special.utf8.contains(byte) { out.append(percentEscape: byte) } else { out.append(byte) }
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
