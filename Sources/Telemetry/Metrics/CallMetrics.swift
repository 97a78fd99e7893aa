import JSON
import Synchronization

/// The metrics of every call by the conventions of its protocol: its duration, the sizes of both bodies, and how many run
/// now or have been begun.
package final class CallMetrics: Sendable {
    fileprivate let finished: SeriesDirectory
    fileprivate let active: SeriesDirectory
    fileprivate let loops: Int
    private let kind: Kind

    enum Kind {
        /// OpenTelemetry, HTTP metrics.
        case http
        /// OpenTelemetry, RPC metrics; and of gRPC's own (A66) what those have no word for.
        case rpc
    }

    init(_ kind: Kind, loops: Int) {
        self.kind = kind
        self.loops = loops
        finished = SeriesDirectory(words: CallCell.words, loops: loops)
        active = SeriesDirectory(words: 2, loops: loops)
    }

    static let duration = MetricFamily(
        "http_server_request_duration_seconds", .histogram, unit: "seconds",
        help: "How long HTTP calls took, from the first look at them to the last byte handed over.")
    static let requestSize = MetricFamily(
        "http_server_request_body_size_bytes", .histogram, unit: "bytes", help: "Sizes of the bodies of HTTP requests.")
    static let responseSize = MetricFamily(
        "http_server_response_body_size_bytes", .histogram, unit: "bytes",
        help: "Sizes of the bodies of HTTP responses.")
    static let running = MetricFamily(
        "http_server_active_requests", .gauge, help: "HTTP calls that run now, those that wait included.")
    static let rpcDuration = MetricFamily(
        "rpc_server_call_duration_seconds", .histogram, unit: "seconds",
        help: "How long calls of methods took, from the first look at them to the last byte handed over.")
    static let receivedSize = MetricFamily(
        "grpc_server_call_rcvd_total_compressed_message_size_bytes", .histogram, unit: "bytes",
        help: "Sizes of all messages that a call received, as they came.")
    static let sentSize = MetricFamily(
        "grpc_server_call_sent_total_compressed_message_size_bytes", .histogram, unit: "bytes",
        help: "Sizes of all messages that a call sent, as they left.")
    static let started = MetricFamily("grpc_server_call_started", .counter, help: "Calls of methods that were begun.")
    static let families = [
        duration, requestSize, responseSize, running, rpcDuration, receivedSize, sentSize, started,
    ]

    var durationName: String { kind == .http ? Self.duration.name : Self.rpcDuration.name }

    /// The bounds of a duration's histogram, in seconds.
    package static var durationBounds: [Double] { CallCell.durationBounds }

    var seriesCount: Int { finished.count }

    func write(into out: inout ExpositionWriter) {
        // One look at all cells, so that the three histograms of a scrape are of the same calls.
        var read: [(labels: [UInt8]?, created: Int64, parts: [HistogramReading])] = []
        finished.forEach { series, cells in
            read.append((series.labels, series.created, CallCell.parts.map { $0.reading(cells) }))
        }
        let families =
            kind == .http
            ? [Self.duration, Self.requestSize, Self.responseSize]
            : [Self.rpcDuration, Self.receivedSize, Self.sentSize]
        for (index, family) in families.enumerated() {
            out.begin(family)
            for series in read {
                out.histogram(labels: series.labels, series.parts[index], created: series.created)
            }
        }
        out.begin(kind == .http ? Self.running : Self.started)
        active.forEach { series, cells in
            if kind == .rpc {
                let begun = cells.reduce(0 as UInt64) { $0 &+ $1.value(at: 0) }
                return out.sample(labels: series.labels, Double(begun), created: series.created)
            }
            var running: Int64 = 0
            for cell in cells {
                running &+= Int64(bitPattern: cell.value(at: 0) &- cell.value(at: 1))
            }
            out.sample(labels: series.labels, Double(max(0, running)))
        }
    }
}

