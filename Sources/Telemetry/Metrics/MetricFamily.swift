/// A metric by name: what is the same for all its series.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only grows.
        case counter
        case gauge
        case histogram
        /// Facts as labels; the value is 1.
        case info
        /// A number whose name says `_count` by OpenTelemetry's conventions: as a gauge, Prometheus' own linter takes it
        /// for a part of a histogram.
        case unknown
    }

    /// Without the suffixes that the formats add: no `_total` on a counter, no `_info`.
    package let name: String
    package let kind: Kind
    /// The word that the name ends with, in front of what a format adds.
    package let unit: String?
    package let help: String

    package init(_ name: String, _ kind: Kind, unit: String? = nil, help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }

    /// Every name that it takes up, in either format: no two families may share one.
    package var claims: [String] {
        switch kind {
        case .counter: [name, name + "_total", name + "_created"]
        case .gauge, .unknown: [name]
        case .info: [name, name + "_info"]
        case .histogram: [name] + ["_bucket", "_count", "_sum", "_created"].map { name + $0 }
        }
    }

    /// What stands in a line of numbers, by the text format.
    package var exposedName: String {
        switch kind {
        case .counter: name + "_total"
        case .info: name + "_info"
        case .gauge, .histogram, .unknown: name
        }
    }
}

/// What a histogram has counted, over all loops.
package struct HistogramReading: Sendable {
    /// Ascending; a last bucket without an end follows them.
    package let bounds: [Double]
    /// For each bucket its own count, not those below it.
    package var counts: [UInt64]
    package var sum = 0.0
    package var exemplars: [Exemplar?] = []

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// Of each bucket the latest one stays.
    mutating func take(_ found: Exemplars) {
        if exemplars.isEmpty { exemplars = Array(repeating: nil, count: counts.count) }
        for place in counts.indices {
            guard let exemplar = found.read(at: place), exemplar.time >= exemplars[place]?.time ?? .min else {
                continue
            }
            exemplars[place] = exemplar
        }
    }
}
