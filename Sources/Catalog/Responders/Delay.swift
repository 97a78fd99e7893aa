package import CEL
package import Diagnostics
import Glibc
package import Manifests
package import Pipeline

/// `delay`: waits before the answer, without holding anything up but its own call.
package struct Delay: ManifestValue {
    package enum Kind: Sendable {
        case fixed(Timespan)
        case uniform(Timespan, Timespan)
        case lognormal(median: Timespan, sigma: Double)
        case expression(Expression)
    }

    package var kind: Kind

    package static let doc = """
        Waits before answering: a fixed time, one drawn evenly between two, one drawn from a log-normal distribution, \
        or what a CEL expression gives.
        """

    package static var schema: Schema { .anyOf([Timespan.schema, expressionSchema, .object(Long.object)]) }

    /// Without the keys of the long form, for where it is not at home.
    static var shortSchema: Schema { .anyOf([Timespan.schema, expressionSchema, .map(.any)]) }

    private static var expressionSchema: Schema {
        .named(
            Schema.Kind(
                "expression of a duration", doc: "A CEL expression that gives a duration: `duration(query.wait)`.",
                examples: ["duration(query.wait)"]),
            .anyOf([.string(pattern: "^[^0-9-]"), .boolean]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Delay? {
        if node.entries != nil { return Long.decode(node, &findings)?.delay(node, &findings) }
        guard let scalar = node.scalar, scalar.value != .null else {
            findings.wrongType(node, expected: "a duration such as `250ms`")
            return nil
        }
        // What begins like a number is meant as a duration; anything else is an expression.
        // So is what stands for `${…}`, which no expression may hold.
        let isTime = scalar.text.bytes.first.map { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } ?? false
        if isTime || !scalar.text.insertions.isEmpty {
            return Timespan.decode(node, &findings).map { Delay(kind: .fixed($0)) }
        }
        return Expression.decode(node, &findings).map { Delay(kind: .expression($0)) }
    }

    package func written() -> Node {
        switch kind {
        case .fixed(let time): time.written()
        case .uniform(let low, let high): Node(map: [("uniform", Node(items: [low.written(), high.written()]))])
        case .lognormal(let median, let sigma):
            Node(map: [
                ("lognormal", Node(map: [("median", median.written()), ("sigma", Node(plain: sigma.description))]))
            ])
        case .expression(let expression): expression.written()
        }
    }

    /// The stage for one route.
    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        time(scope, &findings).map { DelayStage($0, tester: nil) }
    }

    /// How long it is, for whoever waits himself.
    func time(_ scope: CompileScope, _ findings: inout Findings) -> Time? {
        if case .expression(let expression) = kind {
            return scope.check(expression, expecting: .duration, &findings).map { .program($0) }
        }
        return .drawn(kind)
    }

    enum Time: Sendable {
        case drawn(Kind)
        case program(Program)

        /// A delay is for tests of patience, not for holding a connection for days.
        static let longest: Int64 = 24 * 3600 * 1_000_000_000

        /// Nanoseconds for this call; nil if an expression failed, which is the exchange's failure then.
        func nanoseconds(_ exchange: inout Exchange) -> Int64? {
            drawn(&exchange).map { min($0, Self.longest) }
        }

        private func drawn(_ exchange: inout Exchange) -> Int64? {
            switch self {
            case .drawn(.fixed(let time)): return time.nanoseconds
            case .drawn(.uniform(let low, let high)):
                let span = Double(high.nanoseconds - low.nanoseconds)
                let more = Int64(span * exchange.loop.state.pointee.random.fraction())
                return LoopClock.later(low.nanoseconds, more)
            case .drawn(.lognormal(let median, let sigma)):
                // Box and Muller's way from even to normal numbers.
                let normal =
                    (-2 * log(1 - exchange.loop.state.pointee.random.fraction())).squareRoot()
                    * cos(2 * .pi * exchange.loop.state.pointee.random.fraction())
                let drawn = Double(median.nanoseconds) * exp(sigma * normal)
                return drawn < Double(Self.longest) ? Int64(drawn) : Self.longest
            case .drawn(.expression): return 0
            case .program(let program):
                switch program.evaluate(exchange.context) {
                case .duration(let span): return span.nanoseconds
                case .error(let error): _ = exchange.failEvaluation(error, readsClient: program.readsClient)
                default: exchange.fail(Failure(.internal, "the delay's expression gave no duration"))
                }
                return nil
            }
        }
    }

    private struct Long: ManifestSection {
        var fixed: Timespan?
        var uniform: UniformTimes?
        var lognormal: Lognormal?

        static let key = "a delay"
        static let doc = Delay.doc
        static let fields: [Field<Long>] = [
            Field("fixed", \.fixed, doc: "The time to wait.", example: "250ms"),
            Field("uniform", \.uniform, doc: "The least and the longest time.", example: "[10ms, 50ms]"),
            Field(
                "lognormal", \.lognormal, doc: "Mostly near the median, now and then much longer.",
                example: "{ median: 20ms, sigma: 0.5 }"),
        ]

        static var object: Schema.Object {
            var fields: [Schema.Field] = []
            if case .object(let object) = schema { fields = object.fields }
            return Schema.Object(key: key, doc: doc, fields: fields, short: nil, takesNull: false)
        }

        func delay(_ node: Node, _ findings: inout Findings) -> Delay? {
            let given = [fixed != nil, uniform != nil, lognormal != nil].count { $0 }
            let written = ["fixed", "uniform", "lognormal"].count { node[$0] != nil }
            guard written == 1 else {
                findings.report(
                    CatalogRules.oneOf,
                    written == 0
                        ? "a delay needs `fixed`, `uniform` or `lognormal`"
                        : "a delay is one of `fixed`, `uniform` and `lognormal`", at: node.range,
                    help: written == 0 ? "write `250ms`, or `{ uniform: [10ms, 50ms] }`" : "keep one of them")
                return nil
            }
            guard given == 1 else { return nil }
            if let fixed { return Delay(kind: .fixed(fixed)) }
            if let lognormal { return Delay(kind: .lognormal(median: lognormal.median, sigma: lognormal.sigma)) }
            return uniform.map { Delay(kind: .uniform($0.low, $0.high)) }
        }
    }

    package struct Lognormal: ManifestSection {
        package var median = Timespan.milliseconds(0)
        package var sigma = 0.5

        package init() {}

        package static let key = "a log-normal delay"
        package static let doc = "Mostly near the median, now and then much longer, as real services are."
        package static let fields: [Field<Lognormal>] = [
            Field("median", \.median, doc: "Half of the calls wait less.", example: "20ms", required: true),
            Field(
                "sigma", \.sigma, doc: "How far it spreads; 0 is not at all.", example: "0.5",
                check: within(0...10)),
        ]
    }
}

/// Two durations, the shorter one first.
package struct UniformTimes: ManifestValue, Equatable {
    package let low: Timespan
    package let high: Timespan

    package static var schema: Schema { .array(Timespan.schema) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> UniformTimes? {
        guard let times = [Timespan].decode(node, &findings) else { return nil }
        guard node.items?.count == 2 else {
            findings.report(
                CatalogRules.badRange, "`uniform` is a list of two durations", at: node.range,
                help: "write `[10ms, 50ms]`")
            return nil
        }
        // One that cannot be read has been told of.
        guard times.count == 2, let low = times.first, let high = times.last else { return nil }
        guard low <= high else {
            findings.report(
                CatalogRules.badRange, "the range ends before it starts", at: node.range,
                help: "write `[\(high), \(low)]`", suggestion: "[\(high), \(low)]")
            return nil
        }
        return UniformTimes(low: low, high: high)
    }

    package func written() -> Node { Node(items: [low.written(), high.written()]) }
}

/// Holds a call up, for its time or for the one that a tester asks for.
final class DelayStage: Middleware {
    let moments: Moments = [.admit]
    private let time: Delay.Time?
    private let tester: TesterHeader?

    init(_ time: Delay.Time?, tester: TesterHeader?) {
        self.time = time
        self.tester = tester
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        if let tester {
            switch tester.asked(exchange) {
            case .nothing: break
            case .wish(let wish): return wait(wish.delay?.nanoseconds ?? 0, &exchange)
            case .refused(let failure):
                exchange.fail(failure)
                return .refuse
            }
        }
        guard let time else { return .proceed }
        guard let nanoseconds = time.nanoseconds(&exchange) else { return .refuse }
        return wait(nanoseconds, &exchange)
    }

    private func wait(_ nanoseconds: Int64, _ exchange: inout Exchange) -> Verdict {
        guard nanoseconds > 0 else { return .proceed }
        exchange.wakeAt = LoopClock.later(exchange.loop.state.pointee.clock.now, nanoseconds)
        return .park
    }

    func foretold(_ exchange: inout Exchange) -> String? {
        switch tester?.asked(exchange) ?? .nothing {
        case .nothing: break
        case .wish(let wish): return wish.delay.map { "waits \($0), as the tester asks" }
        case .refused: return nil
        }
        switch time {
        case .drawn(.fixed(let span)): return "waits \(span)"
        case .drawn(.uniform(let low, let high)): return "waits \(low) to \(high)"
        case .drawn(.lognormal(let median, let sigma)): return "waits about \(median), with a sigma of \(sigma)"
        case .drawn(.expression), nil: return nil
        case .program(let program):
            guard case .duration(let span) = program.evaluate(exchange.context) else { return nil }
            return "waits \(Timespan(nanoseconds: span.nanoseconds))"
        }
    }
}
