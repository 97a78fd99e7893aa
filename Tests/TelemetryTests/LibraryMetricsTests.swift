import CoreMetrics
import Testing

@testable import Telemetry

/// What libraries count by swift-metrics.
@Suite struct LibraryMetricsTests {
    private func lines(_ count: (LibraryMetrics) -> Void) -> [String] {
        let metrics = LibraryMetrics()
        count(metrics)
        var out = ExpositionWriter(.text)
        metrics.source(&out)
        return String(decoding: out.end(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func aCounterAddsUp() {
        let lines = lines { metrics in
            for name in ["a", "b", "a"] {
                Counter(label: "db.queries", dimensions: [("table", name)], factory: metrics).increment(by: 2)
            }
        }
        #expect(lines.contains("# TYPE db_queries_total counter"))
        #expect(
            lines.filter { !$0.hasPrefix("#") } == [
                #"db_queries_total{table="a"} 4"#, #"db_queries_total{table="b"} 2"#,
            ])
    }

    @Test func kindsAreMapped() {
        let lines = lines { metrics in
            Timer(label: "db.time", dimensions: [], factory: metrics).recordNanoseconds(20_000_000)
            Meter(label: "pool", dimensions: [], factory: metrics).set(7)
            Gauge(label: "load", dimensions: [], factory: metrics).record(0.5)
            Recorder(label: "rows", dimensions: [], aggregate: true, factory: metrics).record(42)
            FloatingPointCounter(label: "cost", dimensions: [], factory: metrics).increment(by: 1.5)
        }
        for line in [
            #"db_time_seconds_bucket{le="0.025"} 1"#, "db_time_seconds_sum 0.02", "pool 7", "load 0.5",
            #"rows_bucket{le="100"} 1"#, "cost_total 1.5",
        ] {
            #expect(lines.contains(line))
        }
    }

    @Test func namesOfTheServersOwnAreNotGivenAway() {
        let lines = lines { metrics in
            Counter(label: "radicled.flagged.calls", dimensions: [], factory: metrics).increment()
            Meter(label: "process.uptime.seconds", dimensions: [], factory: metrics).set(1)
        }
        #expect(lines.contains("library_radicled_flagged_calls_total 1"))
        #expect(lines.contains("library_process_uptime_seconds 1"))
    }

    @Test func seriesAreCapped() {
        let lines = lines { metrics in
            for number in 0..<3000 {
                Counter(label: "a", dimensions: [("n", "\(number)")], factory: metrics).increment()
            }
        }
        #expect(lines.count { !$0.hasPrefix("#") } == 2000)
        #expect(lines.contains(#"a_total{otel_metric_overflow="true"} 1001"#))
    }

    @Test(arguments: [("a.b", "a_b"), ("a--b", "a_b"), ("1a", "_1a"), ("", "_"), ("é", "_"), ("a_", "a_"), (".a", "a")])
    func namesAreMapped(_ name: String, _ mapped: String) {
        #expect(PrometheusName.of(name) == mapped)
    }
}