/// The numbers of the finished calls of one series.
enum CallCell {
    /// Bounds in nanoseconds (OpenTelemetry, HTTP metrics, `http.server.request.duration`).
    static let durationBounds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]
    /// The conventions give none for sizes: powers of four, from what fits a packet's corner to 16 MiB.
    static let sizeBounds: [Double] = (4...12).map { Double(1 << ($0 * 2)) }

    /// Where a histogram lies in a cell, and what it measures in.
    struct Part {
        let bounds: [Double]
        let first: Int
        /// Of one unit of the sum.
        let scale: Double
        let hasExemplars: Bool

        var sum: Int { first + bounds.count + 1 }
        var end: Int { sum + 1 }

        /// The sum over all loops.
        func reading(_ cells: [MetricCell]) -> HistogramReading {
            var reading = HistogramReading(bounds: bounds)
            var sum: UInt64 = 0
            for cell in cells {
                for index in 0...bounds.count { reading.counts[index] &+= cell.value(at: first + index) }
                sum &+= cell.value(at: self.sum)
                if hasExemplars, let exemplars = cell.exemplars { reading.take(exemplars) }
            }
            reading.sum = Double(sum) * scale
            return reading
        }
    }

    static let parts: [Part] = {
        let duration = Part(bounds: durationBounds, first: 0, scale: 1e-9, hasExemplars: true)
        let request = Part(bounds: sizeBounds, first: duration.end, scale: 1, hasExemplars: false)
        return [duration, request, Part(bounds: sizeBounds, first: request.end, scale: 1, hasExemplars: false)]
    }()

    // The same as constants, for the path of a request.
    static let requestAt = 16
    static let responseAt = 27
    static let words = 38

    /// The bucket of a duration: most calls are in the first ones.
    @inline(__always) static func bucket(nanoseconds: Int64) -> Int {
        if nanoseconds <= 5_000_000 { return 0 }
        if nanoseconds <= 100_000_000 {
            return nanoseconds <= 10_000_000
                ? 1 : nanoseconds <= 25_000_000 ? 2 : nanoseconds <= 50_000_000 ? 3 : nanoseconds <= 75_000_000 ? 4 : 5
        }
        if nanoseconds <= 1_000_000_000 {
            return nanoseconds <= 250_000_000
                ? 6 : nanoseconds <= 500_000_000 ? 7 : nanoseconds <= 750_000_000 ? 8 : 9
        }
        return nanoseconds <= 2_500_000_000
            ? 10
            : nanoseconds <= 5_000_000_000
                ? 11
                : nanoseconds <= 7_500_000_000
                    ? 12
                    : nanoseconds <= 10_000_000_000 ? 13 : 14
    }

    /// The bucket of a size: 256 is the first bound, each further one four times as large.
    @inline(__always) static func bucket(bytes: Int) -> Int {
        if bytes <= 256 { return 0 }
        let bits = Int.bitWidth &- (bytes &- 1).leadingZeroBitCount
        return min(9, (bits &- 7) / 2)
    }
}

/// What a finished call adds.
package struct CallReading: Sendable {
    /// Stands for the labels: calls with the same one have the same labels, on the same route.
    package var key: UInt64
    /// Nanoseconds.
    package var duration: Int64
    package var received: Int
    package var sent: Int
    /// When it ended, in nanoseconds since the Unix epoch.
    package var wall: Int64

    package init(key: UInt64, duration: Int64, received: Int, sent: Int, wall: Int64) {
        self.key = key
        self.duration = duration
        self.received = received
        self.sent = sent
        self.wall = wall
    }
}

