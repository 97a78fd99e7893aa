import Synchronization

/// All metrics of the process: what is counted by call, what a manifest defines, and what is asked of others when a scraper
/// comes. It outlives plans.
package final class MetricRegistry: Sendable {
    package typealias Source = @Sendable (inout ExpositionWriter) -> Void

    private struct Weak {
        weak var metric: OwnMetric?
    }

    /// HTTP calls.
    package let calls: CallMetrics
    /// Calls of methods.
    package let rpcs: CallMetrics
    /// Calls of methods that are not served.
    package let strangers: RouteCalls
    /// Calls that did not end by themselves, by what ended them: `radicled.flags` of the access log.
    package let flagged: OwnMetric
    /// Calls that a policy in `mode: shadow` would have stood in the way of.
    package let shadowed: OwnMetric
    private let loops: Int
    private let own = Mutex<[Weak]>([])
    private let sources = Mutex<[Source]>([])
    private let watched = Mutex<[ObjectIdentifier: WatchedState]>([:])

    /// - Parameter loops: how many loops count.
    package init(loops: Int) {
        self.loops = loops
        calls = CallMetrics(.http, loops: loops)
        rpcs = CallMetrics(.rpc, loops: loops)
        strangers = RouteCalls(rpcs, route: [], limit: 100)
        flagged = OwnMetric(OwnMetric.Shape(Self.flagFamily.name, .counter), help: Self.flagFamily.help, loops: loops)
        shadowed = OwnMetric(
            OwnMetric.Shape(Self.shadowFamily.name, .counter), help: Self.shadowFamily.help, loops: loops)
    }

    /// The metric of this shape, the same as long as some plan has it.
    package func own(_ shape: OwnMetric.Shape, help: String) -> OwnMetric {
        own.withLock { own in
            own.removeAll { $0.metric == nil }
            if let known = own.lazy.compactMap(\.metric).first(where: { $0.shape == shape }) { return known }
            let metric = OwnMetric(shape, help: help, loops: loops)
            own.append(Weak(metric: metric))
            return metric
        }
    }

    /// Adds families that are read off when they are asked for, from any thread. They are listed in
    /// `MetricFamily.builtIn`.
    package func add(_ source: @escaping Source) { sources.withLock { $0.append(source) } }

    /// Reads a state off with each scrape, as long as it lives.
    ///
    /// - Parameter place: where in the manifest it was written.
    package func watch(_ state: any Gauged, at place: [UInt8]) {
        watched.withLock { watched in
            watched = watched.filter { $0.value.state != nil }
            watched[ObjectIdentifier(state)] = WatchedState(state: state, place: place)
        }
    }

    /// Everything, as a scraper reads it. From any thread.
    package func exposition(_ format: ExpositionFormat) -> [UInt8] {
        var out = ExpositionWriter(format)
        calls.write(into: &out)
        rpcs.write(into: &out)
        flagged.write(into: &out)
        shadowed.write(into: &out)
        // Of two shapes with one name the newer plan's.
        let living = self.own.withLock { $0.compactMap(\.metric) }
        let own = Dictionary(living.map { ($0.shape.name, $0) }) { $1 }.values.sorted { $0.shape.name < $1.shape.name }
        for metric in own { metric.write(into: &out) }
        writeOwnState(own, into: &out)
        WatchedState.write(Array(watched.withLock { $0.values }), into: &out)
        for source in sources.withLock({ $0 }) { source(&out) }
        return out.end()
    }

    // MARK: How the metrics themselves are

    static let seriesFamily = MetricFamily(
        "radicled_metric_series", .gauge, help: "Series that a metric has, of those it may have.")
    static let failureFamily = MetricFamily(
        "radicled_metric_failures", .counter,
        help: "Expressions of a metric that failed: a label was left empty, or a call was not counted.")
    static let flagFamily = MetricFamily(
        "radicled_flagged_calls", .counter, help: "Calls that did not end by themselves, by what ended them.")
    static let shadowFamily = MetricFamily(
        "radicled_shadowed_calls", .counter,
        help: "Calls that a policy on trial would have refused or held up.")
    static let families = [seriesFamily, failureFamily, flagFamily, shadowFamily]

    private func writeOwnState(_ own: [OwnMetric], into out: inout ExpositionWriter) {
        out.begin(Self.seriesFamily)
        for metrics in [calls, rpcs] {
            out.sample(Double(metrics.seriesCount)) { $0.label("metric", metrics.durationName) }
        }
        for metric in own { out.sample(Double(metric.seriesCount)) { $0.label("metric", metric.shape.name) } }
        guard !own.isEmpty else { return }
        out.begin(Self.failureFamily)
        for metric in own { out.sample(Double(metric.failures)) { $0.label("metric", metric.shape.name) } }
    }
}
