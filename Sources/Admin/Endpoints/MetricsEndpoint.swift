package import Telemetry

/// `/metrics`: everything that is counted, in the form that the scraper asks for.
package struct MetricsEndpoint: Endpoint {
    package let path = "/metrics"
    package let about = "metrics for Prometheus, as text or OpenMetrics"
    package let isOnProbes = true
    private let metrics: MetricRegistry

    package init(_ metrics: MetricRegistry) { self.metrics = metrics }

    package func reply(to request: AdminRequest) -> AdminReply {
        let scrape = metrics.scrape(accept: request.acceptFields, acceptEncoding: request.codingFields)
        return .now(
            AdminAnswer(contentType: scrape.contentType, body: scrape.body, coding: scrape.isCompressed ? "gzip" : nil))
    }
}
