/// `[a, ?b]`
final class ListOf: Evaluator {
    private let elements: [(value: any Evaluator, optional: Bool)]

    init(_ elements: [(value: any Evaluator, optional: Bool)]) { self.elements = elements }

    func evaluate(_ frame: inout Frame) -> Value {
        guard frame.pay(elements.count) else { return .exhausted }
        var list: [Value] = []
        list.reserveCapacity(elements.count)
        for element in elements {
            let value = element.value.evaluate(&frame)
            switch (value, element.optional) {
            case (.error, _): return value
            case (_, false): list.append(value)
            case (.optional(let wrapped), true):
                if let wrapped { list.append(wrapped) }
            default: return .failure("'?' wants an optional, not \(value.typeName)")
            }
        }
        return .list(list)
    }
}

/// `{k: v, ?o: p}`
final class MapOf: Evaluator {
    private let entries: [(key: any Evaluator, value: any Evaluator, optional: Bool)]
    /// A map with the keys of all that are made here, where these are known: most maps are written with names.
    private let likeness: MapValue?

    init(_ entries: [(key: any Evaluator, value: any Evaluator, optional: Bool)]) {
        self.entries = entries
        let keys = entries.compactMap { $0.optional ? nil : ($0.key as? Constant)?.value }
        let map = MapValue(keys.map { ($0, .null) })
        likeness = map.count == entries.count ? map : nil
    }

    func evaluate(_ frame: inout Frame) -> Value {
        guard frame.pay(entries.count) else { return .exhausted }
        if let likeness {
            var values: [Value] = []
            values.reserveCapacity(entries.count)
            for entry in entries {
                let value = entry.value.evaluate(&frame)
                if case .error = value { return value }
                values.append(value)
            }
            return .map(MapValue(likeness: likeness, values: values))
        }
        var made: [(key: Value, value: Value)] = []
        made.reserveCapacity(entries.count)
        for entry in entries {
            let key = entry.key.evaluate(&frame)
            if key.isError { return key }
            guard frame.pay(forKey: key) else { return .exhausted }
            guard MapValue.canBeKey(key) else { return .failure("\(key.typeName) cannot be a key of a map") }
            let value = entry.value.evaluate(&frame)
            switch (value, entry.optional) {
            case (.error, _): return value
            case (_, false): made.append((key, value))
            case (.optional(let wrapped), true):
                if let wrapped { made.append((key, wrapped)) }
            default: return .failure("'?' wants an optional, not \(value.typeName)")
            }
        }
        let map = MapValue(made)
        if map.count == made.count { return .map(map) }
        return .failure("a key of the map is there twice")
    }
}
