import Client
import Testing

@testable import Telemetry

@Suite struct TracesEnvironmentTests {
    private func environment(_ variables: [String: String]) -> TracesEnvironment {
        TracesEnvironment { variables[$0] }
    }

    @Test func withoutVariablesNothingIsSent() {
        let environment = environment([:])
        #expect(environment.target == nil)
        #expect(environment.problems.isEmpty)
        #expect(environment.sampler == nil)
    }

    @Test(arguments: [
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces"),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c/base/"], "http://c:4318/base/v1/traces"),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c/v1/traces"], "http://c:4318/v1/traces"),
        (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:1/t"], "http://c:1/t"),
        (
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"],
            "http://b:4318/"
        ),
        (["OTEL_TRACES_EXPORTER": "otlp"], "http://localhost:4318/v1/traces"),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": ""], nil),
    ])
    func itNamesTheCollector(variables: [String: String], target: String?) {
        #expect(environment(variables).target?.description == target)
        #expect(environment(variables).problems.isEmpty)
    }

    @Test(
        arguments: [
            ("always_on", nil, 1, false), ("always_off", nil, 0, false), ("traceidratio", "0.25", 0.25, false),
            ("parentbased_always_on", nil, 1, true), ("parentbased_always_off", nil, 0, true),
            ("parentbased_traceidratio", "0.5", 0.5, true), ("parentbased_traceidratio", nil, 1, true),
        ] as [(String, String?, Double, Bool)])
    func itKnowsTheSamplers(name: String, argument: String?, share: Double, followsParent: Bool) {
        var variables = ["OTEL_TRACES_SAMPLER": name]
        variables["OTEL_TRACES_SAMPLER_ARG"] = argument
        #expect(
            environment(variables).sampler == TracesEnvironment.Sampler(share: share, followsParent: followsParent))
    }

    @Test func headersAndAttributesAreListsWithEscapes() {
        let environment = environment([
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s%20t, x=1",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=prod,team=a%2Cb",
        ])
        #expect(environment.headers == ["api-key": "s t", "x": "1"])
        #expect(environment.resource == ["deployment.environment.name": "prod", "team": "a,b"])
    }

    @Test(arguments: ["OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"])
    func itCanBeSwitchedOff(name: String) {
        let value = name == "OTEL_SDK_DISABLED" ? "true" : "none"
        let exporters = SpanExporters(
            environment: environment([name: value, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"]), version: "1",
            resource: [:])
        #expect(exporters.exporter(to: nil, format: nil, headers: [:], service: "s") == nil)
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=%0D%0Ab"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c"), ("OTEL_EXPORTER_OTLP_HEADERS", "=c"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%F"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a"), ("OTEL_SDK_DISABLED", "yes"), ("OTEL_TRACES_SAMPLER", "xray"),
        ("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_BSP_MAX_QUEUE_SIZE", "0"), ("OTEL_BSP_SCHEDULE_DELAY", "5s"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "99999999999999999999"),
    ])
    func whatItDoesNotUnderstandItNames(name: String, value: String) throws {
        let problems = environment([name: value]).problems
        #expect(problems.count == 1)
        #expect(try #require(problems.first).contains(name))
    }

    @Test func theNumbersOfBatchesAreRead() {
        let batch = environment([
            "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "50",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2000",
        ]).batch
        #expect(batch.scheduleDelay == 100)
        #expect(batch.queueSize == 10)
        #expect(batch.batchSize == 10)
        #expect(batch.timeout == 2000)
    }
}
