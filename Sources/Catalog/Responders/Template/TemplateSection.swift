package import CEL
package import Diagnostics
import Glibc
import JSON
package import Manifests
package import Pipeline

/// `template`: an answer written down, with holes for expressions.
package struct TemplateSection: ManifestSection, ResponderSection {
    package var status: StatusValue?
    package var headers = Named<OneOrMore<Template>>()
    package var contentType: Template?
    package var json: Node?
    package var text: Template?
    package var html: Template?
    package var file: FilePath?
    package var base64: Base64Text?
    package var messages: Messages?
    package var interval: Timespan?
    package var error: TemplateError?
    package var trailers = Named<OneOrMore<Template>>()

    package init() {}

    package static let key = "template"
    package static let doc = """
        Answers with a status, headers and a body. Strings may hold `{{ CEL }}`; one that is a single hole keeps the \
        expression's type, and a value that is an empty optional leaves its key out.
        """
    package static let short: String? = "text"
    package static let fields: [Field<TemplateSection>] = [
        Field("status", \.status, doc: "The status; 200 without it. May be one hole.", example: "201"),
        Field(
            "headers", \.headers, doc: "Fields of the response; a list is sent as one field for each item.",
            example: "{ cache-control: no-store }"),
        Field(
            "content_type", \.contentType,
            doc: """
                The content type, where the body's own is not right. Of `messages` it says how they are framed: \
                `text/event-stream`, `application/x-ndjson` (the default) or `application/json-seq`.
                """,
            example: "application/vnd.api+json"),
        Field(
            "json", \.json, doc: "A tree whose strings may hold holes; encoded, so always valid JSON.",
            example: "{ message: \"Hello {{ path.name }}\" }"),
        Field("text", \.text, doc: "Plain text.", example: "Hello {{ path.name }}"),
        Field("html", \.html, doc: "HTML; what holes give is escaped.", example: "<p>{{ path.name }}</p>"),
        Field(
            "file", \.file, doc: "A file, sent as it is, with ETag, ranges and conditional requests.",
            example: "pages/index.html"),
        Field("base64", \.base64, doc: "Bytes.", example: "aGVsbG8="),
        Field("messages", \.messages, doc: Messages.doc, example: "[{ n: \"{{ index }}\" }]"),
        Field("interval", \.interval, doc: "How long to wait between two messages.", example: "1s"),
        Field(
            "error", \.error,
            doc: "A failure, rendered as every failure is. After `messages` it breaks the stream off.",
            example: "{ code: NOT_FOUND, message: \"no order {{ path.id }}\" }"),
        Field(
            "trailers", \.trailers, doc: "Fields after the body, evaluated when it is whole.",
            example: "{ x-checksum: \"{{ call.id }}\" }"),
    ]

    private static let bodies = ["json", "text", "html", "file", "base64", "messages", "error"]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("body".utf8) ? "write `text` or `json`" : nil
    }

    package static func help(for key: String, holding node: Node) -> String? {
        guard key == "text" || key == "html", node.scalar == nil else { return nil }
        return "a \(node.items == nil ? "map" : "list") goes under `json`"
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        // Behind messages an error is no body of its own.
        let isEnd = node["messages"] != nil
        let given = Self.bodies.filter { !isEnd || $0 != "error" }.compactMap { node.entry($0) }
            .sorted { $0.key.range.start < $1.key.range.start }
        if let first = given.first {
            for other in given.dropFirst() {
                findings.report(
                    CatalogRules.oneBody, "`\(other.name)` is a second body", at: other.key.range,
                    help: "keep one of " + Self.bodies.map { "`\($0)`" }.joined(separator: ", "),
                    related: [Finding.Related(first.key.range, "the first one is here")])
            }
        }
        if let status = status?.number, [204, 205, 304].contains(status), let body = given.first {
            findings.report(
                CatalogRules.badStatus, "an answer with status \(status) cannot have a body", at: body.key.range,
                help: "leave it out, or choose another status")
        }
        lintStream(node, &findings)
        for entry in headers.entries { _ = HeaderName.checkOwn(entry.key, &findings) }
        for entry in trailers.entries { TrailerName.check(entry.key, &findings) }
        if let file, let range = node["file"]?.range, let reason = FileResponder.whyNotReadable(file.path) {
            findings.report(
                CatalogRules.missingFile, "cannot read \(file.path): \(reason)", at: range,
                help: reason == FileResponder.isDirectory
                    ? "name a file in it" : "a path is relative to the manifest that says it")
        }
    }

    package func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        responder(scope, keepsStatus: false, &findings)
    }

    /// - Parameter keepsStatus: whether the status that is set already stays where none is written.
    func responder(_ scope: CompileScope, keepsStatus: Bool, _ findings: inout Findings) -> (any Responder)? {
        if messages == nil, let error { return error.responder(scope, &findings) }
        var found = Findings()
        let status = self.status?.compiled(scope, &found)
        let fields = compiledFields(scope, &found)
        let stream = compiledStream(scope, isPage: keepsStatus, &found)
        let body = file == nil ? compiledBody(scope, &found) : .none
        let trailers = Self.compiled(self.trailers, scope, &found)
        for finding in found.ordered() { findings.report(finding) }
        guard !found.hasErrors else { return nil }
        let head = TemplateHead(status: status ?? (keepsStatus ? .kept : .fixed(200)), fields: fields)
        let responder: any Responder
        if let stream {
            responder = StreamResponder(head: head, stream)
        } else if let file, keepsStatus {
            responder = TemplateResponder(
                head: head, body: .bytes(FileResponder.read(file.path, in: scope.surroundings)))
        } else if let file {
            responder = FileResponder(path: file.path, head: head)
        } else {
            responder = TemplateResponder(head: head, body: body)
        }
        return trailers.isEmpty ? responder : TrailingResponder(responder, trailers)
    }

    private func compiledBody(_ scope: CompileScope, _ findings: inout Findings) -> TemplateBody {
        if let json { return .json(JSONTree(json, scope, &findings)) }
        if let text, let program = scope.check(text, .plain, &findings) { return .text(program) }
        if let html, let program = scope.check(html, .html, &findings) { return .text(program) }
        if let base64 { return .bytes(base64.bytes) }
        return .none
    }

    /// The content type of its body: `*/*` where it is known only when it is called, nil where there is no body.
    package var knownContentType: String? {
        let written =
            headers.entries.first { $0.name.lowercased() == "content-type" }?.value.values.first ?? contentType
        guard let written else { return ownContentType }
        return written.literal.map { String(decoding: $0, as: UTF8.self) } ?? "*/*"
    }

    private var ownContentType: String? {
        if json != nil { return "application/json" }
        if text != nil { return "text/plain; charset=utf-8" }
        if html != nil { return "text/html; charset=utf-8" }
        if let file { return ContentType.of(path: file.path) }
        if messages != nil { return Framing.lines.contentType }
        return base64 == nil ? nil : "application/octet-stream"
    }

    /// The content type first, then the fields as written.
    private func compiledFields(_ scope: CompileScope, _ findings: inout Findings) -> [CompiledHeaderField] {
        var fields: [CompiledHeaderField] = []
        if headers["content-type"] == nil, !headers.entries.contains(where: { $0.name.lowercased() == "content-type" })
        {
            if let contentType {
                if let program = scope.check(contentType, .header, &findings) {
                    fields.append(CompiledHeaderField(name: "content-type", program: program))
                }
            } else if let type = ownContentType {
                if let field = Self.fixed("content-type", type, scope) { fields.append(field) }
            }
        }
        // What a store would hand out again is over by then.
        if messages != nil, framing == .events,
            !headers.entries.contains(where: { $0.name.lowercased() == "cache-control" }),
            let field = Self.fixed("cache-control", "no-store", scope)
        {
            fields.append(field)
        }
        return fields + Self.compiled(headers, scope, &findings)
    }

    private static func fixed(_ name: String, _ value: String, _ scope: CompileScope) -> CompiledHeaderField? {
        let text = PlacedText(verbatim: Array(value.utf8), in: Node.nowhere)
        var none = Findings()
        return Template.parse(text, &none).flatMap { scope.check($0, .header, &none) }
            .map { CompiledHeaderField(name: name, program: $0) }
    }

    private static func compiled(
        _ named: Named<OneOrMore<Template>>, _ scope: CompileScope, _ findings: inout Findings
    ) -> [CompiledHeaderField] {
        var fields: [CompiledHeaderField] = []
        for entry in named.entries {
            for value in entry.value.values {
                if let program = scope.check(value, .header, &findings) {
                    fields.append(CompiledHeaderField(name: entry.name.lowercased(), program: program))
                }
            }
        }
        return fields
    }
}
