package import CEL
import Diagnostics
package import Manifests
import Telemetry

/// A metric of one's own.
protocol OwnMetricSection: ManifestSection {
    static var kind: OwnMetricDefinition.Kind { get }
    var common: OwnMetricKeys { get set }
    var value: Expression? { get set }
    /// Of a histogram.
    var buckets: [Double] { get set }
}

extension OwnMetricSection {
    /// The keys in their order: what is common to all kinds around what a kind measures.
    fileprivate static func keys(help: String, labels: String, _ measured: Field<Self>...) -> [Field<Self>] {
        [
            Field("help", \.common.help, doc: OwnMetricKeys.helpDoc, example: help),
            Field("labels", \.common.labels, doc: OwnMetricKeys.labelsDoc, example: labels),
        ] + measured + [
            Field("when", \.common.when, doc: OwnMetricKeys.whenDoc, example: "response.status < 400"),
            Field("on", \.common.on, doc: OwnMetricKeys.onDoc, example: "web"),
        ]
    }

    func definition(_ key: PlacedText) -> OwnMetricDefinition {
        OwnMetricDefinition(key: key, kind: Self.kind, keys: common, value: value, buckets: buckets)
    }
}

/// A counter under `metrics`.
package struct CounterSection: OwnMetricSection {
    static let kind = OwnMetricDefinition.Kind.counter
    var common = OwnMetricKeys()
    var value: Expression?
    var buckets: [Double] = []

    package init() {}

    package static let key = "a counter"
    package static let doc = "A number that only grows: by 1 for each call, or by what `value` says."
    package static let fields: [Field<CounterSection>] = keys(
        help: "Greetings sent", labels: "{ name: path.?name }",
        Field(
            "value", \.value,
            doc: "What it grows by: a number that is not negative, or a duration in seconds; 1 without it.",
            example: "response.size"))
}

/// A gauge under `metrics`.
package struct GaugeSection: OwnMetricSection {
    static let kind = OwnMetricDefinition.Kind.gauge
    var common = OwnMetricKeys()
    var value: Expression?
    var buckets: [Double] = []

    package init() {}

    package static let key = "a gauge"
    package static let doc = "A number that goes up and down: what `value` was in the last call that set it."
    package static let fields: [Field<GaugeSection>] = keys(
        help: "Orders that wait", labels: "{ shop: path.shop }",
        Field(
            "value", \.value, doc: "What it is set to: a number, or a duration in seconds.", example: "body.waiting",
            required: true))
}

/// A histogram under `metrics`.
package struct HistogramSection: OwnMetricSection {
    static let kind = OwnMetricDefinition.Kind.histogram
    var common = OwnMetricKeys()
    var value: Expression?
    var buckets = CallMetrics.durationBounds

    package init() {}

    package static let key = "a histogram"
    package static let doc = "How values are spread: for each bound, how many were not above it."
    package static let fields: [Field<HistogramSection>] = keys(
        help: "Items of an order", labels: "{ shop: path.shop }",
        Field(
            "value", \.value, doc: "What is measured: a number, or a duration in seconds.", example: "size(body.items)",
            required: true),
        Field(
            "buckets", \.buckets,
            doc: "The bounds, ascending; without it those that OpenTelemetry has for durations in seconds.",
            example: "[1, 5, 10, 50]", check: areAscending))

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
                CatalogRules.badBuckets, "this bound is not above the one before it", at: (item ?? node).range,
                help: "write the bounds in ascending order, each once")
            return false
        }
        return true
    }
}

/// What the three kinds have in common.
package struct OwnMetricKeys: Sendable {
    package var help: String?
    package var labels = Named<Expression>()
    package var when: Expression?
    package var on = OneOrMore<Placed<String>>()

    static let helpDoc = "One line for whoever reads the metric."
    static let labelsDoc = """
        Labels, each a CEL expression that is evaluated when the call is over. One that fails or is absent is empty; a failure \
        is counted in `radicled_metric_failures_total`.
        """
    static let whenDoc = "Only calls for which this is true count; one for which it fails does not."
    static let onDoc = """
        Only the calls of a service, or of one route of it: `web`, `web.GET /hello/{name}`; or a list. Without it, of all \
        that the scope has.
        """
}
