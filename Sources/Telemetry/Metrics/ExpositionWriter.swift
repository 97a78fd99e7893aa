import JSON

/// Writes metrics as a scraper reads them: Prometheus' text, or OpenMetrics.
package struct ExpositionWriter: ~Copyable {
    private let format: ExpositionFormat
    private var out = ByteWriter(capacity: 16 * 1024)
    private var family = MetricFamily("", .gauge, help: "")
    /// Families begun so far: HELP and TYPE come once.
    private var begun: Set<String> = []

    package init(_ format: ExpositionFormat) { self.format = format }

    private var isOpenMetrics: Bool { format.syntax == .openMetrics }

    /// The whole text.
    package mutating func end() -> [UInt8] {
        if isOpenMetrics { out.append("# EOF\n") }
        return Array(out.bytes)
    }

    // MARK: Families

    /// What follows are samples of this one. False, with nothing written, if it has been there.
    @discardableResult
    package mutating func begin(_ family: MetricFamily) -> Bool {
        guard begun.insert(family.name).inserted else { return false }
        self.family = family
        let name = isOpenMetrics ? family.name : family.exposedName
        out.append("# HELP ")
        out.append(name)
        out.append(" ")
        append(help: family.help)
        out.append("\n# TYPE ")
        out.append(name)
        out.append(" ")
        out.append(typeName)
        out.append("\n")
        if isOpenMetrics, let unit = family.unit {
            out.append("# UNIT ")
            out.append(name)
            out.append(" ")
            out.append(unit)
            out.append("\n")
        }
        return true
    }

    private var typeName: String {
        switch family.kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .info: isOpenMetrics ? "info" : "gauge"
        case .unknown: isOpenMetrics ? "unknown" : "untyped"
        }
    }

    private mutating func append(help: String) {
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): out.append("\\\\")
            case UInt8(ascii: "\n"): out.append("\\n")
            case UInt8(ascii: "\"") where isOpenMetrics: out.append("\\\"")
            case 0..<0x20, 0x7F: out.append(" ")
            default: out.append(byte)
            }
        }
    }

    // MARK: Samples

    /// One number of a counter, a gauge, an information or an unknown one.
    ///
    /// - Parameters:
    ///   - labels: as exposed, without braces; nil for what there was no room for.
    ///   - created: nanoseconds since the Unix epoch.
    package mutating func sample(
        labels: [UInt8]? = [], _ value: Double, created: Int64? = nil, exemplar: Exemplar? = nil
    ) {
        let suffix: StaticString =
            switch family.kind {
            case .counter: "_total"
            case .info: "_info"
            case .gauge, .histogram, .unknown: ""
            }
        line(suffix, labels)
        append(number: value)
        append(exemplar)
        out.append("\n")
        if family.kind == .counter { append(created: created, labels) }
    }

    /// The same, its labels written by a closure.
    package mutating func sample(_ value: Double, labels: (inout LabelWriter) -> Void) {
        var writer = LabelWriter()
        labels(&writer)
        sample(labels: writer.labels, value)
    }

    package mutating func histogram(labels: [UInt8]?, _ reading: HistogramReading, created: Int64?) {
        var total: UInt64 = 0
        for (place, count) in reading.counts.enumerated() {
            total &+= count
            let bound = place < reading.bounds.count ? goText(reading.bounds[place]) : "+Inf"
            line("_bucket", labels, bound: bound)
            out.append(decimal: UInt(total))
            append(place < reading.exemplars.count ? reading.exemplars[place] : nil)
            out.append("\n")
        }
        // A sum that can go down is none (OpenMetrics 1.0.0, section Histogram).
        if !(isOpenMetrics && reading.bounds.first ?? 0 < 0) {
            line("_sum", labels)
            append(number: reading.sum)
            out.append("\n")
        }
        line("_count", labels)
        out.append(decimal: UInt(total))
        out.append("\n")
        append(created: created, labels)
    }

    private mutating func line(_ suffix: StaticString, _ labels: [UInt8]?, bound: String? = nil) {
        out.append(family.name)
        out.append(suffix)
        let isEmpty = labels?.isEmpty == true && bound == nil
        if !isEmpty { out.append("{") }
        if let labels { out.append(labels) } else { out.append("otel_metric_overflow=\"true\"") }
        if let bound {
            if labels?.isEmpty != true { out.append(",") }
            out.append("le=\"")
            out.append(bound)
            out.append("\"")
        }
        out.append(isEmpty ? " " : "} ")
    }

    private mutating func append(created: Int64?, _ labels: [UInt8]?) {
        guard isOpenMetrics, let created else { return }
        line("_created", labels)
        append(time: created)
        out.append("\n")
    }

    /// Only OpenMetrics has a place for it.
    private mutating func append(_ exemplar: Exemplar?) {
        guard isOpenMetrics, let exemplar else { return }
        out.append(" # {trace_id=\"")
        out.append(hex: exemplar.high)
        out.append(hex: exemplar.low)
        out.append("\",span_id=\"")
        out.append(hex: exemplar.span)
        out.append("\"} ")
        append(number: exemplar.value)
        out.append(" ")
        append(time: exemplar.time)
    }

    // MARK: Numbers

    /// Seconds with milliseconds.
    private mutating func append(time: Int64) {
        out.append(decimal: Int(time / 1_000_000_000))
        out.append(".")
        out.append(decimal: Int(time % 1_000_000_000 / 1_000_000), width: 3)
    }

    private mutating func append(number value: Double) {
        if value.isNaN { return out.append("NaN") }
        if value.isInfinite { return out.append(value > 0 ? "+Inf" : "-Inf") }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return out.append(decimal: Int(whole)) }
        out.append(value.description)
    }

    /// As Go's `strconv` writes it, whose texts of `le` are what dashboards and alerts name.
    private func goText(_ value: Double) -> String {
        var text = Self.goText(value)
        if isOpenMetrics, !text.contains(where: { ".eIN".contains($0) }) { text += ".0" }
        return text
    }

    static func goText(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
        let parts = value.magnitude.description.split(separator: "e")
        guard let mantissa = parts.first, value != 0 else { return "0" }
        let whole = mantissa.prefix { $0 != "." }
        // The place of the point among the digits.
        var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = mantissa.filter { $0 != "." }
        while digits.first == "0" {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        let sign = value < 0 ? "-" : ""
        let exponent = point - 1
        if exponent < -4 || exponent >= 6 {
            let rest = digits.dropFirst()
            let tail = String(exponent.magnitude)
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+")
                + (tail.count < 2 ? "0" : "") + tail
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
