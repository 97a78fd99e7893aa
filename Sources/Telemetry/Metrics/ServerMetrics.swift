/// What radicled says of itself.
package enum ServerMetrics {
    package static let build = MetricFamily("radicled_build", .info, help: "Which radicled this is.")
    package static let target = MetricFamily("target", .info, help: "What runs here, for all metrics of this scrape.")
    package static let generation = MetricFamily(
        "radicled_manifest_generation", .gauge, help: "How many manifests have been in force, this one included.")
    package static let connections = MetricFamily(
        "radicled_connections", .gauge, help: "Connections that are open.")
    package static let connectionLimit = MetricFamily(
        "radicled_connection_limit", .gauge, help: "Connections that may be open; more are closed at once.")
    package static let refused = MetricFamily(
        "radicled_connections_refused", .counter, help: "Connections that were closed at once, being too many.")
    package static let handshakesFailed = MetricFamily(
        "radicled_tls_handshakes_failed", .counter, help: "TLS handshakes that came to nothing, by what was wrong.")
    package static let loops = MetricFamily("radicled_workers", .gauge, help: "Event loops that serve.")
    package static let logDropped = MetricFamily(
        "radicled_log_lines_dropped", .counter,
        help: "Lines of the access log that could not be written: a full disk, a reader that stands still.")
    package static let reloads = MetricFamily(
        "radicled_manifest_reloads", .counter,
        help: "Manifests that were loaded while the server ran: in force now or before, or refused.")
    package static let lastReload = MetricFamily(
        "radicled_config_last_reload_success_timestamp_seconds", .gauge, unit: "seconds",
        help: "When a manifest was last put in force, the first one included: seconds since the Unix epoch.")
    package static let lastReloadSucceeded = MetricFamily(
        "radicled_config_last_reload_successful", .gauge,
        help: "Whether the manifest that was loaded last is in force: 1, or 0 if it was refused.")
    package static let running = MetricFamily(
        "radicled_concurrency_running", .gauge, help: "Calls inside a concurrency limit.")
    package static let waiting = MetricFamily(
        "radicled_concurrency_waiting", .gauge, help: "Calls that wait in the queue of a concurrency limit.")
    package static let permitted = MetricFamily(
        "radicled_concurrency_limit", .gauge, help: "Calls that may be inside a concurrency limit just now.")
    static let families = [
        running, waiting, permitted, build, target, generation, reloads, lastReload, lastReloadSucceeded, connections,
        connectionLimit, refused, handshakesFailed, loops, logDropped,
    ]
}

/// What became of spans, by OpenTelemetry's conventions for its SDKs.
package enum SpanMetrics {
    static let exported = MetricFamily(
        "otel_sdk_exporter_span_exported", .counter,
        help: "Spans that their collector has taken, or, with an error_type, has not.")
    static let inFlight = MetricFamily(
        "otel_sdk_exporter_span_inflight", .gauge, help: "Spans that are on their way to their collector.")
    static let queued = MetricFamily(
        "otel_sdk_processor_span_queue_size", .gauge, help: "Spans that wait to be sent.")
    static let capacity = MetricFamily(
        "otel_sdk_processor_span_queue_capacity", .gauge, help: "Spans that may wait; more are dropped.")
    static let processed = MetricFamily(
        "otel_sdk_processor_span_processed", .counter,
        help: "Spans that were handed to the exporter, or, with an error_type, dropped.")
    static let started = MetricFamily(
        "otel_sdk_span_started", .counter, help: "Spans that were begun, by what was decided of them.")
    static let live = MetricFamily(
        "otel_sdk_span_live", .gauge, help: "Spans that are recorded and have not ended.")
    static let families = [exported, inFlight, queued, capacity, processed, started, live]

    package static func write(_ exporters: SpanExporters, into out: inout ExpositionWriter) {
        let states = exporters.named
        guard !states.isEmpty else { return }
        func each(
            _ family: MetricFamily, of type: StaticString, into out: inout ExpositionWriter,
            _ values: (SpanExporter.State) -> [(value: Int, error: String?)]
        ) {
            out.begin(family)
            for (index, (address, state)) in states.enumerated() {
                for (value, error) in values(state) {
                    out.sample(Double(value)) { labels in
                        if let error { labels.label("error_type" as String, error) }
                        labels.label("otel_component_name", "\(type)/\(index)")
                        labels.label("otel_component_type", type)
                        labels.label("server_address", address)
                    }
                }
            }
        }
        let (exporter, processor): (StaticString, StaticString) = ("otlp_http_span_exporter", "batching_span_processor")
        each(exported, of: exporter, into: &out) { [($0.counts.exported, nil), ($0.counts.failed, "rejected")] }
        each(inFlight, of: exporter, into: &out) { [($0.inFlight, nil)] }
        each(queued, of: processor, into: &out) { [($0.queued, nil)] }
        each(capacity, of: processor, into: &out) { [($0.capacity, nil)] }
        each(processed, of: processor, into: &out) { state in
            let handedOver = state.counts.exported + state.counts.failed + state.inFlight
            return [(handedOver, nil), (state.counts.dropped, "queue_full")]
        }
        write(exporters.tally, into: &out)
    }

    private static func write(_ tally: SpanTally, into out: inout ExpositionWriter) {
        out.begin(started)
        for decision in SpanTally.Decision.allCases {
            out.sample(Double(tally.started(decision))) { $0.label("otel_span_sampling_result", decision.name) }
        }
        out.begin(live)
        for decision in [SpanTally.Decision.sampled, .recorded] {
            out.sample(Double(tally.live(decision))) { $0.label("otel_span_sampling_result", decision.name) }
        }
    }
}

extension MetricFamily {
    /// Every family that the server itself has: no metric of a manifest may take one of their names.
    package static let builtIn: [MetricFamily] =
        CallMetrics.families + MetricRegistry.families + ProcessMetrics.families + ServerMetrics.families
        + SpanMetrics.families
}
