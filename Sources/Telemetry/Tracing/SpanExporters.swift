package import Client
package import NIOCore
import Synchronization

/// The collectors that spans go to, each with one exporter however many routes send there.
package final class SpanExporters: Sendable {
    package let environment: TracesEnvironment
    private let version: String
    private let resource: [String: String]
    /// Nothing is sent but what a manifest names.
    package static let none = SpanExporters(environment: .none, version: "", resource: [:])
    private let open = Mutex<[SpanExporter.Settings: SpanExporter]>([:])

    /// - Parameters:
    ///   - version: radicled's own.
    ///   - resource: attributes of this process.
    package init(environment: TracesEnvironment, version: String, resource: [String: String]) {
        self.environment = environment
        self.version = version
        self.resource = resource
    }

    /// The exporter for what a manifest says; the environment says the rest. Nil if neither names a collector.
    package func exporter(
        to target: HTTPTarget?, format: OTLPFormat?, headers: [String: String], service: String
    ) -> SpanExporter? {
        guard !environment.isDisabled, let target = target ?? environment.target else { return nil }
        var attributes = resource.merging(environment.resource) { $1 }
        attributes["service.name"] = service
        attributes["telemetry.sdk.name"] = "radicled"
        attributes["telemetry.sdk.language"] = "swift"
        attributes["telemetry.sdk.version"] = version
        let settings = SpanExporter.Settings(
            target: target, format: format ?? environment.format ?? .protobuf,
            headers: environment.headers.merging(headers) { $1 }, resource: attributes,
            compresses: environment.compresses, version: version, batch: environment.batch)
        return open.withLock { open in
            if let exporter = open[settings] { return exporter }
            let exporter = SpanExporter(settings)
            open[settings] = exporter
            return exporter
        }
    }

    /// What all of them have done.
    package var states: [SpanExporter.State] { open.withLock { $0.values.map(\.state) } }

    /// Sends what is left, all collectors at once, as long as the time allows. Returns how many spans were lost since
    /// the start.
    package func close(within time: TimeAmount) -> Int {
        let exporters = open.withLock { Array($0.values) }
        let deadline = NIODeadline.now() + time
        var lost = 0
        for exporter in exporters { exporter.beginClosing() }
        for exporter in exporters {
            exporter.close(by: deadline)
            let state = exporter.state
            lost += state.counts.dropped + state.counts.failed + state.queued + state.inFlight
        }
        return lost
    }
}
