package import CEL
package import Diagnostics
import Glibc
import JSON
package import Manifests
import NIOCore
package import Pipeline
import Telemetry

/// `access_log`: a line for each call, when it is over.
package struct AccessLog: ConditionalSection {
    package enum Format: String, Choice {
        case json
        case text
    }

    package var format: Format?
    package var output = Placed(LogTarget.standardOutput)
    package var extra = Named<Expression>()
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
            doc: "`json`, or `text` for people. Without it: text on a terminal, else JSON.", example: "json"),
        Field(
            "output", \.output, doc: "`stdout`, `stderr` or `file:PATH`, relative to the manifest.",
            example: "stdout"),
        Field(
            "fields", \.extra,
            doc: """
                More keys, each a CEL expression, which may read `response`; one that fails or is absent is left out.
                """,
            example: "{ tenant: 'headers[?\"x-tenant\"]' }"),
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
        "http.server.request.duration", "client.address", "client.port", "network.protocol.name",
        "network.protocol.version", "url.scheme", "server.address", "user_agent.original", "radicled.service",
        "radicled.request_id", "trace_id", "span_id", "trace_flags", "radicled.flags", "radicled.shadow",
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        for entry in extra.entries where Self.builtIn.contains(entry.name) {
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
        var programs: [(key: [UInt8], program: Program)] = []
        for entry in extra.entries {
            guard let program = scope.check(entry.value, at: .afterAnswer, &findings) else { continue }
            var key = ByteWriter(capacity: 64)
            key.append(",")
            key.append(jsonString: entry.name)
            key.append(":")
            programs.append((Array(key.bytes), program))
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
            let isTerminal = output.value.isTerminal
            switch format ?? (isTerminal ? .text : .json) {
            case .json: return JSONStage(writer: writer, serverName: scope.server.name, extra: programs)
            case .text: return TextStage(writer: writer)
            }
        }
    }
}

/// Where the lines go.
package enum LogTarget: ManifestValue, Hashable {
    case standardOutput
    case standardError
    case file(path: String)

    package static var schema: Schema {
        .string(pattern: "^(stdout|stderr|file:.+)$", examples: ["stdout", "stderr", "file:access.log"])
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> LogTarget? {
        guard let text = node.scalar?.text, text.bytes.count > 0 else {
            findings.wrongType(node, expected: "`stdout`, `stderr` or `file:PATH`")
            return nil
        }
        if text.bytes.elementsEqual("stdout".utf8) { return .standardOutput }
        if text.bytes.elementsEqual("stderr".utf8) { return .standardError }
        if text.bytes.starts(with: "file:".utf8), text.bytes.count > 5, !text.bytes.contains(0) {
            return .file(path: node.range.source.resolve(String(decoding: text.bytes.dropFirst(5), as: UTF8.self)))
        }
        let nearest = Suggest.nearest(text.string, among: ["stdout", "stderr"])
        findings.wrongType(
            node, expected: "`stdout`, `stderr` or `file:PATH`",
            help: nearest.map { "did you mean `\($0)`?" } ?? "a file is written `file:PATH`", suggestion: nearest)
        return nil
    }

    package func written() -> Node {
        switch self {
        case .standardOutput: Node(string: "stdout")
        case .standardError: Node(string: "stderr")
        case .file(let path): Node(string: "file:" + path)
        }
    }

    var output: LogOutputs.Output {
        switch self {
        case .standardOutput: .standardOutput
        case .standardError: .standardError
        case .file(let path): .file(path: path)
        }
    }

    var isTerminal: Bool {
        switch self {
        case .standardOutput: isatty(1) == 1
        case .standardError: isatty(2) == 1
        case .file: false
        }
    }

    static let isDirectory = "it is a directory"

    /// Why a file could not be opened for appending, without creating it.
    static func whyNotWritable(_ path: String) -> String? {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return isDirectory }
            return access(path, W_OK) == 0 ? nil : String(cString: strerror(errno))
        }
        let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
        return access(parent.isEmpty ? "/" : parent, W_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
