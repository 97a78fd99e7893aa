import JSON
import Synchronization
package import Tracing

/// What libraries in the process trace by swift-distributed-tracing, on its way to the collector that the environment
/// names. Without one nothing is made, and a context goes through as it came.
///
/// They trace from any thread, and seldom: a lock a span is enough.
package final class LibraryTracer: Tracer {
    private struct Collector {
        let spans: SpanExporters
        let service: String
        let resource: [String: String]
        /// Nil until a span needs it: it has a thread, and most processes have no such spans.
        var outlet: SpanOutlet?

        mutating func open() -> SpanOutlet? {
            outlet = outlet ?? spans.exporter(to: nil, format: nil, headers: [:], service: service, resource: resource)
            return outlet
        }
    }

    private let isOn: Bool
    private let sampler: TracesEnvironment.Sampler
    private let tally: SpanTally
    /// Nil when the process ends.
    private let collector: Mutex<Collector?>

    /// - Parameters:
    ///   - spans: its environment says where spans go and which; that stays so while the process runs.
    ///   - service: `service.name`.
    ///   - resource: attributes of the process that the manifest names.
    package init(_ spans: SpanExporters, service: String, resource: [String: String]) {
        isOn = spans.hasDefault
        sampler = spans.environment.sampler ?? TracesEnvironment.Sampler(share: 1)
        tally = spans.tally
        collector = Mutex(Collector(spans: spans, service: service, resource: resource))
    }

    /// Another manifest is about to be in force.
    package func settle(on spans: SpanExporters, service: String, resource: [String: String]) {
        collector.withLock { collector in
            guard let earlier = collector else { return }
            var next = Collector(spans: spans, service: service, resource: resource)
            // The same settings get the same exporter, with what waits there.
            if earlier.outlet != nil { _ = next.open() }
            collector = next
        }
    }

    /// What ends from now on is not sent any more.
    package func close() { collector.withLock { $0 = nil } }

    // MARK: Spans

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> LibrarySpan {
        var context = context()
        guard isOn else { return LibrarySpan(named: operationName, in: context) }
        let caller = context.place
        var trace = TraceContext()
        if let caller {
            trace.high = caller.trace.high
            trace.low = caller.trace.low
            trace.flags = caller.trace.flags
            trace.parent = caller.trace.caller
        } else {
            trace.begin(.random(in: 0 ... .max), .random(in: 0 ... .max))
        }
        trace.span = .random(in: 1 ... .max)
        sampler.decide(on: &trace)
        let place = TracePlace(trace: trace, state: caller?.state ?? "")
        context.place = place
        tally.begin(trace.isSampled ? .sampled : .dropped)
        guard trace.isSampled else { return LibrarySpan(named: operationName, in: context) }
        let record = LibrarySpan.Record(
            named: operationName, kind: kind, start: instant().nanosecondsSinceEpoch, at: place,
            isParentRemote: caller?.isRemote ?? false)
        return LibrarySpan(record, in: context, endingIn: self)
    }

    /// A span has ended; nil if it never will.
    func take(_ record: LibrarySpan.Record?) {
        tally.end(.sampled)
        guard let record, let outlet = collector.withLock({ $0?.open() }) else { return }
        var writer = OTLPWriter(outlet.format)
        record.write(into: &writer)
        outlet.add(writer.bytes)
    }

    /// Nothing to do: full batches go by themselves, the others within seconds, and the end of the process waits for them.
    package func forceFlush() {}

    // MARK: W3C Trace Context

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard var parent = extractor.extract(key: "traceparent", from: carrier),
            let trace = parent.withUTF8({ TraceContext(traceparent: $0) })
        else { return }
        var state = extractor.extract(key: "tracestate", from: carrier) ?? ""
        if !state.withUTF8({ TraceState.isValid($0) }) { state = "" }
        context.place = TracePlace(trace: trace, state: state)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context.place else { return }
        var out = ByteWriter(capacity: 64)
        place.trace.write(traceparent: &out)
        injector.inject(String(decoding: out.bytes, as: UTF8.self), forKey: "traceparent", into: &carrier)
        if !place.state.isEmpty { injector.inject(place.state, forKey: "tracestate", into: &carrier) }
    }
}

/// Where in a distributed trace the code is that runs.
struct TracePlace: Sendable {
    var trace: TraceContext
    /// `tracestate`, valid or empty.
    var state: String

    /// Whether another process's span is the one that this place is in.
    var isRemote: Bool { trace.span == 0 }
}

extension ServiceContext {
    private enum PlaceKey: ServiceContextKey {
        typealias Value = TracePlace

        static var nameOverride: String? { "trace" }
    }

    var place: TracePlace? {
        get { self[PlaceKey.self] }
        set { self[PlaceKey.self] = newValue }
    }
}
