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
    package var base64: String?
    package var error: TemplateError?

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
            "content_type", \.contentType, doc: "The content type, where the body's own is not right.",
            example: "application/vnd.api+json"),
        Field(
            "json", \.json, doc: "A tree whose strings may hold holes; encoded, so always valid JSON.",
            example: "{ message: \"Hello {{ path.name }}\" }"),
        Field("text", \.text, doc: "Plain text.", example: "Hello {{ path.name }}"),
        Field("html", \.html, doc: "HTML; what holes give is escaped.", example: "<p>{{ path.name }}</p>"),
        Field(
            "file", \.file, doc: "A file, sent as it is, with ETag, ranges and conditional requests.",
            example: "pages/index.html"),
        Field(
            "error", \.error, doc: "A failure, rendered as every failure is.",
            example: "{ code: NOT_FOUND, message: \"no order {{ path.id }}\" }"),
        Field("base64", \.base64, doc: "Bytes.", example: "aGVsbG8="),
    ]

    private static let bodies = ["json", "text", "html", "file", "base64", "error"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        let given = Self.bodies.compactMap { node.entry($0) }.sorted { $0.key.range.start < $1.key.range.start }
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
                CatalogRules.badStatus, "an answer with status \(status) has no body", at: body.key.range,
                help: "leave it out, or choose another status")
        }
        for entry in headers.entries { _ = HeaderName.checkOwn(entry.key, &findings) }
        if let base64, let text = node["base64"]?.scalar?.text,
            case .failure(let wrong) = Base64.decode(Array(base64.utf8))
        {
            let at = min(wrong.offset, max(0, text.bytes.count - 1))
            findings.report(
                CatalogRules.badBase64, "this is not base64", at: text.range(at..<min(at + 1, text.bytes.count)),
                label: wrong.offset < text.bytes.count ? "this character does not belong" : "the end is missing",
                help: "bytes are written as `aGVsbG8=`")
        }
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
        if let error { return error.responder(scope, &findings) }
        var found = Findings()
        let status = self.status?.compiled(scope, &found)
        let fields = compiledFields(scope, &found)
        let body = file == nil ? compiledBody(scope, &found) : .none
        for finding in found.ordered() { findings.report(finding) }
        guard !found.hasErrors else { return nil }
        let head = TemplateHead(status: status ?? (keepsStatus ? .kept : .fixed(200)), fields: fields)
        if let file, keepsStatus { return TemplateResponder(head: head, body: .bytes(FileResponder.read(file.path))) }
        if let file { return FileResponder(path: file.path, head: head) }
        return TemplateResponder(head: head, body: body)
    }

    private func compiledBody(_ scope: CompileScope, _ findings: inout Findings) -> TemplateBody {
        if let json { return .json(JSONTree(json, scope, &findings)) }
        if let text, let program = scope.check(text, .plain, &findings) { return .text(program) }
        if let html, let program = scope.check(html, .html, &findings) { return .text(program) }
        if let base64, case .success(let bytes) = Base64.decode(Array(base64.utf8)) { return .bytes(bytes) }
        return .none
    }

    private var ownContentType: String? {
        if json != nil { return "application/json" }
        if text != nil { return "text/plain; charset=utf-8" }
        if html != nil { return "text/html; charset=utf-8" }
        if let file { return ContentType.of(path: file.path) }
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
                let text = PlacedText(verbatim: Array(type.utf8), in: Node.nowhere)
                var none = Findings()
                if let program = Template.parse(text, &none).flatMap({ scope.check($0, .header, &none) }) {
                    fields.append(CompiledHeaderField(name: "content-type", program: program))
                }
            }
        }
        for entry in headers.entries {
            for value in entry.value.values {
                if let program = scope.check(value, .header, &findings) {
                    fields.append(CompiledHeaderField(name: entry.name.lowercased(), program: program))
                }
            }
        }
        return fields
    }
}

/// A status, as a number or as the one hole of a template.
package struct StatusValue: ManifestValue {
    private enum Kind: Sendable {
        case fixed(Int)
        case template(Template)
    }

    private let kind: Kind

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "status", doc: "A number from 200 to 599, or one hole and nothing else: `{{ int(query.status) }}`.",
                examples: ["201", "{{ int(query.status) }}"]),
            .anyOf([.integer(minimum: 200, maximum: 599), .string(pattern: "^\\{\\{")]))
    }

    /// Nil if it is known only when it is called.
    var number: Int? { if case .fixed(let status) = kind { status } else { nil } }

    package static func decode(_ node: Node, _ findings: inout Findings) -> StatusValue? {
        guard let scalar = node.scalar else {
            findings.wrongType(node, expected: "a status such as `200`")
            return nil
        }
        if scalar.text.bytes.starts(with: "{{".utf8) {
            guard let template = Template.parse(scalar.text, &findings) else { return nil }
            guard template.single != nil else {
                findings.report(
                    CatalogRules.badStatus, "a status is a number, or one hole and nothing else", at: node.range,
                    help: "leave out what stands around the hole")
                return nil
            }
            return StatusValue(kind: .template(template))
        }
        let digits = scalar.text.bytes.count <= 4 ? Int(scalar.text.string) : nil
        guard let status = digits, (200...599).contains(status), scalar.value != .string else {
            let isQuoted = scalar.value == .string && digits.map { (200...599).contains($0) } == true
            let help =
                isQuoted
                ? "write it without quotes: `\(scalar.text.string)`"
                : digits.map { $0 < 200 } == true
                    ? "what is below 200 the server sends itself"
                    : digits == nil ? "statuses are numbers, as in `status: 404`" : "use 200 to 599"
            findings.report(
                CatalogRules.badStatus, "`\(scalar.shortText)` is not a status", at: node.range,
                label: "expected a number from 200 to 599", help: help,
                suggestion: isQuoted ? scalar.text.string : nil)
            return nil
        }
        return StatusValue(kind: .fixed(status))
    }

    package func written() -> Node {
        switch kind {
        case .fixed(let status): Node(plain: String(status))
        case .template(let template): template.written()
        }
    }

    func compiled(_ scope: CompileScope, _ findings: inout Findings) -> TemplateHead.Status? {
        switch kind {
        case .fixed(let status): return .fixed(status)
        case .template(let template):
            return template.single.flatMap({ scope.check($0, expecting: .int, &findings) }).map { .program($0) }
        }
    }
}
