import JSON
import Pipeline
import Telemetry

/// Gives each call its place in a trace, and sends its span when it is over.
final class TracingStage: Middleware {
    let moments: Moments
    private let trust: TraceTrust.Compiled
    private let followsParent: Bool
    /// A trace begun here is sampled if the 56 random bits of its identifier are not less (OpenTelemetry, TraceState:
    /// Probability Sampling, section Consistent probability sampling).
    private let threshold: UInt64
    private let slow: Int64
    private let exporter: SpanOutlet?

    /// - Parameters:
    ///   - slow: nanoseconds.
    ///   - exporter: nil where spans go nowhere.
    init(trust: TraceTrust.Compiled, sampler: TracesEnvironment.Sampler, slow: Int64, exporter: SpanOutlet?) {
        moments = exporter == nil ? [.admit] : [.admit, .finish]
        self.trust = trust
        followsParent = sampler.followsParent
        threshold = UInt64(((1 - min(max(sampler.share, 0), 1)) * 0x1p56).rounded())
        self.slow = slow
        self.exporter = exporter
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        var trace = (trust.holds(&exchange) ? sent(&exchange) : nil) ?? TraceContext()
        let isNew = !trace.isThere
        if isNew {
            trace.high = exchange.loop.state.pointee.random.word()
            // Zero is no identifier.
            trace.low = exchange.loop.state.pointee.random.word() | 1
            trace.flags = TraceContext.random
        }
        trace.span = exchange.loop.state.pointee.random.word() | 1
        if exporter != nil, isNew || !followsParent {
            trace.flags &= ~TraceContext.sampled
            if trace.low & 0x00FF_FFFF_FFFF_FFFF >= threshold { trace.flags |= TraceContext.sampled }
        }
        exchange.trace = trace
        return .proceed
    }

    /// What the caller's `traceparent` says. There is one, or none counts.
    private func sent(_ exchange: inout Exchange) -> TraceContext? {
        exchange.head.onlyValue(of: .traceparent).flatMap { TraceContext(traceparent: exchange.head.slice($0)) }
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        guard let exporter, exchange.trace.isSampled || isNotable(outcome) else { return }
        var writer = OTLPWriter(exporter.format)
        ServerSpan.write(exchange, outcome, into: &writer)
        exporter.add(Array(writer.bytes))
    }

    /// What is worth a span whatever was sampled.
    private func isNotable(_ outcome: Outcome) -> Bool {
        outcome.status >= 500 || outcome.status == 0 || outcome.duration >= slow
    }
}
