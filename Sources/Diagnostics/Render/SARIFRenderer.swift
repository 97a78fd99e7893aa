package import JSON

/// Findings as SARIF 2.1.0 (OASIS), for code scanning: rules, results with regions, and the fixes that are known.
package enum SARIFRenderer {
    /// - Parameter version: the program's own.
    package static func render(_ findings: [Finding], version: String, to writer: inout ByteWriter) {
        var rules: [Rule] = []
        for finding in findings where !rules.contains(where: { $0.id == finding.rule.id }) {
            rules.append(finding.rule)
        }
        let driver = JSONValue.object([
            ("name", .string("radicled")), ("version", .string(version)), ("rules", .array(rules.map(description))),
        ])
        let run = JSONValue.object([
            ("tool", .object([("driver", driver)])), ("columnKind", .string("unicodeCodePoints")),
            ("results", .array(findings.map { result($0, rules) })),
        ])
        let log = JSONValue.object([
            ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
            ("runs", .array([run])),
        ])
        log.write(to: &writer)
        writer.append("\n")
    }

    private static func description(_ rule: Rule) -> JSONValue {
        .object([
            ("id", .string(rule.id)), ("shortDescription", text(rule.summary)),
            ("fullDescription", text(rule.explanation)),
            ("defaultConfiguration", .object([("level", .string(rule.level.rawValue))])),
        ])
    }

    private static func result(_ finding: Finding, _ rules: [Rule]) -> JSONValue {
        let message = finding.help.map { finding.message + "; " + $0 } ?? finding.message
        var members: [(key: String, value: JSONValue)] = [
            ("ruleId", .string(finding.rule.id)),
            ("ruleIndex", .int(Int64(rules.firstIndex { $0.id == finding.rule.id } ?? 0))),
            ("level", .string(finding.level.rawValue)), ("message", text(message)),
            ("locations", .array([.object([("physicalLocation", place(finding.range))])])),
        ]
        if !finding.related.isEmpty {
            members.append(
                (
                    "relatedLocations",
                    .array(
                        finding.related.map {
                            .object([("message", text($0.message)), ("physicalLocation", place($0.range))])
                        })
                ))
        }
        if let suggestion = finding.suggestion {
            let replacement = JSONValue.object([
                ("deletedRegion", region(finding.range)), ("insertedContent", text(suggestion)),
            ])
            let change = JSONValue.object([
                ("artifactLocation", artifact(finding.range.source)), ("replacements", .array([replacement])),
            ])
            members.append(("fixes", .array([.object([("artifactChanges", .array([change]))])])))
        }
        return .object(members)
    }

    private static func text(_ text: String) -> JSONValue { .object([("text", .string(text))]) }

    private static func place(_ range: SourceRange) -> JSONValue {
        .object([("artifactLocation", artifact(range.source)), ("region", region(range))])
    }

    private static func region(_ range: SourceRange) -> JSONValue {
        let (from, to) = (range.from, range.to)
        return .object([
            ("startLine", .int(Int64(from.line))), ("startColumn", .int(Int64(from.column))),
            ("endLine", .int(Int64(to.line))), ("endColumn", .int(Int64(to.column))),
        ])
    }

    /// The file as a URI reference, relative where it was given so (RFC 3986).
    private static func artifact(_ source: Source) -> JSONValue {
        var uri = ByteWriter(capacity: 128)
        if source.name.utf8.first == UInt8(ascii: "/") { uri.append("file://") }
        for byte in source.name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                uri.append(byte)
            default:
                if "/-._~".utf8.contains(byte) { uri.append(byte) } else { uri.append(percentEscape: byte) }
            }
        }
        return .object([("uri", .string(String(decoding: uri.bytes, as: UTF8.self)))])
    }
}
