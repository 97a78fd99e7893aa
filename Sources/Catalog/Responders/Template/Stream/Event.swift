package import CEL
package import Diagnostics
import JSON
package import Manifests

/// An item of a stream of server-sent events, by its parts: `{ event, id, retry, data }`.
package struct Event: ManifestSection {
    package var event: Template?
    package var id: Template?
    package var retry: EventRetry?
    package var data: Node?

    package init() {}

    package static let key = "an event"
    package static let doc = """
        A server-sent event by its parts. An item that has none of these keys is the data itself.
        """
    package static let fields: [Field<Event>] = [
        Field("event", \.event, doc: "Its name; clients take `message` without one.", example: "tick"),
        Field(
            "id", \.id, doc: "Its id, which a client that comes back sends in `last-event-id`.",
            example: "\"{{ index }}\""),
        Field("retry", \.retry, doc: "How long a client waits before it comes back.", example: "3s"),
        Field(
            "data", \.data,
            doc: "Text, sent line by line, or a tree that is sent as JSON. Without it clients do not see the event.",
            example: "{ n: \"{{ index }}\" }"),
    ]

    static var object: Schema.Object {
        schema.objects.first ?? Schema.Object(key: key, doc: doc, fields: [], short: nil)
    }

    /// Whether an item is meant as one: then all its keys must be an event's.
    static func isMeant(_ node: Node) -> Bool {
        node.entries?.contains { entry in fields.contains { entry.name.utf8.elementsEqual($0.name.utf8) } } ?? false
    }

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("delay".utf8)
            ? "to wait first, write `{ delay: 1s, message: { data: … } }`"
            : "an event has no other keys than `event`, `id`, `retry` and `data`; a tree goes under `data`"
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        if let event = node.entry("event"), node["data"] == nil {
            findings.report(
                CatalogRules.silentEvent, "no client sees an event without `data`", at: event.key.range,
                help: "add `data: \"\"`, or what the event is to carry")
        }
    }
}

/// `retry` of an event: a duration, milliseconds, or one hole that gives either.
package struct EventRetry: ManifestValue {
    private enum Kind: Sendable {
        case fixed(Timespan)
        case milliseconds(Int)
        case expression(Template)
    }

    private let kind: Kind

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "reconnection time",
                doc: "A duration such as `3s`, a whole number of milliseconds, or one hole that gives either.",
                examples: ["3s", "3000"]),
            .anyOf([Timespan.schema, .integer(minimum: 0, maximum: nil), .string(pattern: "^\\{\\{")]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> EventRetry? {
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a duration such as `3s`, or milliseconds")
            return nil
        }
        if case .int(let value) = scalar.value, value >= 0 { return EventRetry(kind: .milliseconds(value)) }
        if scalar.text.bytes.contains(UInt8(ascii: "{")) {
            guard let template = Template.parse(scalar.text, &findings) else { return nil }
            if template.single != nil { return EventRetry(kind: .expression(template)) }
        }
        return Timespan.decode(node, &findings).map { EventRetry(kind: .fixed($0)) }
    }

    package func written() -> Node {
        switch kind {
        case .fixed(let time): time.written()
        case .milliseconds(let count): Node(plain: String(count))
        case .expression(let template): template.written()
        }
    }

    enum Time: Sendable {
        case milliseconds(Int64)
        case program(Program)
    }

    func compiled(_ scope: CompileScope, _ findings: inout Findings) -> Time? {
        switch kind {
        case .fixed(let time): return .milliseconds(Self.milliseconds(time.nanoseconds))
        case .milliseconds(let count): return .milliseconds(Int64(count))
        case .expression(let template):
            guard let expression = template.single, let program = scope.check(expression, &findings) else { return nil }
            var scratch = ByteWriter(capacity: 32)
            if !Self.holds(program.type) || program.constant?.writeRetry(&scratch) != nil {
                let isNegative =
                    switch program.constant {
                    case .int(let count): count < 0
                    case .duration(let span): span.nanoseconds < 0
                    default: false
                    }
                findings.report(
                    ExpressionRules.typeMismatch,
                    isNegative ? "the retry of an event cannot be negative" : Self.wrong.message,
                    at: expression.text.whole,
                    help: "write `duration('3s')` or `3000`")
                return nil
            }
            return .program(program)
        }
    }

    static let wrong = EvaluationError("the retry of an event is a duration, or a number of milliseconds")

    private static func holds(_ type: ValueType) -> Bool {
        switch type {
        case .int, .duration, .null, .dyn: true
        case .optional(let wrapped): holds(wrapped)
        default: false
        }
    }

    /// Rounded up: a client that comes too early comes for nothing.
    static func milliseconds(_ nanoseconds: Int64) -> Int64 {
        nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
    }
}
