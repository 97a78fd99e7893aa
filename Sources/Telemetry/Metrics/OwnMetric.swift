package import JSON
import Synchronization

/// A metric that a manifest defines: counted on each loop, by labels that expressions make.
package final class OwnMetric: Sendable {
    /// What it cannot change without being another metric.
    package struct Shape: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case counter
            case gauge
            /// With its bounds, ascending.
            case histogram([Double])
        }

        /// Without the suffixes that formats add.
        package let name: String
        package let kind: Kind

        package init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    package let shape: Shape
    private let help: Mutex<String>
    private let series: SeriesDirectory
    private let loops: PerLoop<Workplace>
    private let failed = Atomic<Int>(0)

    private struct Workplace: ~Copyable {
        var cache = SeriesCache()
        var labels = LabelWriter()
        var scratch = ByteWriter(capacity: 64)
    }

    init(_ shape: Shape, help: String, loops: Int) {
        self.shape = shape
        self.help = Mutex(help)
        let words =
            switch shape.kind {
            case .counter, .gauge: 1
            case .histogram(let bounds): bounds.count + 2
            }
        // The last call to set a gauge counts, on whichever loop.
        series = SeriesDirectory(words: words, loops: shape.kind == .gauge ? 1 : loops)
        self.loops = PerLoop(loops) { Workplace() }
    }

    /// Takes over another text, once the plan is in force that has it.
    package func describe(_ help: String) { self.help.withLock { $0 = help } }

    package var seriesCount: Int { series.count }
    /// How often an expression of it has failed.
    package var failures: Int { failed.load(ordering: .relaxed) }

    /// An expression of it has failed.
    package func fail() { failed.add(1, ordering: .relaxed) }

    /// Takes a number.
    ///
    /// - Parameters:
    ///   - value: finite; a counter's is not negative.
    ///   - limit: how many series it may have.
    ///   - wall: now, in nanoseconds since the Unix epoch.
    ///   - exemplar: the call's trace, if that is kept.
    ///   - labels: writes them, always in the same order; it may use the other writer for values.
    package func record(
        _ value: Double, loop: Int, limit: Int, wall: Int64, exemplar: Exemplar?,
        labels: (inout LabelWriter, inout ByteWriter) -> Void
    ) {
        guard let place = loops[loop] else { return }
        place.pointee.labels.clear()
        labels(&place.pointee.labels, &place.pointee.scratch)
        place.pointee.scratch.shrink(to: 4096)
        let cell: MetricCell
        if let known = place.pointee.cache.cell(place.pointee.labels.bytes) {
            cell = known
        } else {
            let text = place.pointee.labels.labels
            let found = series.cell(text, loop: loop, limit: limit, wall: wall)
            if !found.isOverflow { place.pointee.cache.remember(text, found.cell) }
            cell = found.cell
        }
        switch shape.kind {
        case .counter:
            cell.add(double: value, at: 0)
            if let exemplar { cell.note(exemplar, at: 0, of: 1) }
        case .gauge: cell.set(value, at: 0)
        case .histogram(let bounds):
            let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
            cell.add(1, at: bucket)
            cell.add(double: value, at: bounds.count + 1)
            if let exemplar { cell.note(exemplar, at: bucket, of: bounds.count + 1) }
        }
    }

    func write(into out: inout ExpositionWriter) {
        let kind: MetricFamily.Kind =
            switch shape.kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        guard out.begin(MetricFamily(shape.name, kind, help: help.withLock { $0 })) else { return }
        series.forEach { series, cells in
            switch shape.kind {
            case .counter:
                var latest = HistogramReading(bounds: [])
                for cell in cells { if let exemplars = cell.exemplars { latest.take(exemplars) } }
                out.sample(
                    labels: series.labels, cells.reduce(0) { $0 + $1.double(at: 0) }, created: series.created,
                    exemplar: latest.exemplars.first ?? nil)
            case .gauge: out.sample(labels: series.labels, cells.first?.double(at: 0) ?? 0)
            case .histogram(let bounds):
                var reading = HistogramReading(bounds: bounds)
                for cell in cells {
                    for index in 0...bounds.count { reading.counts[index] &+= cell.value(at: index) }
                    reading.sum += cell.double(at: bounds.count + 1)
                    if let exemplars = cell.exemplars { reading.take(exemplars) }
                }
                out.histogram(labels: series.labels, reading, created: series.created)
            }
        }
    }
}
