package import Diagnostics

/// One key of a section: its name, what it is for, and where its value goes.
package struct Field<Section>: Sendable {
    package let name: String
    /// One or two plain sentences; `explain`, the schema and the reference show them.
    package let doc: String
    /// The value as a manifest would say it: `2s`.
    package let example: String?
    package let required: Bool
    package let schema: Schema
    /// Decodes the node into the section; a bad value leaves what was there.
    let decode: @Sendable (Node, inout Section, inout Findings) -> Void
    /// What `written` says for it; nil if it is not set.
    package let written: @Sendable (Section) -> Node?

    /// - Parameter schema: what `check` leaves of the value's own, where a schema can say it.
    package init<Value: ManifestValue>(
        _ name: String, _ path: any WritableKeyPath<Section, Value> & Sendable, doc: String, example: String? = nil,
        required: Bool = false, schema: Schema? = nil,
        check: (@Sendable (Value, Node, inout Findings) -> Bool)? = nil
    ) {
        self.init(
            name: name, doc: doc, example: example, required: required, schema: schema ?? Value.schema,
            decode: { node, section, findings in
                guard let value = Value.decode(node, &findings) else { return }
                if let check, !check(value, node, &findings) { return }
                section[keyPath: path] = value
            },
            written: { $0[keyPath: path].written() })
    }

    package init<Value: ManifestValue>(
        _ name: String, _ path: any WritableKeyPath<Section, Value?> & Sendable, doc: String, example: String? = nil,
        required: Bool = false, schema: Schema? = nil,
        check: (@Sendable (Value, Node, inout Findings) -> Bool)? = nil
    ) {
        self.init(
            name: name, doc: doc, example: example, required: required, schema: schema ?? Value.schema,
            decode: { node, section, findings in
                guard let value = Value.decode(node, &findings) else { return }
                if let check, !check(value, node, &findings) { return }
                section[keyPath: path] = value
            },
            written: { $0[keyPath: path]?.written() })
    }

    private init(
        name: String, doc: String, example: String?, required: Bool, schema: Schema,
        decode: @escaping @Sendable (Node, inout Section, inout Findings) -> Void,
        written: @escaping @Sendable (Section) -> Node?
    ) {
        self.name = name
        self.doc = doc
        self.example = example
        self.required = required
        self.schema = schema
        self.decode = decode
        self.written = written
    }
}

extension Field {
    package init<Value: ManifestValue & Comparable>(
        _ name: String, _ path: any WritableKeyPath<Section, Value> & Sendable, doc: String, example: String? = nil,
        required: Bool = false, check: Bounds<Value>
    ) {
        self.init(
            name, path, doc: doc, example: example, required: required, schema: check.schema, check: check.holds)
    }

    package init<Value: ManifestValue & Comparable>(
        _ name: String, _ path: any WritableKeyPath<Section, Value?> & Sendable, doc: String, example: String? = nil,
        required: Bool = false, check: Bounds<Value>
    ) {
        self.init(
            name, path, doc: doc, example: example, required: required, schema: check.schema, check: check.holds)
    }

    package init<Value: ManifestValue & Comparable>(
        _ name: String, _ path: any WritableKeyPath<Section, Placed<Value>?> & Sendable, doc: String,
        example: String? = nil, required: Bool = false, check: Bounds<Value>
    ) {
        self.init(
            name, path, doc: doc, example: example, required: required, schema: check.schema,
            check: { check.holds($0.value, $1, &$2) })
    }
}

/// A check that a value lies in a range: `Field("workers", \.workers, doc: "…", check: within(1...1024))`.
package func within<Value: ManifestValue & Comparable>(_ range: ClosedRange<Value>) -> Bounds<Value> {
    Bounds(range: range)
}

/// The least and the largest value of a key.
package struct Bounds<Value: ManifestValue & Comparable>: Sendable {
    let range: ClosedRange<Value>

    private var low: String { range.lowerBound.written().scalar?.text.string ?? "" }
    private var high: String { range.upperBound.written().scalar?.text.string ?? "" }

    var schema: Schema { .within(low: low, high: high, Value.schema) }

    @Sendable func holds(_ value: Value, _ node: Node, _ findings: inout Findings) -> Bool {
        if range.contains(value) { return true }
        let over = value > range.upperBound
        findings.report(
            ManifestRules.outOfRange, "\(node.scalar?.shortText ?? "this") is too \(over ? "large" : "small")",
            at: node.range, label: over ? "at most \(high)" : "at least \(low)", help: "use \(low) to \(high)",
            suggestion: over ? high : low)
        return false
    }
}
