package import CoreMetrics
import Synchronization

/// What libraries in the process count by swift-metrics, in the same exposition as all else.
///
/// They count from any thread, and seldom: a lock a number is enough. A timer is a histogram in seconds, as is a recorder that
/// aggregates; a meter and one that does not are gauges.
package final class LibraryMetrics: MetricsFactory, Sendable {
    private struct Key: Hashable {
        let name: String
        let kind: LibraryNumber.Kind
    }

    private struct Contents {
        var numbers: [Key: [[UInt8]: LibraryNumber]] = [:]
        var order: [Key] = []
    }

    private let contents = Mutex(Contents())

    /// As many series as a metric of a manifest may have; more count in the first of the overflow.
    private static let seriesLimit = 2000

    package init() {}

    private func number(_ label: String, _ dimensions: [(String, String)], _ kind: LibraryNumber.Kind) -> LibraryNumber
    {
        let key = Key(name: Self.name(label, kind), kind: kind)
        var writer = LabelWriter()
        for (name, value) in dimensions.sorted(by: { $0.0 < $1.0 }) { writer.label(PrometheusName.of(name), value) }
        let labels = writer.labels
        return contents.withLock { contents in
            if contents.numbers[key] == nil { contents.order.append(key) }
            if let known = contents.numbers[key]?[labels] { return known }
            let isFull = (contents.numbers[key]?.count ?? 0) >= Self.seriesLimit - 1
            let place = isFull ? Array("otel_metric_overflow=\"true\"".utf8) : labels
            if let overflow = contents.numbers[key]?[place] { return overflow }
            let made = LibraryNumber(kind)
            contents.numbers[key, default: [:]][place] = made
            return made
        }
    }

    /// Names of the server's own are not given away.
    private static func name(_ label: String, _ kind: LibraryNumber.Kind) -> String {
        var name = PrometheusName.of(label)
        if kind == .counter, name.hasSuffix("_total") { name.removeLast("_total".count) }
        if kind == .timer, !name.hasSuffix("_seconds") { name += "_seconds" }
        let claims = Set(MetricFamily(name, kind.family, help: "").claims)
        let isTaken = MetricFamily.builtIn.contains { !claims.isDisjoint(with: $0.claims) }
        return isTaken || name.hasPrefix("radicled_") ? "library_" + name : name
    }

    package var source: MetricRegistry.Source {
        { [self] out in
            let (order, numbers) = contents.withLock { ($0.order, $0.numbers) }
            for key in order {
                let family = MetricFamily(
                    key.name, key.kind.family, help: "Counted by a library, through swift-metrics.")
                // Of two kinds with one name the first.
                guard out.begin(family) else { continue }
                for (labels, number) in (numbers[key] ?? [:]).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                    number.write(labels, into: &out)
                }
            }
        }
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        number(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        number(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(label, dimensions, .gauge)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        number(label, dimensions, aggregate ? .recorder : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        number(label, dimensions, .timer)
    }

    // A library that makes one anew goes on with its number, as counters must.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// One number of a library, or one histogram.
private final class LibraryNumber: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
{
    enum Kind: Hashable {
        case counter
        case gauge
        /// A distribution of anything.
        case recorder
        /// A distribution of seconds.
        case timer

        var family: MetricFamily.Kind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .recorder, .timer: .histogram
            }
        }

        var bounds: [Double] {
            switch self {
            case .counter, .gauge: []
            case .recorder: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
            case .timer: CallCell.durationBounds
            }
        }
    }

    private let kind: Kind
    private let state: Mutex<(value: Double, counts: [UInt64])>

    init(_ kind: Kind) {
        self.kind = kind
        state = Mutex((0, Array(repeating: 0, count: kind.bounds.count + 1)))
    }

    func write(_ labels: [UInt8], into out: inout ExpositionWriter) {
        let (value, counts) = state.withLock { $0 }
        switch kind {
        case .counter, .gauge: out.sample(labels: labels, value)
        case .recorder, .timer:
            var reading = HistogramReading(bounds: kind.bounds)
            reading.counts = counts
            reading.sum = value
            out.histogram(labels: labels, reading, created: nil)
        }
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { if amount.isFinite { state.withLock { $0.value += amount } } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func reset() { state.withLock { $0.value = 0 } }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        guard value.isFinite else { return }
        if kind == .gauge { return set(value) }
        let bounds = kind.bounds
        state.withLock { state in
            state.value += value
            state.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }
}
