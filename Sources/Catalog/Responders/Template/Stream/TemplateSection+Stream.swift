import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline

// What `messages` asks of the keys beside it, and the stream that they make.
extension TemplateSection {
    /// How the messages are framed.
    var framing: Framing {
        contentType?.literal.flatMap { Framing(contentType: $0) } ?? .lines
    }

    func lintStream(_ node: Node, _ findings: inout Findings) {
        guard node["messages"] != nil else {
            if let interval = node.entry("interval") {
                findings.report(
                    CatalogRules.unusedKey, "`interval` does nothing without `messages`", at: interval.key.range,
                    help: "leave it out, or add `messages`")
            }
            if error != nil, !trailers.isEmpty, let entry = node.entry("trailers") {
                findings.report(
                    CatalogRules.unusedKey, "`trailers` does nothing beside `error`", at: entry.key.range,
                    help: "leave it out: a failure has no trailers")
            }
            return
        }
        if let contentType, contentType.literal.flatMap({ Framing(contentType: $0) }) == nil {
            let meant = contentType.literal.flatMap { Framing.meant(by: String(decoding: $0, as: UTF8.self)) }
            let names = Framing.allCases.map { "`\($0.contentType)`" }.joined(separator: ", ")
            findings.report(
                CatalogRules.streamType,
                contentType.literal == nil
                    ? "the content type of `messages` must be known when the manifest is loaded"
                    : "`\(contentType.text.string)` does not say how to frame messages",
                at: node["content_type"]?.range ?? node.range,
                label: meant == nil ? nil : "expected one of \(names)",
                help: meant.map { "did you mean `\($0.contentType)`?" } ?? "write one of \(names)",
                suggestion: meant?.contentType)
        }
        for entry in headers.entries where entry.name.lowercased() == "content-type" {
            findings.report(
                CatalogRules.streamType, "the content type of `messages` stands under `content_type`",
                at: entry.key.whole,
                help: "write `content_type: \(Self.framing(entry.value).contentType)` beside `messages`")
        }
    }

    /// How a field would have the messages framed.
    private static func framing(_ values: OneOrMore<Template>) -> Framing {
        let literal = values.values.first?.literal
        return literal.flatMap { Framing(contentType: $0) } ?? .events
    }

    /// The stream, if there is one.
    ///
    /// - Parameter isPage: whether it is for the page of a failure.
    func compiledStream(_ scope: CompileScope, isPage: Bool, _ findings: inout Findings) -> CompiledStream? {
        guard let messages else { return nil }
        if isPage {
            findings.report(
                CatalogRules.streamInPage, "the page of a failure cannot be a stream", at: messages.written().range,
                help: "write one of the other bodies, such as `json`")
            return nil
        }
        let source: CompiledStream.Source
        switch messages.source {
        case .items(let nodes):
            let scope = scope.forMessages
            source = .items(nodes.compactMap { StreamItem($0, framing, scope, &findings) })
        case .list(let expression):
            guard let program = scope.check(expression, expecting: .list(.dyn), &findings) else { return nil }
            if let fault = StreamResponder.fault(ofConstant: program, framing) {
                findings.report(
                    ExpressionRules.constantFailure, "this always fails: \(fault.message)", at: expression.text.whole,
                    help: fault.message == StreamResponder.badDelay.message
                        ? "write `duration('1s')`" : "it reads nothing of the call: change the expression")
            }
            source = .list(program)
        }
        let end = error.flatMap { $0.compiled(scope, &findings) }
        return CompiledStream(source: source, framing: framing, interval: interval?.nanoseconds ?? 0, end: end)
    }
}
