package import Diagnostics

extension Array: ManifestValue where Element: ManifestValue {
    package static var schema: Schema { .array(Element.schema) }

    /// A bad item is reported and left out, the others are kept.
    package static func decode(_ node: Node, _ findings: inout Findings) -> [Element]? {
        guard let items = node.items else {
            findings.wrongType(node, expected: "a list")
            return nil
        }
        return decode(items: items, &findings)
    }

    fileprivate static func decode(items: [Node], _ findings: inout Findings) -> [Element] {
        var values: [Element] = []
        for item in items {
            if let value = Element.decode(item, &findings) { values.append(value) }
        }
        return values
    }

    package func written() -> Node { Node(items: map { $0.written() }) }
}

/// One value, or a list of them: `host: a.example` or `host: [a.example, b.example]`.
package struct OneOrMore<Value: ManifestValue>: ManifestValue {
    package var values: [Value]

    package init(_ values: [Value] = []) {
        self.values = values
    }

    package static var schema: Schema { .anyOf([Value.schema, .array(Value.schema)]) }
    package static var takesNull: Bool { Value.takesNull }

    package static func decode(_ node: Node, _ findings: inout Findings) -> OneOrMore? {
        if node.items != nil { return [Value].decode(node, &findings).map { OneOrMore($0) } }
        return Value.decode(node, &findings).map { OneOrMore([$0]) }
    }

    package func written() -> Node {
        if let only = values.first, values.count == 1 { only.written() } else { values.written() }
    }
}

extension OneOrMore: Equatable where Value: Equatable {}

/// A map of names to values, in the order of the file. The reader has refused names that come twice.
package struct Named<Value: ManifestValue>: ManifestValue {
    package struct Entry: Sendable {
        /// The name with its place, for what is written inside it (a route's pattern).
        package let key: PlacedText
        package var value: Value
        /// What the value was read from, for the places of its parts.
        package let node: Node?

        package init(key: PlacedText, value: Value, node: Node? = nil) {
            self.key = key
            self.value = value
            self.node = node
        }

        package var name: String { key.string }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    package static var schema: Schema { .map(Value.schema) }
    package static var takesNull: Bool { true }

    package subscript(_ name: String) -> Value? {
        entries.first { $0.key.bytes.elementsEqual(name.utf8) }?.value
    }

    package var isEmpty: Bool { entries.isEmpty }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Named? {
        if node.isNull { return Named() }
        guard let entries = node.entries else {
            // `- web: …` has its name already.
            let named = node.items?.first?.entries.flatMap { $0.count == 1 ? $0.first?.key.shortText : nil }
            let help =
                node.items == nil
                ? "write `name:` and what it stands for below it"
                : named.map { "leave out the `- `: write `\($0):`" }
                    ?? "give each item a name: write `NAME:` in place of `- `, and indent what belongs to it"
            findings.wrongType(node, expected: "a map of names", help: help)
            return nil
        }
        var named = Named()
        // Of headers and log fields `x-a` is a name like any other; only between sections it is the user's own.
        let hasExtensions = Value.self is any ManifestSection.Type
        for entry in entries where !(hasExtensions && entry.isExtension) {
            if let value = Value.decode(entry.value, &findings) {
                named.entries.append(Entry(key: entry.key.text, value: value, node: entry.value))
            }
        }
        return named
    }

    package func written() -> Node { Node(map: entries.map { ($0.name, $0.value.written()) }) }
}

/// A value that remembers where it was written; nil where it is a default. Equal if the values are.
package struct Placed<Value: ManifestValue>: ManifestValue {
    package var value: Value
    package var range: SourceRange?

    package init(_ value: Value, at range: SourceRange? = nil) {
        self.value = value
        self.range = range
    }

    package static var schema: Schema { Value.schema }
    package static var takesNull: Bool { Value.takesNull }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Placed? {
        Value.decode(node, &findings).map { Placed($0, at: node.range) }
    }

    package func written() -> Node { value.written() }
}

extension Placed: Equatable where Value: Equatable {
    package static func == (a: Placed, b: Placed) -> Bool { a.value == b.value }
}

/// A value that may be switched off: `off`, or `false` as tools on YAML 1.1 write it.
package enum Switchable<Value: ManifestValue>: ManifestValue {
    case off
    case on(Value)

    package static var schema: Schema { .anyOf([Value.schema, .off]) }
    package static var takesNull: Bool { Value.takesNull }

    /// The value, nil when off.
    package var value: Value? { if case .on(let value) = self { value } else { nil } }

    package static func decode(_ node: Node, _ findings: inout Findings) -> Switchable? {
        node.isOff ? .off : Value.decode(node, &findings).map { .on($0) }
    }

    package func written() -> Node {
        switch self {
        case .off: Node(plain: "off")
        case .on(let value): value.written()
        }
    }
}

extension Switchable: Equatable where Value: Equatable {}
