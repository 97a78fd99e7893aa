import CEL
package import Diagnostics
import JSON
package import Manifests
import Pipeline
package import Telemetry

/// A metric of the manifest's own, of whatever kind.
package struct OwnMetricDefinition: Sendable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    package let key: PlacedText
    package let kind: Kind
    let keys: OwnMetricKeys
    let value: Expression?
    let buckets: [Double]

    /// What it is called where formats add a suffix: a written `_total` is not doubled.
    package var name: String {
        let total = "_total"
        return kind == .counter && key.string.hasSuffix(total) ? String(key.string.dropLast(total.count)) : key.string
    }

    package var shape: OwnMetric.Shape {
        switch kind {
        case .counter: OwnMetric.Shape(name, .counter)
        case .gauge: OwnMetric.Shape(name, .gauge)
        case .histogram: OwnMetric.Shape(name, .histogram(buckets))
        }
    }

    /// Every name that it takes up among all metrics.
    package var claims: [String] {
        let kind: MetricFamily.Kind =
            switch self.kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        return MetricFamily(name, kind, help: "").claims
    }

    /// A metric without one is a finding of Prometheus' own linter.
    var helpText: String { keys.help ?? "A \(kind.rawValue) of the manifest." }

    /// What `on` says, with its place.
    package var targets: [Placed<String>] { keys.on.values }

    /// Whether it counts the calls of the scope's route; where it does not, nothing of it is checked there.
    func applies(to scope: CompileScope) -> Bool {
        guard !targets.isEmpty else { return true }
        return !scope.service.isEmpty && targets.contains { Self.names($0.value, scope.service, scope.route) }
    }

    /// Whether a target is a service, or a route of it.
    package static func names(_ target: String, _ service: String, _ route: String) -> Bool {
        target.utf8.elementsEqual(service.utf8) || target.utf8.elementsEqual((service + "." + route).utf8)
    }

    /// Nil if something is wrong with its expressions on this route.
    func compile(_ scope: CompileScope, _ findings: inout Findings) -> CompiledMetric? {
        var isWhole = true
        var labels: [CompiledMetric.Label] = []
        for label in keys.labels.entries {
            guard let program = scope.check(label.value, at: .afterAnswer, &findings) else {
                isWhole = false
                continue
            }
            if program.readsSecret, program.type != .bool {
                findings.report(
                    CatalogRules.secretInMetric, "the label `\(label.name)` shows a secret",
                    at: label.value.text.whole, help: "leave it out, or say only whether something is true of it")
            }
            if !Self.isText(program.type) {
                findings.report(
                    CatalogRules.badMetricValue, "the label `\(label.name)` is \(program.type.inWords), not text",
                    at: label.value.text.whole, help: "take one value of it, or its `size()`")
            }
            labels.append(CompiledMetric.Label(name: Array(label.name.utf8), program: program))
        }
        var compiled = CompiledMetric(
            labels: labels.sorted { $0.name.lexicographicallyPrecedes($1.name) }, value: nil, when: nil,
            isCounter: kind == .counter)
        if let value {
            compiled.value = scope.check(value, at: .afterAnswer, &findings)
            isWhole = isWhole && compiled.value != nil
            if let program = compiled.value, !Self.isNumber(program.type) {
                findings.report(
                    CatalogRules.badMetricValue, "the value of `\(key.string)` is a \(program.type), not a number",
                    at: value.text.whole, help: "give an int, a double, or a duration, which counts in seconds")
            }
        }
        if let when = keys.when {
            compiled.when = scope.check(when, at: .afterAnswer, expecting: .bool, &findings)
            isWhole = isWhole && compiled.when != nil
        }
        return isWhole ? compiled : nil
    }

    private static func isNumber(_ type: ValueType) -> Bool {
        switch type {
        case .dyn, .int, .uint, .double, .duration: true
        case .optional(let inner): isNumber(inner)
        default: false
        }
    }

    private static func isText(_ type: ValueType) -> Bool {
        switch type {
        case .list, .map, .record, .message, .type: false
        case .optional(let inner): isText(inner)
        default: true
        }
    }
}

/// A metric's expressions, checked for a route.
struct CompiledMetric: Sendable {
    struct Label: Sendable {
        let name: [UInt8]
        let program: Program
    }

    /// By name: in two scopes they may stand in another order, and are the same series.
    let labels: [Label]
    /// Nil counts 1.
    var value: Program?
    var when: Program?
    let isCounter: Bool
}

/// Counts a call in a metric of the manifest's own, when it is over.
struct OwnMetricRecorder: Sendable {
    private let metric: OwnMetric
    private let compiled: CompiledMetric
    private let limit: Int

    init(_ metric: OwnMetric, _ compiled: CompiledMetric, limit: Int) {
        self.metric = metric
        self.compiled = compiled
        self.limit = limit
    }

    func record(_ exchange: inout Exchange, loop: Int, wall: Int64, exemplar: Exemplar?) {
        if let when = compiled.when {
            switch when.evaluate(exchange.context) {
            case .bool(true): break
            case .bool(false): return
            default: return metric.fail()
            }
        }
        var number = 1.0
        if let value = compiled.value {
            switch Self.number(value.evaluate(exchange.context)) {
            case .some(let found) where found.isFinite && !(compiled.isCounter && found < 0): number = found
            case .some: return metric.fail()
            case nil: return
            }
        }
        let context = exchange.context
        metric.record(
            number, loop: loop, limit: limit, wall: wall,
            exemplar: exemplar.map { example in
                var example = example
                example.value = number
                return example
            }
        ) { writer, scratch in
            for label in compiled.labels {
                writer.label(label.name, through: &scratch) { out in
                    if case .failed = label.program.writeText(context, &out, .plain) { metric.fail() }
                }
            }
        }
    }

    /// Nil for an empty optional, which counts nothing; not a number for what is none.
    private static func number(_ value: Value) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        case .duration(let value): Double(value.nanoseconds) * 1e-9
        case .optional(let inner): inner.flatMap { number($0) }
        default: .nan
        }
    }
}
