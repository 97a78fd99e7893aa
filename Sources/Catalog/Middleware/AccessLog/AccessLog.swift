package import CEL
package import Diagnostics
import JSON
package import Manifests
import NIOCore
package import Pipeline
import Telemetry

/// `access_log`: a line for each call, when it is over.
package struct AccessLog: ConditionalSection {
    package enum Format: String, Choice {
        case json
        case ecs
        case text
        case combined
    }

    package var format: Format?
    package var output = Placed(LogTarget.standardOutput)
    package var extra = Named<Expression>()
    package var sample = Share(fraction: 1)
    package var slow = Timespan.seconds(1)
    package var redact: [String] = []
    package var controls = PolicyControls()

    package init() {}

    package static let key = "access_log"
    package static let doc = """
        Writes one line for each call, refused ones too. The keys of the JSON form are OpenTelemetry's attribute names.
        """
    package static let short: String? = "format"
    package static let fields: [Field<AccessLog>] = [
        Field(
            "format", \.format,
            doc: """
                `json`; `ecs` for the Elastic Common Schema; `text` for people; `combined` as nginx and Apache write it. \
                Without it: text on a terminal, else JSON.
                """,
            example: "ecs"),
        Field(
            "output", \.output,
            doc: """
                `stdout`, `stderr`, `file:PATH`, relative to the manifest and opened again on SIGUSR1, or `syslog`, the \
                system's own at /dev/log (`syslog:PATH` for another socket).
                """,
            example: "stdout"),
        Field(
            "fields", \.extra,
            doc: """
                More keys of the JSON forms, each a CEL expression, which may read `response`; one that fails or is \
                absent is left out.
                """,
            example: "{ tenant: 'headers[?\"x-tenant\"]' }"),
        Field(
            "sample", \.sample,
            doc: """
                The share of calls that have a line. Those with a status from 400 on, cut off, or slow have one in any \
                case. The JSON forms note it as `radicled.sample` in the lines that were chosen.
                """,
            example: "10%"),
        Field("slow", \.slow, doc: "From which duration on a call counts as slow.", example: "250ms"),
        Field(
            "redact", \.redact,
            doc: """
                Names whose values are not shown but as `REDACTED`: of query parameters, and of keys of the JSON forms. \
                Signatures in a query, such as `sig` and `X-Amz-Signature`, never are.
                """,
            example: "[token, client.address]"),
        whenField(
            doc: """
                Only calls for which this is true are logged. It is evaluated when they are over, so it may read `response`; \
                if it fails, there is a line.
                """),
    ]

    /// The keys that the JSON form writes itself: published and stable.
    package static let builtIn: Set<String> = [
        "timestamp", "event", "service.name", "http.request.method", "url.path", "url.query", "http.route",
        "http.response.status_code", "http.request.body.size", "http.response.body.size",
        "http.server.request.duration", "client.address", "client.port", "network.peer.address", "network.peer.port",
        "network.protocol.name",
        "network.protocol.version", "url.scheme", "server.address", "user_agent.original", "radicled.service",
        "radicled.request_id", "trace_id", "span_id", "trace_flags", "radicled.flags", "radicled.shadow",
        "radicled.sample", "radicled.generation", "rpc.system.name", "rpc.method", "rpc.status_code",
        "rpc.server.call.duration", "radicled.protocol",
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        let taken = format == .ecs ? ECSLine.builtIn : Self.builtIn
        for entry in extra.entries where taken.contains(entry.name) {
            findings.report(
                CatalogRules.logFieldTaken, "`\(entry.name)` is a key that the access log writes itself",
                at: entry.key.whole, help: "choose another name")
        }
        if case .file(let path) = output.value, let reason = LogTarget.whyNotWritable(path) {
            findings.report(
                CatalogRules.cannotOpen, "cannot write to \(path): \(reason)", at: node["output"]?.range ?? node.range,
                help: reason == LogTarget.isDirectory
                    ? "name a file in it" : "see that its directory is there and may be written to")
        }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        var programs: [OwnLogField] = []
        for entry in extra.entries {
            guard let program = scope.check(entry.value, at: .afterAnswer, &findings) else { continue }
            if program.readsSecret, program.type != .bool {
                findings.report(
                    CatalogRules.secretInLog, "the log field `\(entry.name)` shows a secret",
                    at: entry.value.text.whole, help: "leave it out, or log only whether something is true of it")
                continue
            }
            programs.append(OwnLogField(entry.name, program, isRedacted: redact.contains(entry.name)))
        }
        guard let outputs = scope.outputs else { return nil }
        switch outputs.writer(for: output.value.output) {
        case .failure(let error):
            // Lint looked whether it could be opened; in the meantime that has changed.
            if let range = output.range {
                findings.report(CatalogRules.cannotOpen, "cannot write there: \(error.reason)", at: range)
            }
            return nil
        case .success(let writer):
            let sampling = TailSampling(share: sample.fraction, slow: slow.nanoseconds)
            let redaction = LogRedaction(redact)
            switch format ?? (output.value.isTerminal ? .text : .json) {
            case .json:
                return LogStage(
                    JSONLine(scope.server, programs, redaction, sampling), to: writer, sampling)
            case .ecs:
                return LogStage(
                    ECSLine(scope.server, programs, redaction, sampling), to: writer, sampling)
            case .text: return LogStage(TextLine(redaction), to: writer, sampling)
            case .combined: return LogStage(CombinedLine(redaction), to: writer, sampling)
            }
        }
    }
}
