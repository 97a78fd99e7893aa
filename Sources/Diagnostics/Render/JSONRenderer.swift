package import JSON

/// Findings for programs. The shape is a promise, told by its version: lines and columns start at 1, columns count
/// Unicode scalars.
package enum JSONRenderer {
    package static let version = 1

    /// One JSON object on one line.
    package static func render(_ findings: [Finding], to writer: inout ByteWriter) {
        writer.append("{\"version\":" as StaticString)
        writer.append(decimal: version)
        writer.append(",\"findings\":[" as StaticString)
        for (index, finding) in findings.enumerated() {
            if index > 0 { writer.append("," as StaticString) }
            render(finding, &writer)
        }
        writer.append("]}\n" as StaticString)
    }

    private static func render(_ finding: Finding, _ writer: inout ByteWriter) {
        let (from, to) = (finding.range.from, finding.range.to)
        writer.append("{\"rule\":" as StaticString)
        writer.append(jsonString: finding.rule.id)
        writer.append(",\"level\":" as StaticString)
        writer.append(jsonString: finding.level.rawValue)
        writer.append(",\"message\":" as StaticString)
        writer.append(jsonString: finding.message)
        writer.append("," as StaticString)
        place(finding.range, &writer)
        writer.append(",\"end_line\":" as StaticString)
        writer.append(decimal: max(to.line, from.line))
        writer.append(",\"end_column\":" as StaticString)
        writer.append(decimal: to.column)
        writer.append(",\"help\":" as StaticString)
        optional(finding.help, &writer)
        writer.append(",\"suggestion\":" as StaticString)
        optional(finding.suggestion, &writer)
        writer.append(",\"related\":[" as StaticString)
        for (index, related) in finding.related.enumerated() {
            if index > 0 { writer.append("," as StaticString) }
            writer.append("{" as StaticString)
            place(related.range, &writer)
            writer.append(",\"message\":" as StaticString)
            writer.append(jsonString: related.message)
            writer.append("}" as StaticString)
        }
        writer.append("]}" as StaticString)
    }

    private static func place(_ range: SourceRange, _ writer: inout ByteWriter) {
        writer.append("\"file\":" as StaticString)
        writer.append(jsonString: range.source.name)
        writer.append(",\"line\":" as StaticString)
        writer.append(decimal: range.from.line)
        writer.append(",\"column\":" as StaticString)
        writer.append(decimal: range.from.column)
    }

    private static func optional(_ text: String?, _ writer: inout ByteWriter) {
        if let text { writer.append(jsonString: text) } else { writer.append("null" as StaticString) }
    }
}
