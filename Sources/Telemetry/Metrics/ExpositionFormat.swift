/// A form that metrics are scraped in, and how it is chosen (Prometheus, Content negotiation).
package struct ExpositionFormat: Sendable, Equatable {
    package enum Syntax: Sendable, Equatable {
        case text
        case openMetrics
    }

    package let syntax: Syntax
    package let version: String
    /// How names are written that are more than letters, digits and underscores; ours never are.
    package let escaping: String?

    package static let text = ExpositionFormat(syntax: .text, version: "0.0.4", escaping: nil)
    package static let openMetrics = ExpositionFormat(syntax: .openMetrics, version: "1.0.0", escaping: "underscores")

    /// Prometheus 3 refuses a scrape without it.
    package var contentType: String {
        let type = syntax == .text ? "text/plain" : "application/openmetrics-text"
        return "\(type); version=\(version); charset=utf-8" + (escaping.map { "; escaping=\($0)" } ?? "")
    }

    /// The form that a scraper likes best, of those that it names; of equals the first. Text 0.0.4 where none fits, which
    /// everything reads.
    ///
    /// - Parameter fields: the values of `Accept`.
    package static func negotiated(_ fields: [[UInt8]]) -> ExpositionFormat {
        var best: (format: ExpositionFormat, quality: Int)?
        for field in fields {
            for item in field.split(separator: UInt8(ascii: ",")) {
                guard let (format, quality) = offer(for: String(decoding: item, as: UTF8.self)),
                    quality > best?.quality ?? 0
                else { continue }
                best = (format, quality)
            }
        }
        return best?.format ?? .text
    }

    /// What there is for one item of `Accept`, and its quality in thousandths.
    private static func offer(for item: String) -> (ExpositionFormat, Int)? {
        let parts = item.split(separator: ";", omittingEmptySubsequences: false).map { trimmed($0.lowercased()) }
        var quality = 1000
        var version: String?
        var escaping: String?
        for parameter in parts.dropFirst() {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            let value = trimmed(String(parameter[parameter.index(after: equals)...])).filter { $0 != "\"" }
            switch trimmed(String(parameter[..<equals])) {
            case "q": quality = thousandths(value)
            case "version": version = value
            case "escaping": escaping = value
            default: break
            }
        }
        guard let format = format(parts.first ?? "", version: version, escaping: escaping) else { return nil }
        return (format, quality)
    }

    private static let escapings = ["allow-utf-8", "underscores", "dots", "values"]

    private static func format(_ type: String, version: String?, escaping: String?) -> ExpositionFormat? {
        let escaping = escaping.flatMap { escapings.contains($0) ? $0 : nil } ?? "underscores"
        switch (type, version) {
        case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _): return .text
        case ("text/plain", "1.0.0"): return ExpositionFormat(syntax: .text, version: "1.0.0", escaping: escaping)
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"), ("application/*", _):
            return ExpositionFormat(syntax: .openMetrics, version: "1.0.0", escaping: escaping)
        case ("application/openmetrics-text", "0.0.1"):
            return ExpositionFormat(syntax: .openMetrics, version: "0.0.1", escaping: nil)
        default: return nil
        }
    }

    /// `0.75`; what is no quality is none at all (RFC 9110 section 12.4.2).
    private static func thousandths(_ text: String) -> Int {
        guard let value = Double(text), value >= 0, value <= 1 else { return 0 }
        return Int((value * 1000).rounded())
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
