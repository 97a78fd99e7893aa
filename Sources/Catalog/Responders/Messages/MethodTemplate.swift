package import CEL
package import Diagnostics
import JSON
package import Manifests
package import Pipeline
import Protobuf

/// `template` of a gRPC method: messages written down, with holes for expressions.
package struct MethodTemplate: ManifestSection, ResponderSection {
    package var message: Node?
    package var messages: Messages?
    package var interval: Timespan?
    package var onEnd: Messages?
    package var metadata = Named<OneOrMore<Template>>()
    package var trailers = Named<OneOrMore<Template>>()
    package var error: MethodError?
    /// Where its parts stand.
    private var node = Node.null

    package init() {}

    package static let key = "the template of a method"
    package static let doc = """
        Answers with messages, written as maps of their fields. Strings may hold `{{ CEL }}`; one that is a single hole \
        keeps the expression's type, and a value that is an empty optional leaves its field out.
        """
    package static let fields: [Field<MethodTemplate>] = [
        Field(
            "message", \.message,
            doc: """
                The answer: its fields by their names in the .proto file or in JSON. Enums go by name, bytes as base64, \
                times and durations as in ProtoJSON. Where both sides stream it is the reply to each message.
                """,
            example: "{ message: \"Hello {{ request.name }}\" }"),
        Field(
            "messages", \.messages,
            doc: """
                The messages of a stream: a list of items, or one hole that gives a list. An item is evaluated when it \
                is sent and sees `index`; one that has just the keys `delay` and `message` waits first.
                """,
            example: "[{ message: \"number {{ index }}\" }]"),
        Field("interval", \.interval, doc: "How long to wait between two messages.", example: "1s"),
        Field(
            "on_end", \.onEnd, doc: "Where both sides stream: the messages after the client's last one.",
            example: "[{ message: bye }]"),
        Field(
            "metadata", \.metadata,
            doc: "Metadata before the answer; of names that end in `-bin` the value is sent as base64.",
            example: "{ x-served-by: \"{{ server.name }}\" }"),
        Field(
            "trailers", \.trailers, doc: "Metadata behind the answer, evaluated when it is whole.",
            example: "{ x-count: \"{{ call.count }}\" }"),
        Field(
            "error", \.error, doc: "The call fails with it; behind `messages` it ends the stream.",
            example: "{ code: NOT_FOUND, message: \"nobody is called {{ request.name }}\" }"),
    ]

    package static func help(forUnknown key: String) -> String? {
        switch key {
        case "json", "text", "body", "html", "base64", "file": "a method answers with `message: { … }`"
        case "headers": "gRPC calls them `metadata`"
        case "status": "write `error: { code: NOT_FOUND }`"
        default: nil
        }
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> MethodTemplate? {
        guard node.entries != nil || node.isNull else {
            findings.wrongType(
                node, expected: "a map with the keys of \(key)", help: "write `template: { message: { … } }`")
            return nil
        }
        var section = decodeFields(node, &findings)
        section?.node = node
        return section
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        if let second = node.entry("messages"), let first = node.entry("message") {
            findings.report(
                MessageRules.methodAnswer, "`message` and `messages` exclude each other", at: second.key.range,
                help: "put the one message into the list",
                related: [Finding.Related(first.key.range, "the first one is here")])
        }
        if let interval = node.entry("interval"), node["messages"] == nil, node["on_end"] == nil {
            findings.report(
                CatalogRules.unusedKey, "`interval` does nothing without `messages`", at: interval.key.range,
                help: "leave it out, or add `messages`")
        }
        if ["message", "messages", "on_end", "error"].allSatisfy({ node[$0] == nil }) {
            findings.report(
                MessageRules.methodAnswer, "a template of a method needs `message`, `messages` or `error`",
                at: node.heading, help: "write `message: {}` for an empty message")
        }
        for entry in metadata.entries { MetadataField.check(entry.key, &findings) }
        for entry in trailers.entries { MetadataField.check(entry.key, &findings) }
    }

    package func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        guard let method = scope.method else { return nil }
        var found = Findings()
        lint(method, &found)
        let encoding = MessageEncoding(method.codec, method.output)
        var answer = MethodAnswer()
        answer.metadata = MetadataField.compiled(metadata, scope, &found)
        if let message {
            answer.replies = MethodReplies(
                message: message, isOwed: !method.serverStreams, encoding, scope, &found)
        } else if let messages {
            answer.replies = MethodReplies(messages, interval: interval, encoding, scope, &found)
        }
        answer.onEnd = onEnd.flatMap { MethodReplies($0, interval: interval, encoding, scope, &found) }
        answer.trailers = MetadataField.compiled(trailers, scope, &found)
        answer.end = error.flatMap { $0.compiled(scope, method.codec, &found) }
        for finding in found.ordered() { findings.report(finding) }
        guard !found.hasErrors else { return nil }
        return MethodResponder(answer, method, keepsRequests: scope.keepsRequests)
    }

    /// What depends on which side streams.
    private func lint(_ method: RPCMethod, _ findings: inout Findings) {
        if !method.serverStreams {
            if let entry = node.entry("messages") {
                findings.report(
                    MessageRules.methodAnswer, "`\(method.name)` answers with one message", at: entry.key.range,
                    help: "write `message: { … }`")
            }
            if let entry = node.entry("error"), let first = node.entry("message") {
                findings.report(
                    MessageRules.methodAnswer,
                    "`\(method.name)` answers with a message or with an error, not with both",
                    at: entry.key.range, help: "keep one of them, or choose by `cases`",
                    related: [Finding.Related(first.key.range, "the message is here")])
            }
        }
        if let entry = node.entry("on_end"), !method.clientStreams || !method.serverStreams {
            findings.report(
                MessageRules.methodAnswer,
                "`on_end` is for methods where both sides stream, and `\(method.name)` is none",
                at: entry.key.range,
                help: method.serverStreams ? "add its messages to `messages`" : "write `message: { … }`")
        }
    }
}
