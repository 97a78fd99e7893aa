package import CEL
import Diagnostics
package import Manifests
import Telemetry

/// A counter under `metrics`.
package struct CounterSection: ManifestSection {
    package var common = OwnMetricKeys()
    package var value: Expression?

    package init() {}

    package static let key = "a counter"
    package static let doc = "A number that only grows: by 1 for each call, or by what `value` says."
    package static let fields: [Field<CounterSection>] = [
        Field("help", \.common.help, doc: OwnMetricKeys.helpDoc, example: "Greetings sent"),
        Field("labels", \.common.labels, doc: OwnMetricKeys.labelsDoc, example: "{ name: path.?name }"),
        Field(
            "value", \.value,
            doc: "What it grows by: a number that is not negative, or a duration in seconds; 1 without it.",
            example: "response.size"),
        Field("when", \.common.when, doc: OwnMetricKeys.whenDoc, example: "response.status < 400"),
        Field("on", \.common.on, doc: OwnMetricKeys.onDoc, example: "web"),
    ]

    func definition(_ key: PlacedText) -> OwnMetricDefinition {
        OwnMetricDefinition(key: key, kind: .counter, keys: common, value: value, buckets: [])
    }
}

/// A gauge under `metrics`.
package struct GaugeSection: ManifestSection {
    package var common = OwnMetricKeys()
    package var value: Expression?

    package init() {}

    package static let key = "a gauge"
    package static let doc = "A number that goes up and down: what `value` was in the last call that set it."
    package static let fields: [Field<GaugeSection>] = [
        Field("help", \.common.help, doc: OwnMetricKeys.helpDoc, example: "Orders that wait"),
        Field("labels", \.common.labels, doc: OwnMetricKeys.labelsDoc, example: "{ shop: path.shop }"),
        Field(
            "value", \.value, doc: "What it is set to: a number, or a duration in seconds.", example: "body.waiting",
            required: true),
        Field("when", \.common.when, doc: OwnMetricKeys.whenDoc, example: "response.status < 400"),
        Field("on", \.common.on, doc: OwnMetricKeys.onDoc, example: "web"),
    ]

    func definition(_ key: PlacedText) -> OwnMetricDefinition {
        OwnMetricDefinition(key: key, kind: .gauge, keys: common, value: value, buckets: [])
    }
}

/// A histogram under `metrics`.
package struct HistogramSection: ManifestSection {
    package var common = OwnMetricKeys()
    package var value: Expression?
    package var buckets = OwnMetricKeys.standardBuckets

    package init() {}

    package static let key = "a histogram"
    package static let doc = "How values are spread: for each bound, how many were not above it."
    package static let fields: [Field<HistogramSection>] = [
        Field("help", \.common.help, doc: OwnMetricKeys.helpDoc, example: "Items of an order"),
        Field("labels", \.common.labels, doc: OwnMetricKeys.labelsDoc, example: "{ shop: path.shop }"),
        Field(
            "value", \.value, doc: "What is measured: a number, or a duration in seconds.", example: "size(body.items)",
            required: true),
        Field(
            "buckets", \.buckets,
            doc: "The bounds, ascending; without it those that OpenTelemetry has for durations in seconds.",
            example: "[1, 5, 10, 50]", check: Self.areAscending),
        Field("when", \.common.when, doc: OwnMetricKeys.whenDoc, example: "response.status < 400"),
        Field("on", \.common.on, doc: OwnMetricKeys.onDoc, example: "web"),
    ]

    /// How many bounds there may be: each is a series to who scrapes.
    private static let mostBuckets = 100

    @Sendable private static func areAscending(_ numbers: [Double], _ node: Node, _ findings: inout Findings) -> Bool {
        if numbers.isEmpty || numbers.count > mostBuckets {
            findings.report(
                CatalogRules.badBuckets, "a histogram has 1 to \(mostBuckets) bounds, not \(numbers.count)",
                at: node.range, help: numbers.isEmpty ? "leave `buckets` out for the usual ones" : "keep fewer of them")
            return false
        }
        for (index, pair) in zip(numbers, numbers.dropFirst()).enumerated() where pair.0 >= pair.1 {
            let item = node.items.flatMap { index + 1 < $0.count ? $0[index + 1] : nil }
            findings.report(
                CatalogRules.badBuckets, "a bound that is not above the one before it", at: (item ?? node).range,
                help: "write the bounds in ascending order, each once")
            return false
        }
        return true
    }

    func definition(_ key: PlacedText) -> OwnMetricDefinition {
        OwnMetricDefinition(key: key, kind: .histogram, keys: common, value: value, buckets: buckets)
    }
}

/// What the three kinds have in common.
package struct OwnMetricKeys: Sendable {
    package var help: String?
    package var labels = Named<Expression>()
    package var when: Expression?
    package var on = OneOrMore<Placed<String>>()

    static let helpDoc = "One line for who reads the metric."
    static let labelsDoc = """
        Labels, each a CEL expression that is evaluated when the call is over. One that fails or is absent is empty; a failure \
        is counted in `radicled_metric_failures_total`.
        """
    static let whenDoc = "Only calls for which this is true count; one for which it fails does not."
    static let onDoc = """
        Only the calls of a service, or of one route of it: `web`, `web.GET /hello/{name}`; or a list. Without it, of all \
        that the scope has.
        """

    /// `http.server.request.duration`'s (OpenTelemetry, HTTP metrics).
    static let standardBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
}