/// The calls of one route of one plan, on their way into the metrics of all. The series end with the last route of that
/// name, so a reload that keeps it keeps them.
package final class RouteCalls: Sendable {
    private let metrics: CallMetrics
    private let route: [UInt8]
    private let limit: Int
    private let caches: PerLoop<Caches>

    private struct Caches: ~Copyable {
        var lastKey: UInt64 = .max
        var last: MetricCell?
        var finished = SeriesCache()
        var lastActiveKey: UInt64 = .max
        var lastActive: MetricCell?
        var active = SeriesCache()
    }

    /// - Parameters:
    ///   - route: `http.route`; empty for what matched none.
    ///   - limit: how many series each metric may have.
    package init(_ metrics: CallMetrics, route: [UInt8], limit: Int) {
        self.metrics = metrics
        self.route = route
        self.limit = limit
        caches = PerLoop(metrics.loops) { Caches() }
        metrics.finished.hold(route)
    }

    deinit { metrics.finished.release(route) }

    /// A call begins.
    ///
    /// - Parameters:
    ///   - key: stands for the labels.
    ///   - labels: writes them where the series is new.
    package func enter(_ key: UInt64, loop: Int, wall: Int64, labels: (inout LabelWriter) -> Void) {
        activeCell(key, loop: loop, wall: wall, labels: labels)?.add(1, at: 0)
    }

    /// A call that entered with this key on this loop ends.
    package func leave(_ key: UInt64, loop: Int, wall: Int64, labels: (inout LabelWriter) -> Void) {
        activeCell(key, loop: loop, wall: wall, labels: labels)?.add(1, at: 1)
    }

    private func activeCell(
        _ key: UInt64, loop: Int, wall: Int64, labels: (inout LabelWriter) -> Void
    ) -> MetricCell? {
        guard let caches = caches[loop] else { return nil }
        if caches.pointee.lastActiveKey == key, let cell = caches.pointee.lastActive { return cell }
        let cell = Self.cell(key, in: &caches.pointee.active, labels) {
            metrics.active.cell($0, loop: loop, limit: .max, wall: wall)
        }
        caches.pointee.lastActiveKey = key
        caches.pointee.lastActive = cell
        return cell
    }

    /// A call has ended.
    ///
    /// - Parameter exemplar: its trace, if that is kept.
    package func record(
        _ call: CallReading, exemplar: Exemplar?, loop: Int, labels: (inout LabelWriter) -> Void
    ) {
        guard let caches = caches[loop] else { return }
        let cell: MetricCell
        if caches.pointee.lastKey == call.key, let last = caches.pointee.last {
            cell = last
        } else {
            var isOverflow = false
            cell = Self.cell(call.key, in: &caches.pointee.finished, labels) {
                let found = metrics.finished.cell($0, owner: route, loop: loop, limit: limit, wall: call.wall)
                isOverflow = found.isOverflow
                return found
            }
            if !isOverflow {
                caches.pointee.lastKey = call.key
                caches.pointee.last = cell
            }
        }
        let bucket = CallCell.bucket(nanoseconds: call.duration)
        cell.add(1, at: bucket)
        cell.add(UInt64(max(0, call.duration)), at: 15)
        cell.add(1, at: CallCell.requestAt &+ CallCell.bucket(bytes: call.received))
        cell.add(UInt64(max(0, call.received)), at: CallCell.requestAt &+ 10)
        cell.add(1, at: CallCell.responseAt &+ CallCell.bucket(bytes: call.sent))
        cell.add(UInt64(max(0, call.sent)), at: CallCell.responseAt &+ 10)
        if let exemplar { cell.note(exemplar, at: bucket, of: 15) }
    }

    private static func cell(
        _ key: UInt64, in cache: inout SeriesCache, _ labels: (inout LabelWriter) -> Void,
        _ find: ([UInt8]) -> (cell: MetricCell, isOverflow: Bool)
    ) -> MetricCell {
        var bytes = key
        if let cell = withUnsafeBytes(of: &bytes, { cache.cell($0.assumingMemoryBound(to: UInt8.self)) }) {
            return cell
        }
        var writer = LabelWriter()
        labels(&writer)
        let found = find(writer.labels)
        if !found.isOverflow { cache.remember(withUnsafeBytes(of: &bytes) { Array($0) }, found.cell) }
        return found.cell
    }
}
