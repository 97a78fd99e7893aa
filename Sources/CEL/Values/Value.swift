/// What an expression gives. Failures are values too, so that `&&`, `||` and `?:` can pass over them.
package enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([Value])
    case map(MapValue)
    case message(any MessageObject)
    case timestamp(Timestamp)
    case duration(TimeSpan)
    case ip(IPAddress)
    case cidr(CIDR)
    indirect case optional(Value?)
    case type(ValueType)
    case error(EvaluationError)
}

/// Why an expression gave no value: a text that the caller of the service may read.
package struct EvaluationError: Error, Sendable, Equatable {
    package let message: String
    /// Whether it was worded when the expression was checked: it quotes nothing of the call then, and no secret.
    let isFixed: Bool

    package init(_ message: String) { self.init(message, isFixed: false) }

    init(_ message: String, isFixed: Bool) {
        self.message = message
        self.isFixed = isFixed
    }
}

extension Value {
    /// The type as met at run time: what a list or a map holds is not looked into.
    package var type: ValueType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list(.dyn)
        case .map: .map(.dyn, .dyn)
        case .message(let message): .message(message.typeName)
        case .timestamp: .timestamp
        case .duration: .duration
        case .ip: .ip
        case .cidr: .cidr
        case .optional: .optional(.dyn)
        case .type: .type(nil)
        case .error: .dyn
        }
    }

    /// The type's name for messages: `list`, not `list(dyn)`.
    var typeName: String {
        switch self {
        case .list: "list"
        case .map: "map"
        case .optional: "optional"
        case .error: "error"
        default: type.description
        }
    }

    package var isError: Bool {
        if case .error = self { return true }
        return false
    }

    static func failure(_ message: String) -> Value { .error(EvaluationError(message)) }
    static let none = Value.optional(nil)
}
