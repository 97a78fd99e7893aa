import JSON
import Pipeline
import Telemetry

/// Gives each call its place in a trace, and sends its span when it is over.
final class TracingStage: Middleware {
    let moments: Moments
    private let trust: TraceTrust.Compiled
    private let sampler: TracesEnvironment.Sampler
    private let slow: Int64
    private let exporter: SpanOutlet?
    /// Counts the spans that `exporter` may get.
    private let tally: SpanTally?

    /// - Parameters:
    ///   - slow: nanoseconds.
    ///   - exporter: nil where spans go nowhere.
    init(trust: TraceTrust.Compiled, sampler: TracesEnvironment.Sampler, slow: Int64, exporter: SpanOutlet?) {
        moments = exporter == nil ? [.admit] : [.admit, .finish]
        self.trust = trust
        self.sampler = sampler
        self.slow = slow
        self.exporter = exporter
        tally = exporter?.tally
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        var trace = (trust.holds(&exchange) ? sent(&exchange) : nil) ?? TraceContext()
        if !trace.isThere {
            trace.begin(exchange.loop.state.pointee.random.word(), exchange.loop.state.pointee.random.word())
        }
        trace.span = exchange.loop.state.pointee.random.word() | 1
        if let tally {
            sampler.decide(on: &trace)
            tally.begin(isSampled: trace.isSampled, on: exchange.loop.state.pointee.index)
        }
        exchange.trace = trace
        return .proceed
    }

    /// What the caller's `traceparent` says. There is one, or none counts.
    private func sent(_ exchange: inout Exchange) -> TraceContext? {
        exchange.head.onlyValue(of: .traceparent).flatMap { TraceContext(traceparent: exchange.head.slice($0)) }
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        passOver(&exchange)
        guard let exporter, exchange.trace.isSampled || isNotable(outcome) else { return }
        var writer = OTLPWriter(exporter.format)
        ServerSpan.write(exchange, outcome, into: &writer)
        exporter.add(writer.bytes)
    }

    func passOver(_ exchange: inout Exchange) {
        tally?.end(isSampled: exchange.trace.isSampled, on: exchange.loop.state.pointee.index)
    }

    /// What is worth a span whatever was sampled.
    private func isNotable(_ outcome: Outcome) -> Bool {
        outcome.isServerError || outcome.duration >= slow
    }
}
