package import CEL
package import Diagnostics
import JSON
package import Manifests
package import Pipeline
import Telemetry

/// `metrics`: what is counted of each call, and what a manifest counts beside.
package struct Metrics: MiddlewareSection, ManifestSection {
    package var counters = Named<Switchable<CounterSection>>()
    package var gauges = Named<Switchable<GaugeSection>>()
    package var histograms = Named<Switchable<HistogramSection>>()
    package var series = 2000
    package var when: Expression?

    package init() {}

    package static let key = "metrics"
    package static let doc = """
        Counts each call, how long it took and how large its bodies were, by the names of OpenTelemetry's conventions, and \
        whatever else expressions say. Scrapers read it at `/metrics` of the admin port.
        """
    package static let fields: [Field<Metrics>] = [
        Field(
            "counters", \.counters,
            doc: """
                Counters of your own, by name; `_total` is added. A deeper scope adds to these, and `off` takes one out.
                """,
            example: "{ hello_count: { help: Greetings sent, labels: { name: path.?name } } }"),
        Field(
            "gauges", \.gauges, doc: "Gauges of your own, by name: the last call to set one counts.",
            example: "{ queue_length: { help: Orders that wait, value: int(query.waiting) } }"),
        Field(
            "histograms", \.histograms, doc: "Histograms of your own, by name.",
            example: "{ order_items: { help: Items of an order, value: size(body.items), buckets: [1, 5, 10, 50] } }"),
        Field(
            "series", \.series,
            doc: """
                How many series each metric may have. What comes when there are so many is counted in one more with the label \
                `otel_metric_overflow="true"`, whatever its own labels.
                """,
            example: "500", check: within(1...1_000_000)),
        Field(
            "when", \.when,
            doc: """
                Only calls for which this is true are counted. It is evaluated when they are over, so it may read `response`; \
                if it fails, the call is counted.
                """,
            example: "\"!request.path.startsWith('/internal/')\""),
    ]

    /// Tells of names first, for each map as it is written.
    package func lint(_ node: Node, _ findings: inout Findings) {
        for metric in definitions { MetricNaming.lint(metric, &findings) }
    }

    /// All of the three maps that are not off.
    package var definitions: [OwnMetricDefinition] {
        counters.entries.compactMap { entry in entry.value.value.map { $0.definition(entry.key) } }
            + gauges.entries.compactMap { entry in entry.value.value.map { $0.definition(entry.key) } }
            + histograms.entries.compactMap { entry in entry.value.value.map { $0.definition(entry.key) } }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        var condition: Program?
        if let when {
            guard let program = scope.check(when, at: .afterAnswer, expecting: .bool, &findings) else { return nil }
            switch program.constant {
            case .bool(true): break
            case .bool(false): return nil
            default: condition = program
            }
        }
        var recorders: [OwnMetricRecorder] = []
        for definition in definitions where definition.applies(to: scope) {
            guard let compiled = definition.compile(scope, &findings), let outputs = scope.outputs else { continue }
            let shape = definition.shape
            // The place says all that makes it the same metric; what its help says may change.
            let place = ManifestPlace.root.key("middleware").key("metrics").key("\(shape)")
            let metric = scope.at(place).shared {
                outputs.metrics.own(shape, help: definition.helpText)
            } adjust: { [help = definition.helpText] in
                $0.describe(help)
            }
            recorders.append(OwnMetricRecorder(metric, compiled, limit: series))
        }
        guard let outputs = scope.outputs else { return nil }
        let rpc = scope.method.map { RPCCalls(outputs.metrics.rpcs, of: $0, limit: series) }
        func page(_ path: [UInt8]) -> PageCalls { PageCalls(outputs.metrics.calls, route: path, limit: series) }
        return MetricsStage(
            outputs.metrics, page(scope.routePath), rules: scope.httpPaths.map { page($0) },
            rpc ?? RPCCalls(strangersOf: outputs.metrics), recorders, when: condition)
    }
}
