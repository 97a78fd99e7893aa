import Compiler
import Diagnostics
import Telemetry
import Testing

@Suite struct MetricsTests {
    private static let web = """
        services:
          web:
            routes:
              GET /hello/{name}: { template: "Hello {{ path.name }}" }
              POST /echo: { echo: body }
              GET /fails: { template: { error: { code: UNAVAILABLE } } }
              GET /cut: { template: hi, fault: { share: 1, cut: true } }
        """

    private static let ok =
        #"{http_request_method="GET",http_response_status_code="200",http_route="/hello/{name}","#
        + #"network_protocol_version="1.1",otel_scope_name="radicled",url_scheme="http"}"#

    @Test func aCallIsCountedByTheConventions() throws {
        let served = try Served(Self.web)
        for name in ["Ann", "Bob", "Cid"] { #expect(served.ask("GET /hello/\(name)") == 200) }
        let duration = "http_server_request_duration_seconds"
        #expect(served.lines(duration + "_count") == ["\(duration)_count\(Self.ok) 3"])
        let buckets = served.lines(duration + "_bucket")
        #expect(buckets.count == 15)
        #expect(buckets.first?.contains(#"le="0.005"} 3"#) == true)
        #expect(buckets.last?.hasSuffix(#"le="+Inf"} 3"#) == true)
        #expect(
            served.lines("http_server_response_body_size_bytes_sum") == [
                "http_server_response_body_size_bytes_sum\(Self.ok) 27"
            ])
        #expect(
            served.lines("http_server_active_requests") == [
                #"http_server_active_requests{http_request_method="GET",otel_scope_name="radicled",url_scheme="http"} 0"#
            ])
    }

    @Test func bodiesOfRequestsAreMeasured() throws {
        let served = try Served(Self.web)
        served.ask("POST /echo", body: String(repeating: "x", count: 300))
        let lines = served.lines("http_server_request_body_size_bytes_bucket")
        #expect(lines.first?.hasSuffix(#"le="256"} 0"#) == true)
        #expect(lines.dropFirst().first?.hasSuffix(#"le="1024"} 1"#) == true)
        #expect(served.lines("http_server_request_body_size_bytes_sum").first?.hasSuffix(" 300") == true)
    }

    @Test func whatClientsMakeUpMakesNoSeries() throws {
        let served = try Served(Self.web)
        for number in 0..<50 {
            served.ask("FROB\(number) /hello/x")
            served.ask("GET /nowhere/\(number)")
        }
        let counts = served.lines("http_server_request_duration_seconds_count")
        #expect(counts.count == 2)
        #expect(counts.allSatisfy { !$0.contains("http_route") && $0.hasSuffix(" 50") })
        #expect(counts.contains { $0.contains(#"http_request_method="_OTHER",http_response_status_code="405""#) })
    }

    @Test func errorTypeIsThereOnlyWhereSomethingFailed() throws {
        let served = try Served(Self.web)
        served.ask("GET /fails")
        served.ask("GET /nowhere")
        let counts = served.lines("http_server_request_duration_seconds_count")
        #expect(counts.count { $0.contains("error_type") } == 1)
        #expect(counts.contains { $0.contains(#"error_type="503""#) })
    }

    @Test func aCallWithoutAnswerHasNoStatus() throws {
        let served = try Served(Self.web)
        served.ask("GET /cut")
        let counts = served.lines("http_server_request_duration_seconds_count")
        #expect(counts.count == 1)
        #expect(counts.allSatisfy { $0.contains(#"error_type="fault""#) && !$0.contains("status_code") })
        #expect(served.lines("http_server_active_requests").allSatisfy { $0.hasSuffix(" 0") })
    }

    @Test func flagsOfTheLogAreCounted() throws {
        let served = try Served(Self.web)
        served.ask("GET /cut")
        #expect(served.lines("radicled_flagged_calls_total") == [#"radicled_flagged_calls_total{flag="fault"} 1"#])
    }

    @Test func whatAPolicyOnTrialWouldRefuseIsCounted() throws {
        let served = try Served("middleware: { body_limit: { size: 10, mode: shadow } }\n" + Self.web)
        #expect(served.ask("POST /echo", body: String(repeating: "x", count: 300)) == 200)
        served.ask("GET /hello/Ann")
        #expect(
            served.lines("radicled_shadowed_calls_total") == [#"radicled_shadowed_calls_total{policy="body_limit"} 1"#])
    }

    // MARK: Metrics of one's own

    @Test func aCounterOfOnesOwnIsTheTalks() throws {
        let served = try Served(
            """
            middleware:
              metrics:
                counters:
                  hello_count: { help: Greetings sent, labels: { name: path.name }, on: "web.GET /hello/{name}" }
            """ + "\n" + Self.web)
        for name in ["Ann", "Bob", "Ann"] { served.ask("GET /hello/\(name)") }
        served.ask("GET /nowhere")
        #expect(
            served.lines("hello_count_total") == [
                #"hello_count_total{name="Ann"} 2"#, #"hello_count_total{name="Bob"} 1"#,
            ])
        #expect(served.exposition().contains("# HELP hello_count_total Greetings sent"))
        #expect(served.exposition().contains("# TYPE hello_count_total counter"))
        #expect(served.exposition(.openMetrics).contains("# TYPE hello_count counter"))
    }

    private func counted(_ metrics: String, _ asks: [String] = ["GET /hello/Ann"]) throws -> Served {
        let served = try Served("middleware: { metrics: { \(metrics) } }\n" + Self.web)
        for ask in asks { served.ask(ask) }
        return served
    }

    @Test(arguments: [
        ("counters: { a: {} }", ["a_total 1"]),
        ("counters: { a_total: {} }", ["a_total 1"]),
        ("counters: { a: { value: response.size } }", ["a_total 9"]),
        ("counters: { a: { value: '0.5' } }", ["a_total 0.5"]),
        ("counters: { a: { value: 'duration(\"1500ms\")' } }", ["a_total 1.5"]),
        // Nothing to count, and what cannot be counted.
        ("counters: { a: { value: 'query.?n.optMap(n, int(n))' } }", []),
        ("counters: { a: { value: '-1' } }", []),
        ("counters: { a: { value: int(query.n) } }", []),
        ("counters: { a: { when: response.status >= 400 } }", []),
        ("counters: { a: { when: response.status < 400 } }", ["a_total 1"]),
        ("counters: { a: { when: query.n == '1' } }", []),
        ("counters: { a: { on: web } }", ["a_total 1"]),
        ("counters: { a: { on: web.POST /echo } }", []),
        ("counters: { a: { on: [web.POST /echo, 'web.GET /hello/{name}'] } }", ["a_total 1"]),
        ("counters: { a: { labels: { x: query.n, s: response.status } } }", [#"a_total{s="200",x=""} 1"#]),
        ("counters: { a: { labels: { x: query.?n } } }", [#"a_total{x=""} 1"#]),
        ("counters: { a: { labels: { x: '\"q\\\"b\\\\n\\n\\u0000\"' } } }", [#"a_total{x="q\"b\\n\n�"} 1"#]),
        ("gauges: { a: { value: response.size } }", ["a 9"]),
        ("gauges: { a: { value: '-2.5' } }", ["a -2.5"]),
        (
            "histograms: { a: { value: response.size, buckets: [1, 10] } }",
            [#"a_bucket{le="1"} 0"#, #"a_bucket{le="10"} 1"#, #"a_bucket{le="+Inf"} 1"#, "a_sum 9", "a_count 1"]
        ),
        ("when: 'false', counters: { a: {} }", []),
        ("when: response.status >= 400, counters: { a: {} }", []),
    ]) func isExposedAs(_ metrics: String, _ expected: [String]) throws {
        let served = try counted(metrics)
        let lines = served.exposition().filter { $0.hasPrefix("a") }
        #expect(lines == expected)
    }

    @Test(arguments: [
        ("labels: { x: query.n }", 1), ("value: int(query.n)", 1), ("value: '-1'", 1), ("when: query.n == '1'", 1),
        ("labels: { x: query.n, y: int(query.m) }", 2), ("labels: { x: query.?n }", 0),
    ]) func failuresAreCounted(_ keys: String, _ count: Int) throws {
        let served = try counted("counters: { a: { \(keys) } }")
        #expect(
            served.lines("radicled_metric_failures_total") == [#"radicled_metric_failures_total{metric="a"} \#(count)"#]
        )
    }

    @Test func aGaugeIsWhatTheLastCallSetItTo() throws {
        let served = try counted(
            "gauges: { a: { value: int(path.name), on: 'web.GET /hello/{name}' } }",
            ["GET /hello/3", "GET /hello/8", "GET /hello/5"])
        #expect(served.lines("a") == ["a 5"])
    }

    @Test func deeperScopesAddByNameAndTakeOut() throws {
        let served = try Served(
            """
            middleware: { metrics: { series: 10, counters: { a: {}, b: {} } } }
            services:
              web:
                middleware: { metrics: { counters: { b: off, c: { labels: { at: path.name } } } } }
                routes:
                  GET /hello/{name}: { template: hi, middleware: { metrics: { counters: { c: {} } } } }
                  GET /bye/{name}: { template: hi }
                  GET /off: { template: hi, middleware: { metrics: off } }
            """)
        for path in ["/hello/x", "/bye/y", "/off"] { served.ask("GET \(path)") }
        #expect(served.lines("a_total") == ["a_total 2"])
        #expect(served.lines("b_total") == [])
        #expect(served.lines("c_total") == ["c_total 1", #"c_total{at="y"} 1"#])
        #expect(served.lines("http_server_request_duration_seconds_count").count == 2)
    }

    // MARK: Limits (fault 20 of the limits: label explosion)

    @Test func seriesAreCapped() throws {
        let served = try counted(
            "series: 10, counters: { a: { labels: { name: path.?name } } }", (0..<50).map { "GET /hello/\($0)" })
        let lines = served.lines("a_total")
        #expect(lines.count == 10)
        #expect(lines.contains(#"a_total{otel_metric_overflow="true"} 41"#))
        #expect(served.lines("radicled_metric_series").contains(#"radicled_metric_series{metric="a"} 10"#))
        served.ask("GET /hello/0")
        #expect(served.lines("a_total").contains(#"a_total{name="0"} 2"#), "what has a series keeps it")
    }

    @Test func callsAreCappedToo() throws {
        let served = try Served(
            """
            middleware: { metrics: { series: 5 } }
            services: { web: { routes: { "GET /{code}": { template: { status: "{{ int(path.code) }}" } } } } }
            """)
        for status in 400..<450 { served.ask("GET /\(status)") }
        let lines = served.lines("http_server_request_duration_seconds_count")
        #expect(lines.count == 5)
        #expect(lines.last == #"http_server_request_duration_seconds_count{otel_metric_overflow="true"} 46"#)
    }

    @Test func longLabelsAreCut() throws {
        let name = String(repeating: "é", count: 2000)
        let served = try counted(
            "counters: { a: { labels: { x: 'headers[?\"x\"]' } } }", [])
        served.ask("GET /hello/a", headers: ["x: " + name])
        let line = try #require(served.lines("a_total").first)
        #expect(line.utf8.count < 600)
        #expect(String(validating: line.utf8, as: UTF8.self) != nil)
    }

    // MARK: Reload

    @Test func countsGoOnWithTheNextPlan() throws {
        let text = "middleware: { metrics: { counters: { a: { help: Before }, b: {} } } }\n" + Self.web
        var served = try Served(text)
        served.ask("GET /hello/Ann")
        served = try Served(
            "middleware: { metrics: { counters: { a: { help: After }, c: {} } } }\n" + Self.web, after: served)
        served.ask("GET /hello/Ann")
        #expect(served.lines("a_total") == ["a_total 2"])
        #expect(served.exposition().contains("# HELP a_total After"))
        #expect(served.lines("b_total") == [], "what the manifest has no more is gone")
        #expect(served.lines("c_total") == ["c_total 1"])
        #expect(
            served.lines("http_server_request_duration_seconds_count").first?.hasSuffix(" 2") == true)
        served = try Served("services: { web: { routes: { GET /: { template: hi } } } }", after: served)
        #expect(served.lines("http_server_request_duration_seconds_count") == [], "so are routes that it has no more")
    }

    @Test func anotherShapeBeginsAnew() throws {
        var served = try counted("histograms: { a: { value: response.size, buckets: [1] } }")
        served = try Served(
            "middleware: { metrics: { histograms: { a: { value: response.size, buckets: [1, 20] } } } }\n" + Self.web,
            after: served)
        served.ask("GET /hello/Ann")
        #expect(served.lines("a_count") == ["a_count 1"])
        #expect(served.exposition().count { $0 == "# TYPE a histogram" } == 1)
    }

    // MARK: Exemplars

    @Test func sampledCallsAreExamples() throws {
        let served = try counted("counters: { a: {} }", [])
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        served.ask("GET /hello/Ann", headers: ["traceparent: 00-\(trace)-00f067aa0ba902b7-01"])
        let buckets = served.lines("http_server_request_duration_seconds_bucket", .openMetrics)
        #expect(buckets.count { $0.contains(#" # {trace_id="\#(trace)",span_id=""#) } == 1)
        #expect(served.lines("a_total", .openMetrics).first?.contains(#" 1 # {trace_id="\#(trace)""#) == true)
        #expect(!served.exposition().contains { $0.contains(trace) }, "the text format has no place for them")
    }

    @Test func callsThatAreNotSampledAreNone() throws {
        let served = try counted("", [])
        served.ask(
            "GET /hello/Ann", headers: ["traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"])
        #expect(!served.exposition(.openMetrics).contains { $0.contains("trace_id") })
    }
}
