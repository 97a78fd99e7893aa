import Diagnostics
import Manifests
import Telemetry

/// How metrics and labels may be called (Prometheus, Data model; OpenMetrics 1.0.0, section Label).
enum MetricNaming {
    static func lint(_ metric: OwnMetricDefinition, _ findings: inout Findings) {
        lintName(metric, &findings)
        for label in metric.keys.labels.entries { lint(label: label.key, of: metric, &findings) }
    }

    private static func lintName(_ metric: OwnMetricDefinition, _ findings: inout Findings) {
        let name = metric.key.string
        if !isName(name) || name.hasPrefix("__") || metric.name.isEmpty {
            let mended = mended(name)
            return findings.report(
                CatalogRules.badMetricName, "`\(name)` cannot be the name of a metric", at: metric.key.whole,
                label: name.hasPrefix("__")
                    ? "names that start with `__` are kept for Prometheus"
                    : "letters, digits and `_`, and no digit first", help: mended.map { "call it `\($0)`" },
                suggestion: mended)
        }
        let reserved =
            metric.kind == .counter ? ["_created", "_bucket", "_info"] : ["_total", "_created", "_bucket", "_info"]
        if let suffix = reserved.first(where: metric.name.hasSuffix) {
            let rest = String(name.dropLast(suffix.count))
            return findings.report(
                CatalogRules.badMetricName,
                "`\(suffix)` at the end of a name is kept for \(owners[suffix] ?? "another kind")",
                at: metric.key.whole,
                label: "scrapers would take it for a part of another kind of metric",
                help: rest.isEmpty ? "choose another name" : "call it `\(rest)`", suggestion: rest.isEmpty ? nil : rest)
        }
        let claims = Set(metric.claims)
        if name.hasPrefix("radicled_") || MetricFamily.builtIn.contains(where: { !claims.isDisjoint(with: $0.claims) })
        {
            findings.report(
                CatalogRules.metricTaken,
                name.hasPrefix("radicled_")
                    ? "names that start with `radicled_` are kept for the server's own metrics"
                    : "`\(name)` is a name of the server's own metrics", at: metric.key.whole,
                help: "choose another name")
        }
    }

    /// Which metrics a suffix says something of.
    private static let owners = [
        "_total": "counters", "_bucket": "histograms", "_created": "times of creation", "_info": "info metrics",
    ]

    private static func lint(label: PlacedText, of metric: OwnMetricDefinition, _ findings: inout Findings) {
        let name = label.string
        let isTaken =
            metric.kind == .histogram && name == "le" || name == "otel_metric_overflow" || name.hasPrefix("otel_scope_")
        guard isTaken || !isName(name) || name.hasPrefix("__") else { return }
        let mended = isTaken ? nil : mended(name)
        findings.report(
            CatalogRules.badMetricName,
            isTaken
                ? "the label `\(name)` is kept for \(name == "le" ? "Prometheus" : "OpenTelemetry")"
                : "`\(name)` cannot be the name of a label",
            at: label.whole, label: isTaken ? nil : "letters, digits and `_`, and no digit first",
            help: mended.map { "call it `\($0)`" } ?? "choose another name", suggestion: mended)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy(isPlain)
    }

    /// As OpenTelemetry maps names: what is not allowed becomes one `_`.
    private static func mended(_ name: String) -> String? {
        var mended = ""
        for byte in name.utf8 {
            if isPlain(byte) {
                mended.unicodeScalars.append(Unicode.Scalar(byte))
            } else if mended.utf8.last != UInt8(ascii: "_") {
                mended += "_"
            }
        }
        while mended.hasPrefix("__") { mended.removeFirst() }
        if let first = mended.utf8.first, isDigit(first) { mended = "_" + mended }
        return isName(mended) && mended != name && mended.utf8.contains { $0 != UInt8(ascii: "_") } ? mended : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
    }
}
