/// What is known at load of a map: its keys, and what each of them holds. Data that a manifest names has such types, so
/// that a misspelt field is found before the first call.
package final class RecordType: Sendable {
    /// Maps with more keys than this are look-up tables: joining two of them says nothing of either.
    private static let mostJoined = 1000

    let names: [String]
    let types: [ValueType]
    private let index: [ByteString: Int]
    /// What each of its values holds, whichever it is.
    let element: ValueType

    init(_ fields: [(name: String, type: ValueType)]) {
        names = fields.map(\.name)
        types = fields.map(\.type)
        index = Dictionary(
            fields.enumerated().map { (ByteString($1.name), $0) }, uniquingKeysWith: { first, _ in first })
        element = ValueType.joined(types)
    }

    func type(of name: String) -> ValueType? { index[ByteString(name)].map { types[$0] } }

    /// The type of what may be either: it has the fields of both.
    func joined(_ other: RecordType) -> ValueType {
        if self == other { return .record(self) }
        guard names.count <= Self.mostJoined, other.names.count <= Self.mostJoined else {
            return .map(.string, element.joined(other.element) ?? .dyn)
        }
        var fields = zip(names, types).map { name, type in
            (name: name, type: other.type(of: name).map { type.joined($0) ?? .dyn } ?? type)
        }
        for (name, type) in zip(other.names, other.types) where index[ByteString(name)] == nil {
            fields.append((name: name, type: type))
        }
        return .record(RecordType(fields))
    }
}

extension RecordType: Hashable {
    package static func == (a: RecordType, b: RecordType) -> Bool {
        a === b || a.types == b.types && a.names.elementsEqual(b.names, by: sameBytes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(names.count) }
}

extension ValueType {
    /// What is known of a value that is the same for all calls, but may be another one when it is read again: a number
    /// has no type here, since 10 today may be 10.5 tomorrow, and null says nothing.
    package init(ofData value: Value) {
        switch value {
        case .bool: self = .bool
        case .string: self = .string
        case .list(let elements): self = .list(.joined(elements.lazy.map { ValueType(ofData: $0) }))
        case .map(let map):
            var fields: [(name: String, type: ValueType)] = []
            for (key, value) in zip(map.keys, map.values) {
                guard case .string(let name) = key else {
                    self = .map(.dyn, .dyn)
                    return
                }
                fields.append((name: name, type: ValueType(ofData: value)))
            }
            self = .record(RecordType(fields))
        default: self = .dyn
        }
    }

    /// The type of what may be any of these.
    fileprivate static func joined(_ types: some Sequence<ValueType>) -> ValueType {
        var whole: ValueType?
        for type in types {
            guard let known = whole else {
                whole = type
                continue
            }
            if known == .dyn { return .dyn }
            whole = known.joined(type) ?? .dyn
        }
        return whole ?? .dyn
    }

    /// What the keys and the values of a map are.
    var entryTypes: (key: ValueType, value: ValueType)? {
        switch self {
        case .map(let key, let value): (key, value)
        case .record(let record): (.string, record.element)
        default: nil
        }
    }
}
