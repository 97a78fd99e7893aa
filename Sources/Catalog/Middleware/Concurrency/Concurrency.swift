package import CEL
package import Diagnostics
package import Manifests
package import Pipeline
import Telemetry

/// `concurrency`: how many calls run at once; more wait in a queue, and what is too much is refused.
package struct Concurrency: PolicySection {
    package var limit: Int?
    package var adaptive: AdaptiveLimit?
    package var queue = 0
    package var queueTimeout = Timespan.seconds(1)
    package var priority: Expression?
    package var controls = PolicyControls()

    package init() {}

    package static let key = "concurrency"
    package static let doc = """
        Lets so many calls run at once, over all connections: `limit`, or as many as the server bears without slowing down, \
        with `adaptive`. Further ones wait their turn in a queue; where that is full, or the wait too long, the answer is 503.
        """
    package static let short: String? = "limit"
    package static let alternatives = ["limit", "adaptive"]
    package static let fields: [Field<Concurrency>] =
        [
            Field("limit", \.limit, doc: "How many calls run at once.", example: "100", check: within(1...1_000_000)),
            Field(
                "adaptive", \.adaptive,
                doc: "Instead of `limit`: one that the server finds itself, from how long calls take.",
                example: "{ minimum: 10, maximum: 500 }"),
            Field(
                "queue", \.queue, doc: "How many calls may wait; none without it.", example: "50",
                check: within(0...1_000_000)),
            Field("queue_timeout", \.queueTimeout, doc: "How long a call waits at most.", example: "1s"),
            Field(
                "priority", \.priority,
                doc: """
                    An expression that gives 0 to 9, 5 without it: of those that wait the highest goes first, and where the \
                    queue is full the lowest gives up its place to a higher one. What is beyond counts as 0 or 9. If it fails \
                    on what the client sent, the answer is 400.
                    """,
                example: "\"request.path.startsWith('/checkout') ? 9 : 5\""),
        ] + policyFields

    package func lint(_ node: Node, _ findings: inout Findings) {
        guard node.entries != nil || node.isNull else { return }
        let (fixed, adaptive) = (node.entry("limit"), node.entry("adaptive"))
        if let fixed, let adaptive {
            let later = [fixed, adaptive].max { $0.key.range.start < $1.key.range.start } ?? adaptive
            findings.report(
                CatalogRules.oneOf, "a concurrency limit is either `limit` or `adaptive`", at: later.key.range,
                help: "keep one of them; `adaptive` has bounds of its own")
        } else if fixed == nil, adaptive == nil {
            findings.report(
                ManifestRules.missingKey, "concurrency needs `limit` or `adaptive`", at: node.heading,
                help: "add `limit: 100`, or `adaptive: {}`")
        }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        let width: Gate.Width
        if let adaptive {
            width = .adaptive(minimum: adaptive.minimum, maximum: adaptive.maximum)
        } else if let limit {
            width = .fixed(limit)
        } else {
            return nil
        }
        var program: Program?
        if let priority {
            var untold = Findings()
            if case .string? = scope.check(priority, at: .beforeBody, &untold)?.constant {
                findings.report(
                    ExpressionRules.typeMismatch, "a priority is a number from 0 to 9, not a string",
                    at: priority.text.whole, help: "write a number such as `5`")
                return nil
            }
            program = scope.check(priority, at: .beforeBody, expecting: .int, &findings)
            if program == nil { return nil }
            if case .int(let value) = program?.constant, !(0...9).contains(value) {
                findings.report(
                    ManifestRules.outOfRange, "\(value) is too \(value < 0 ? "small" : "large")",
                    at: priority.text.whole,
                    label: value < 0 ? "at least 0" : "at most 9", help: "a priority goes from 0 to 9")
            }
        }
        let room = queue
        let gate = scope.shared {
            Gate(width, room: room)
        } adjust: {
            $0.adjust(width, room: room)
        }
        scope.outputs?.metrics.watch(gate, at: scope.place.path)
        return GateStage(
            gate, isAdaptive: adaptive != nil, timeout: queueTimeout.nanoseconds, priority: program, words: scope.words)
    }
}

/// `adaptive`: the bounds of a limit that finds itself.
package struct AdaptiveLimit: ManifestSection {
    package var minimum = 10
    package var maximum = 1000

    package init() {}

    package static let key = "adaptive"
    package static let doc = """
        A limit that follows how long calls take: it grows while they take as long as ever, and shrinks when they take \
        longer, which is how overload begins. It starts at 20 if the bounds let it.
        """
    package static let fields: [Field<AdaptiveLimit>] = [
        Field("minimum", \.minimum, doc: "It never falls below.", example: "10", check: within(1...1_000_000)),
        Field("maximum", \.maximum, doc: "It never rises above.", example: "500", check: within(1...1_000_000)),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        guard minimum > maximum else { return }
        findings.report(
            CatalogRules.badRange, "the minimum \(minimum) is above the maximum \(maximum)", at: node.range,
            help: "write `{ minimum: \(maximum), maximum: \(minimum) }`")
    }
}
