/// What an expression, a field or a parameter holds, as far as it is known at load.
package indirect enum ValueType: Hashable, Sendable {
    /// Known only when it is evaluated; fits everything.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case timestamp
    case duration
    /// An IP address.
    case ip
    /// A network: an address and the length of its prefix.
    case cidr
    case list(ValueType)
    case map(ValueType, ValueType)
    /// A map with string keys, of which is known what they are.
    case record(RecordType)
    case optional(ValueType)
    case type(ValueType?)
    case message(String)
}

extension ValueType: CustomStringConvertible {
    /// As CEL writes it: `list(int)`.
    package var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .record(let record): "map(string, \(record.element))"
        case .optional(let wrapped): "optional(\(wrapped))"
        case .type(let of): of.map { "type(\($0))" } ?? "type"
        case .message(let name): name
        }
    }

    /// With its article and without what it holds: `a list`, not `list(int)`.
    package var inWords: String {
        switch self {
        case .null: "null"
        case .bytes: "a value of bytes"
        case .list: "a list"
        case .map, .record: "a map"
        case .optional: "an optional"
        case .type: "a type"
        case .int: "an int"
        default: "a \(self)"
        }
    }

    /// What is expected, as messages say it: of a list of anything only that it is one.
    var expected: String { self == .list(.dyn) ? inWords : description }

    /// The name of the type as a value: what `string(type(x))` gives.
    var nameAsValue: String {
        switch self {
        case .null: "null_type"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .list: "list"
        case .map, .record: "map"
        case .optional: "optional_type"
        case .type: "type"
        default: description
        }
    }
}

extension ValueType {
    var isDynamic: Bool { self == .dyn }

    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        default: false
        }
    }

    /// Whether a value of type `other` may stand where this type is expected; dyn fits both ways.
    package func accepts(_ other: ValueType) -> Bool {
        switch (self, other) {
        case (.dyn, _), (_, .dyn): true
        case (.list(let a), .list(let b)): a.accepts(b)
        case (.map(let ak, let av), .map(let bk, let bv)): ak.accepts(bk) && av.accepts(bv)
        case (.map(let key, let value), .record(let record)): key.accepts(.string) && value.accepts(record.element)
        case (.record(let record), .map(let key, let value)): key.accepts(.string) && record.element.accepts(value)
        case (.record, .record): true
        case (.optional(let a), .optional(let b)): a.accepts(b)
        case (.type, .type): true
        default: self == other
        }
    }

    /// The type that holds values of both, or nil if there is none but dyn.
    func joined(_ other: ValueType) -> ValueType? {
        if self == other { return self }
        switch (self, other) {
        case (.dyn, _), (_, .dyn): return .dyn
        case (.list(let a), .list(let b)): return a.joined(b).map { .list($0) }
        case (.map(let ak, let av), .map(let bk, let bv)):
            guard let key = ak.joined(bk), let value = av.joined(bv) else { return nil }
            return .map(key, value)
        case (.record(let a), .record(let b)): return a.joined(b)
        case (.record(let a), .map), (.map, .record(let a)):
            let map = if case .record = self { other } else { self }
            return ValueType.map(.string, a.element).joined(map)
        case (.optional(let a), .optional(let b)): return a.joined(b).map { .optional($0) }
        case (.type, .type): return .type(nil)
        default: return nil
        }
    }

    /// Whether a value met at run time is of this type.
    func holds(_ value: Value) -> Bool {
        switch (self, value) {
        case (.dyn, _), (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
            (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration),
            (.ip, .ip), (.cidr, .cidr), (.list, .list), (.map, .map), (.optional, .optional), (.type, .type):
            true
        case (.message, .map), (.record, .map): true
        case (.message(let name), .message(let message)): sameBytes(name, message.typeName)
        default: false
        }
    }
}
