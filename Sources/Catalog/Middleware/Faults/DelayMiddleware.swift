package import Diagnostics
package import Manifests
package import Pipeline

/// `delay` for many routes, and for testers who ask.
package struct DelayMiddleware: PolicySection {
    package var time: Placed<Delay>?
    package var fixed: Placed<Timespan>?
    package var uniform: Placed<UniformTimes>?
    package var lognormal: Placed<Delay.Lognormal>?
    package var header: HeaderName?
    package var controls = PolicyControls()

    package init() {}

    package static let key = "delay"
    package static let doc = """
        Waits before the answer, as a route's own `delay` does. With `header` a tester can ask for it call by call.
        """
    package static let short: String? = "time"
    package static let fields: [Field<DelayMiddleware>] =
        [
            Field(
                "time", \.time, doc: "The time to wait, or an expression that gives it.", example: "250ms",
                schema: Delay.shortSchema),
            Field("fixed", \.fixed, doc: "The same, as a route's `delay` calls it.", example: "250ms"),
            Field("uniform", \.uniform, doc: "The least and the longest time.", example: "[10ms, 50ms]"),
            Field(
                "lognormal", \.lognormal, doc: "Mostly near the median, now and then much longer.",
                example: "{ median: 20ms, sigma: 0.5 }"),
            Field("header", \.header, doc: Self.headerDoc, example: "x-fault"),
        ] + policyFields

    private static let headerDoc = """
        A request header in which a tester asks for a delay of this one call, in place of the configured one: \
        `delay 200ms`, at most `delay 30s`; with commas beside what the same header says to `fault`. Anything else in it is \
        answered 400.
        """

    package static let alternatives = ["time", "fixed", "uniform", "lognormal"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        ExclusiveKeys.check(
            node, Self.alternatives, "a delay is one of `time`, `fixed`, `uniform` and `lognormal`", &findings)
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        var delay = time?.value
        if let fixed { delay = Delay(kind: .fixed(fixed.value)) }
        if let uniform { delay = Delay(kind: .uniform(uniform.value.low, uniform.value.high)) }
        if let lognormal {
            delay = Delay(kind: .lognormal(median: lognormal.value.median, sigma: lognormal.value.sigma))
        }
        let time = delay?.time(scope, &findings)
        if time == nil, header == nil { return nil }
        return DelayStage(time, tester: header.map(TesterHeader.init))
    }
}
