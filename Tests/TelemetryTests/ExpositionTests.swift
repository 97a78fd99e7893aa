import Testing

@testable import Telemetry

@Suite struct ExpositionFormatTests {
    private static let prometheus2 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    private static let prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;"
        + "q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    private static let withProtobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
        + prometheus3

    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"

    @Test(arguments: [
        ("", text), ("*/*", text), ("text/*", text), ("text/plain", text), ("text/plain; version=0.0.4", text),
        ("text/html,application/xhtml+xml,*/*;q=0.8", text), ("image/png", text), ("garbage;;;=,,;q", text),
        ("text/plain;version=9", text),
        ("text/plain;version=1.0.0", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"),
        ("text/plain;version=1.0.0;escaping=dots", "text/plain; version=1.0.0; charset=utf-8; escaping=dots"),
        ("text/plain;version=1.0.0;escaping=no", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"),
        ("application/openmetrics-text", openMetrics), ("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", openMetrics),
        ("application/openmetrics-text;version=0.0.1", "application/openmetrics-text; version=0.0.1; charset=utf-8"),
        (prometheus2, openMetrics),
        (prometheus3, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"),
        (withProtobuf, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"),
        ("text/plain;q=0.9, application/openmetrics-text;q=0.3", text),
        ("text/plain;q=0.3, application/openmetrics-text;q=0.9", openMetrics),
        ("text/plain, application/openmetrics-text", text), ("application/openmetrics-text, text/plain", openMetrics),
        ("text/plain;q=0, application/openmetrics-text;q=0.001", openMetrics), ("text/plain;q=2", text),
        ("application/openmetrics-text;q=0", text),
    ]) func isChosen(_ accept: String, _ contentType: String) {
        #expect(ExpositionFormat.negotiated([Array(accept.utf8)]).contentType == contentType)
    }

    @Test func severalFieldsAreOneList() {
        let fields = ["text/plain;q=0.2", "application/openmetrics-text;q=0.4"].map { Array($0.utf8) }
        #expect(ExpositionFormat.negotiated(fields) == .openMetrics)
        #expect(ExpositionFormat.negotiated([]) == .text)
    }
}

@Suite struct ExpositionWriterTests {
    private func written(_ format: ExpositionFormat, _ body: (inout ExpositionWriter) -> Void) -> String {
        var out = ExpositionWriter(format)
        body(&out)
        return String(decoding: out.end(), as: UTF8.self)
    }

    @Test func aCounterIsNamedByTheFormat() {
        let family = MetricFamily("a_seconds", .counter, unit: "seconds", help: "It \"says\"\nmuch \\")
        let body: (inout ExpositionWriter) -> Void = { out in
            out.begin(family)
            out.sample(labels: Array(#"x="y""#.utf8), 1.5, created: 1_764_115_200_123_000_000)
        }
        #expect(
            written(.text, body) == """
                # HELP a_seconds_total It "says"\\nmuch \\\\
                # TYPE a_seconds_total counter
                a_seconds_total{x="y"} 1.5

                """)
        #expect(
            written(.openMetrics, body) == """
                # HELP a_seconds It \\"says\\"\\nmuch \\\\
                # TYPE a_seconds counter
                # UNIT a_seconds seconds
                a_seconds_total{x="y"} 1.5
                a_seconds_created{x="y"} 1764115200.123
                # EOF

                """)
    }

    @Test func aHistogramIsCumulative() {
        var reading = HistogramReading(bounds: [0.5, 10])
        reading.counts = [1, 2, 3]
        reading.sum = 40.25
        let body: (inout ExpositionWriter) -> Void = { out in
            out.begin(MetricFamily("h", .histogram, help: "H"))
            out.histogram(labels: nil, reading, created: nil)
        }
        #expect(
            written(.text, body) == """
                # HELP h H
                # TYPE h histogram
                h_bucket{otel_metric_overflow="true",le="0.5"} 1
                h_bucket{otel_metric_overflow="true",le="10"} 3
                h_bucket{otel_metric_overflow="true",le="+Inf"} 6
                h_sum{otel_metric_overflow="true"} 40.25
                h_count{otel_metric_overflow="true"} 6

                """)
        #expect(written(.openMetrics, body).contains(#"le="10.0"} 3"#))
    }

    @Test func theSameFamilyComesOnce() {
        let text = written(.text) { out in
            for _ in 0..<2 { if out.begin(MetricFamily("g", .gauge, help: "G")) { out.sample(1) } }
        }
        #expect(text == "# HELP g G\n# TYPE g gauge\ng 1\n")
    }

    @Test(arguments: [
        (0.005, "0.005"), (0.1, "0.1"), (1.0, "1"), (2.5, "2.5"), (10.0, "10"), (100_000.0, "100000"),
        (1_000_000.0, "1e+06"), (1_048_576.0, "1.048576e+06"), (16_777_216.0, "1.6777216e+07"), (0.0001, "0.0001"),
        (0.00001, "1e-05"), (1e21, "1e+21"), (1e100, "1e+100"), (-3.0, "-3"), (0.0, "0"), (12.25, "12.25"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"),
    ]) func boundsAreAsGoWritesThem(_ value: Double, _ text: String) {
        #expect(ExpositionWriter.goText(value) == text)
    }

    /// Tests/Golden/metrics.txt: every metric of the server's own, by name, kind and unit.
    @Test func everyNameIsInTheGoldenList() {
        var text = ""
        for family in MetricFamily.builtIn.sorted(by: { $0.exposedName < $1.exposedName }) {
            text += "\(family.exposedName) \(family.kind)\(family.unit.map { " " + $0 } ?? "")\n"
        }
        GoldenFile.expect(text, in: "metrics.txt")
    }

    @Test func namesOfTheServersOwnDoNotClash() {
        let claims = MetricFamily.builtIn.flatMap(\.claims)
        #expect(Set(claims).count == claims.count)
        for family in MetricFamily.builtIn {
            #expect(family.help.hasSuffix("."), "\(family.name)")
            if let unit = family.unit { #expect(family.name.hasSuffix("_" + unit)) }
        }
    }
}
