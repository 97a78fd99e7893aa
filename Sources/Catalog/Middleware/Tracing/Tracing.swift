import Client
package import Diagnostics
package import Manifests
package import Pipeline
import Telemetry

/// `tracing`: the call's place in a distributed trace, and its span for a collector.
package struct Tracing: ConditionalSection {
    package enum Form: String, Choice {
        case protobuf = "http/protobuf"
        case json = "http/json"

        fileprivate var format: OTLPFormat { self == .protobuf ? .protobuf : .json }
    }

    package var otlp: CollectorURL?
    package var form: Form?
    package var headers = Named<Secret>()
    package var sample: Share?
    package var trust = TraceTrust.always
    package var slow = Timespan.seconds(1)
    package var controls = PolicyControls()

    package init() {}

    package static let key = "tracing"
    package static let doc = """
        Continues the trace that a caller's `traceparent` names, or begins one, and shows its identifiers in the access \
        log. With `otlp`, or OpenTelemetry's environment variables, the calls' spans go to a collector.
        """
    package static let short: String? = "otlp"
    package static let fields: [Field<Tracing>] = [
        Field(
            "otlp", \.otlp,
            doc: """
                A collector that takes OTLP over HTTP; `/v1/traces` is added. Without it `OTEL_EXPORTER_OTLP_ENDPOINT` \
                counts; without both no spans are made.
                """,
            example: "http://127.0.0.1:4318"),
        Field(
            "protocol", \.form, doc: "`http/protobuf`, the default, or `http/json`.", example: "http/json"),
        Field(
            "headers", \.headers, doc: "Header fields for the collector, as for its key. Their values are not shown.",
            example: "{ authorization: 'Bearer ${file:/run/secrets/otlp}' }"),
        Field(
            "sample", \.sample,
            doc: """
                The share of the traces begun here that is sent; all if neither this nor `OTEL_TRACES_SAMPLER` says \
                so. A trace that a caller began is sent if the caller's is. Calls that end with a status from 500 on, \
                or take long, are sent in any case.
                """,
            example: "10%"),
        Field(
            "trust", \.trust,
            doc: """
                Whose `traceparent` is continued: `always` everybody's, `never` nobody's, or that of callers whose \
                `client.address` is in one of these networks. For the others a new trace begins.
                """,
            example: "[10.0.0.0/8]"),
        Field("slow", \.slow, doc: "From which duration on a call counts as long.", example: "250ms"),
        whenField(
            doc: """
                Only calls for which this is true have a span. It is evaluated when they are over, so it may read \
                `response`; if it fails, there is one.
                """),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        for entry in headers.entries where HeaderName.check(entry.key, &findings) {
            _ = HeaderName.checkOwn(entry.key, &findings)
        }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        let spans = scope.outputs?.spans
        let sampler = sample.map { TracesEnvironment.Sampler(share: $0.fraction) } ?? spans?.environment.sampler
        let exporter = spans?.exporter(
            to: otlp?.target, format: form?.format,
            headers: Dictionary(headers.entries.map { ($0.name.lowercased(), $0.value.text) }) { $1 },
            service: scope.server.name, resource: scope.server.resource)
        return TracingStage(
            trust: trust.compiled, sampler: sampler ?? TracesEnvironment.Sampler(share: 1),
            slow: slow.nanoseconds, exporter: exporter)
    }
}

/// A collector's URL.
package struct CollectorURL: ManifestValue {
    let target: HTTPTarget
    private let text: String

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "collector", doc: "Where OTLP over HTTP is taken; the port is 4318 unless it says another.",
                examples: ["http://127.0.0.1:4318"]),
            .string(pattern: "^[Hh][Tt][Tt][Pp]://[^ ?#@]+$"))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> CollectorURL? {
        guard let scalar = node.scalar, scalar.value == .string else {
            findings.wrongType(node, expected: "a collector's URL such as `http://127.0.0.1:4318`")
            return nil
        }
        do throws(HTTPTarget.Unusable) {
            let text = scalar.text.string
            return CollectorURL(target: try TracesEnvironment.target(base: text), text: text)
        } catch {
            let meant = meant(scalar.text.string)
            findings.report(
                CatalogRules.badCollector, "`\(scalar.shortText)` \(error.reason)", at: node.range,
                label: "expected a URL such as `http://127.0.0.1:4318`",
                help: error.help ?? meant.map { "write `\($0)`" } ?? help(scalar.text.string),
                suggestion: scalar.style == .plain && scalar.isAsWritten ? meant : nil)
            return nil
        }
    }

    /// With the scheme that is missing, and without what follows the path.
    private static func meant(_ text: String) -> String? {
        let path = text.prefix { $0 != "?" && $0 != "#" }
        if !path.contains("://"), path.hasPrefix("http:") || path.hasPrefix("https:") { return nil }
        let url = path.contains("://") ? String(path) : "http://\(path)"
        return url != text && (try? TracesEnvironment.target(base: url)) != nil ? url : nil
    }

    private static func help(_ text: String) -> String {
        if text.hasPrefix("https://") {
            return "send to a collector or agent nearby by `http://`, and let that one speak TLS"
        }
        return "write `http://HOST:PORT`"
    }

    package func written() -> Node { Node(string: text) }
}
