import Catalog
import Diagnostics
import Manifests
import Testing

/// What has forms of its own reads back as it is written, whatever its form.
@Suite struct ValueContractTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        let value: any ManifestValue.Type
        let text: String
        /// What is written back; the text itself where there is only one way to say it.
        var written: String?

        var testDescription: String { "\(value): \(text)" }
    }

    static let samples: [Sample] = [
        Sample(value: Delay.self, text: "250ms"),
        Sample(value: Delay.self, text: "{ fixed: 250ms }", written: "250ms"),
        Sample(value: Delay.self, text: "{ uniform: [10ms, 50ms] }"),
        Sample(value: Delay.self, text: "{ lognormal: { median: 20ms, sigma: 0.25 } }"),
        Sample(
            value: Delay.self, text: "{ lognormal: { median: 20ms } }",
            written: "{ lognormal: { median: 20ms, sigma: 0.5 } }"),
        Sample(value: Delay.self, text: "duration(query.wait)"),
        Sample(value: Echo.self, text: "null", written: "request"),
        Sample(value: Echo.self, text: "{}", written: "request"),
        Sample(value: Echo.self, text: "request"),
        Sample(value: Echo.self, text: "body"),
        Sample(value: Fault.self, text: "{ cut: true }", written: "[{ share: 1.0, cut: true }]"),
        Sample(
            value: Fault.self,
            text: "[{ share: 10%, abort: { code: UNAVAILABLE, retry: 2s } }, { share: 0.5, cut: true }]",
            written: "[{ share: 0.1, abort: { code: UNAVAILABLE, retry: 2s }, cut: false }, { share: 0.5, cut: true }]"),
        Sample(value: LogTarget.self, text: "stdout"),
        Sample(value: LogTarget.self, text: "stderr"),
        Sample(value: LogTarget.self, text: "file:/var/log/a.log"),
        Sample(value: HeaderName.self, text: "X-Request-ID", written: "x-request-id"),
        Sample(value: StatusValue.self, text: "404"),
        Sample(value: StatusValue.self, text: "\"{{ int(query.status) }}\""),
        Sample(value: MiddlewareMap.self, text: "{ timeout: 2s, access_log: off }"),
        Sample(value: HostName.self, text: "\"*.Example.com\"", written: "\"*.example.com\""),
        Sample(value: Network.self, text: "10.0.0.0/8"),
        Sample(value: Network.self, text: "192.0.2.7"),
        Sample(value: TrustedProxy.self, text: "unix"),
        Sample(value: TrustedProxy.self, text: "\"2001:db8::/32\""),
        Sample(value: TraceTrust.self, text: "always"),
        Sample(value: TraceTrust.self, text: "10.0.0.0/8", written: "[10.0.0.0/8]"),
        Sample(value: OriginPattern.self, text: "https://*.example.com:8443"),
        Sample(value: OriginPattern.self, text: "\"null\""),
        Sample(value: PathPrefix.self, text: "/v1"),
    ]

    @Test(arguments: samples) func readsBack(_ sample: Sample) throws {
        try Self.expect(sample.value, sample)
    }

    private static func expect<Value: ManifestValue>(_ value: Value.Type, _ sample: Sample) throws {
        let read = Decoded<Value>(try Node.reading(sample.text))
        #expect(read.messages.isEmpty)
        let written = try #require(read.value).written()
        let wanted = try Node.reading(sample.written ?? sample.text)
        #expect(written.flow == wanted.flow)
        let again = Decoded<Value>(written)
        #expect(again.messages.isEmpty, "\(written.flow)")
        #expect(again.value?.written().flow == written.flow)
    }
}
