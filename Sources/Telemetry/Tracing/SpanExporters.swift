package import Client
package import NIOCore
import Synchronization

/// The collectors that spans go to, each with one exporter however many routes send there.
package final class SpanExporters: Sendable {
    package let environment: TracesEnvironment
    private let version: String
    private let resource: [String: String]
    /// What becomes of spans before they come here.
    let tally: SpanTally
    /// Nothing is sent but what a manifest names.
    package static let none = SpanExporters(environment: .none, version: "", resource: [:])
    private let contents: Mutex<Contents>
    private let leaving: LeavingExporters

    private struct Contents {
        var open: [SpanExporter.Settings: SpanOutlet] = [:]
        /// Those of the plan before, until this one is in force.
        var earlier: [SpanExporter.Settings: SpanOutlet] = [:]
    }

    /// - Parameters:
    ///   - version: radicled's own.
    ///   - resource: attributes of this process.
    ///   - loops: how many loops make spans.
    package init(environment: TracesEnvironment, version: String, resource: [String: String], loops: Int = 0) {
        self.environment = environment
        self.version = version
        self.resource = resource
        tally = SpanTally(loops: loops)
        contents = Mutex(Contents())
        leaving = LeavingExporters()
    }

    /// For the plan that is to replace another: collectors that both name keep their exporter and its queue. What only one
    /// of them names ends when no call has spans for it any more.
    init(after earlier: SpanExporters) {
        environment = earlier.environment
        version = earlier.version
        resource = earlier.resource
        tally = earlier.tally
        leaving = earlier.leaving
        contents = Mutex(Contents(earlier: earlier.contents.withLock { $0.open }))
    }

    /// The plan that was compiled with these is in force.
    func takeEffect() { contents.withLock { $0.earlier = [:] } }

    /// The exporter for what a manifest says; the environment says the rest. Nil if neither names a collector.
    ///
    /// - Parameter own: attributes of the process that the manifest names.
    package func exporter(
        to target: HTTPTarget?, format: OTLPFormat?, headers: [String: String], service: String,
        resource own: [String: String] = [:]
    ) -> SpanOutlet? {
        guard !environment.isDisabled, let target = target ?? environment.target else { return nil }
        var attributes = resource.merging(environment.resource) { $1 }.merging(own) { $1 }
        attributes["service.name"] = service
        attributes["telemetry.sdk.name"] = "radicled"
        attributes["telemetry.sdk.language"] = "swift"
        attributes["telemetry.sdk.version"] = version
        let settings = SpanExporter.Settings(
            target: target, format: format ?? environment.format ?? .protobuf,
            headers: environment.headers.merging(headers) { $1 }, resource: attributes,
            compresses: environment.compresses, version: version, batch: environment.batch)
        return contents.withLock { contents in
            let outlet =
                contents.open[settings] ?? contents.earlier[settings]
                ?? SpanOutlet(SpanExporter(settings), tally, leaving: leaving)
            contents.open[settings] = outlet
            return outlet
        }
    }

    /// Whether there is a collector for what no manifest names one for.
    var hasDefault: Bool { !environment.isDisabled && environment.target != nil }

    /// What this process calls itself towards collectors.
    package var processResource: [String: String] { resource.merging(environment.resource) { $1 } }

    /// What all of them have done, each with the collector's address.
    var named: [(name: String, state: SpanExporter.State)] {
        exporters.map { ("\($0.settings.target)", $0.state) }.sorted { $0.name < $1.name }
    }

    /// What all of them have done.
    package var states: [SpanExporter.State] { exporters.map(\.state) }

    private var exporters: [SpanExporter] { contents.withLock { $0.open.values.map(\.exporter) } + leaving.exporters }

    /// Sends what is left, all collectors at once, as long as the time allows. Returns how many spans were lost since
    /// the start.
    package func close(within time: TimeAmount) -> Int {
        let exporters = exporters
        let deadline = NIODeadline.now() + time
        var lost = leaving.lost
        for exporter in exporters { exporter.beginClosing() }
        for exporter in exporters {
            exporter.close(by: deadline)
            lost += exporter.state.lost
        }
        return lost
    }
}

/// An exporter in use: as long as somebody holds this, spans are taken. Then what is left is sent, and the exporter ends by
/// itself.
package final class SpanOutlet: Sendable {
    let exporter: SpanExporter
    /// Whoever begins and ends spans of calls counts them here.
    package let tally: SpanTally
    private let leaving: LeavingExporters

    fileprivate init(_ exporter: SpanExporter, _ tally: SpanTally, leaving: LeavingExporters) {
        self.exporter = exporter
        self.tally = tally
        self.leaving = leaving
    }

    deinit { leaving.take(exporter) }

    package var settings: SpanExporter.Settings { exporter.settings }
    package var format: OTLPFormat { exporter.format }

    /// Takes a span that an `OTLPWriter` of this format wrote. From any thread, and without waiting for the collector.
    package func add(_ span: UnsafeBufferPointer<UInt8>) { exporter.add(span) }
}

/// Exporters that no manifest names any more, on their way to their end.
private final class LeavingExporters: Sendable {
    private let contents = Mutex<(exporters: [ObjectIdentifier: SpanExporter], lost: Int)>(([:], 0))

    var exporters: [SpanExporter] { contents.withLock { Array($0.exporters.values) } }

    /// How many spans those lost that are gone.
    var lost: Int { contents.withLock { $0.lost } }

    func take(_ exporter: SpanExporter) {
        let key = ObjectIdentifier(exporter)
        contents.withLock { $0.exporters[key] = exporter }
        exporter.end { [self] in
            contents.withLock { contents in
                if let ended = contents.exporters.removeValue(forKey: key) { contents.lost += ended.state.lost }
            }
        }
    }
}
