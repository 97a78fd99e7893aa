import CEL
package import Diagnostics
package import Manifests

/// `messages`: the items of a stream, written down one by one, or one expression that gives them all.
package struct Messages: ManifestValue {
    enum Source: Sendable {
        case items([Node])
        case list(Expression)
    }

    let source: Source
    /// What was written.
    private let node: Node

    package static let doc = """
        The messages of a stream: a list of items, or one hole that gives a list. An item is evaluated when it is sent \
        and sees `index`; one that has just the keys `delay` and `message` waits first.
        """

    package static var schema: Schema {
        .anyOf([
            .array(.anyOf([.object(Event.object), .object(DelayedMessage.object), .any])),
            .string(pattern: "^\\{\\{"),
        ])
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Messages? {
        if let items = node.items { return Messages(source: .items(items), node: node) }
        guard let scalar = node.scalar, scalar.value != .null, scalar.text.bytes.contains(UInt8(ascii: "{")) else {
            findings.wrongType(
                node, expected: "a list of messages",
                help: node.entries == nil
                    ? "write one item a line after `- `, or one `{{ }}` that gives a list"
                    : "write `- ` before each item"
            )
            return nil
        }
        guard let template = Template.parse(scalar.text, &findings) else { return nil }
        guard let expression = template.single else {
            findings.wrongType(
                node, expected: "a list of messages, or one `{{ }}` and nothing else",
                help: "leave out what stands around the `{{ }}`, or write `- ` before the text to send it as a message")
            return nil
        }
        return Messages(source: .list(expression), node: node)
    }

    package func written() -> Node { node }

    var isEmpty: Bool {
        if case .items(let items) = source { items.isEmpty } else { false }
    }
}

/// An item that waits: `{ delay, message }`.
package struct DelayedMessage: ManifestSection {
    package var delay: Delay?
    package var message: Node?

    package init() {}

    package static let key = "a delayed message"
    package static let doc = "A message that waits before it is sent, in place of the `interval`."
    package static let fields: [Field<DelayedMessage>] = [
        Field(
            "delay", \.delay, doc: "How long to wait before this message, in any form of a route's `delay`.",
            example: "250ms", required: true, schema: Delay.shortSchema),
        Field("message", \.message, doc: "What is sent then.", example: "{ n: 1 }", required: true),
    ]

    static var object: Schema.Object {
        schema.objects.first ?? Schema.Object(key: key, doc: doc, fields: [], short: nil)
    }

    /// Whether an item is meant as one. A map with other keys beside these is a message itself.
    static func isMeant(_ node: Node) -> Bool {
        guard let entries = node.entries, entries.count == 2 else { return false }
        return node["delay"] != nil && node["message"] != nil
    }
}
