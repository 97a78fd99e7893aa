import Catalog
import Compiler
import CoreMetrics
import Pipeline
import Synchronization
import Telemetry
import Transport

/// What is in force, for whoever scrapes, on whatever thread.
final class Standing: Sendable {
    struct Facts {
        var name: String
        var generation: Int
        var outputs: LogOutputs
        /// What the manifest says of the process.
        var resource: [String: String]
        /// Manifests that came into force after the first, and those that stayed out.
        var reloads = 0
        var refusals = 0
        /// When this one was put in force: seconds since the Unix epoch.
        var inForceSince = Standing.now()
        /// Whether the one that was loaded last is this one.
        var isLatest = true
    }

    private let contents: Mutex<Facts>

    init(_ first: Candidate) {
        contents = Mutex(
            Facts(
                name: first.plan.name, generation: first.plan.generation, outputs: first.outputs,
                resource: first.resource))
    }

    var facts: Facts { contents.withLock { $0 } }

    /// The next one is in force.
    func put(_ next: Candidate) {
        contents.withLock { facts in
            facts.name = next.plan.name
            facts.generation = next.plan.generation
            facts.outputs = next.outputs
            facts.resource = next.resource
            facts.reloads += 1
            facts.inForceSince = Self.now()
            facts.isLatest = true
        }
    }

    /// The next one was refused.
    func refuse() {
        contents.withLock { facts in
            facts.refusals += 1
            facts.isLatest = false
        }
    }

    private static func now() -> Double { Double(WallClock.now()) * 1e-9 }
}

/// What the process says of itself where its metrics are scraped.
enum ServerSources {
    static func add(
        to metrics: MetricRegistry, _ standing: Standing, server: Server, _ failures: HandshakeFailures, workers: Int
    ) {
        metrics.add { out in
            let facts = standing.facts
            writeTarget(facts, into: &out)
            out.begin(ServerMetrics.build)
            out.sample(1) { $0.label("version", Release.version) }
            out.begin(ServerMetrics.generation)
            out.sample(Double(facts.generation))
            out.begin(ServerMetrics.reloads)
            out.sample(Double(facts.reloads)) { $0.label("outcome", "in_force" as StaticString) }
            out.sample(Double(facts.refusals)) { $0.label("outcome", "refused" as StaticString) }
            out.begin(ServerMetrics.lastReload)
            out.sample(facts.inForceSince)
            out.begin(ServerMetrics.lastReloadSucceeded)
            out.sample(facts.isLatest ? 1 : 0)
            out.begin(ServerMetrics.logDropped)
            out.sample(Double(facts.outputs.lostLines))
            SpanMetrics.write(facts.outputs.spans, into: &out)
        }
        metrics.add { out in
            out.begin(ServerMetrics.loops)
            out.sample(Double(workers))
            out.begin(ServerMetrics.connections)
            out.sample(Double(server.openConnections))
            out.begin(ServerMetrics.connectionLimit)
            out.sample(Double(server.connectionLimit))
            out.begin(ServerMetrics.refused)
            out.sample(Double(server.refusedConnections))
            out.begin(ServerMetrics.handshakesFailed)
            for reason in HandshakeFailures.Reason.allCases {
                out.sample(Double(failures.count(reason))) { $0.label("reason", reason.name) }
            }
        }
        metrics.add(ProcessMetrics.source())
        // What libraries in the process count; there is one registry, so it is done once.
        let library = LibraryMetrics()
        MetricsSystem.bootstrap(library)
        metrics.add(library.source)
    }

    /// The attributes of OpenTelemetry's resource.
    private static func writeTarget(_ facts: Standing.Facts, into out: inout ExpositionWriter) {
        var attributes = facts.outputs.spans.processResource.merging(facts.resource) { $1 }
        attributes["service.name"] = facts.name
        attributes["service.version"] = attributes["service.version"] ?? Release.version
        // Two attributes may come to one label; the first by name stays.
        let labels = Dictionary(
            attributes.sorted { $0.key < $1.key }.map { (PrometheusName.of($0.key), $0.value) },
            uniquingKeysWith: { first, _ in first })
        out.begin(ServerMetrics.target)
        out.sample(1) { writer in
            for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.label(name, value) }
        }
    }
}
