/// `object.field`, `object.?field`
final class Select: Evaluator {
    private let object: any Evaluator
    private let field: String
    private let optional: Bool
    private let body: String?

    /// - Parameter body: what the object is called, if it is the request's body.
    init(_ object: any Evaluator, _ field: String, optional: Bool, body: String? = nil) {
        self.object = object
        self.field = field
        self.optional = optional
        self.body = body
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let object = object.evaluate(&frame)
        if case .message(let message) = object { return select(message, &frame) }
        if case .optional(.some(.message(let message))) = object { return select(message, &frame, optional: true) }
        return select(object)
    }

    private func select(_ message: any MessageObject, _ frame: inout Frame, optional: Bool = false) -> Value {
        guard frame.pay(bytes: message.lookupCost(of: field)) else { return .exhausted }
        let optional = optional || self.optional
        if optional, message.has(field) == false { return .none }
        guard let value = message.value(of: field) else { return Value.message(message).failure(field, nil) }
        guard frame.pay(value.partCount) else { return .exhausted }
        return optional ? value.asOptional : value
    }

    private func select(_ object: Value) -> Value {
        switch object {
        case .map(let map):
            if let value = map.value(for: field) { return optional ? value.asOptional : value }
            return optional ? .none : .failure("no field '\(field)'")
        case .optional(let wrapped):
            guard let wrapped else { return .none }
            let value = self.field(of: wrapped)
            return value.map(\.asOptional) ?? .none
        case .error: return object
        default: return object.failure(field, body)
        }
    }

    /// The field behind an optional: missing is nil, a value without fields an error.
    private func field(of object: Value) -> Value? {
        switch object {
        case .map(let map): map.value(for: field)
        default: object.failure(field, body)
        }
    }
}

/// `has(object.field)`
final class HasField: Evaluator {
    private let object: any Evaluator
    private let field: String
    private let body: String?

    /// - Parameter body: what the object is called, if it is the request's body.
    init(_ object: any Evaluator, _ field: String, body: String? = nil) {
        self.object = object
        self.field = field
        self.body = body
    }

    func evaluate(_ frame: inout Frame) -> Value {
        switch object.evaluate(&frame) {
        case .map(let map), .optional(.some(.map(let map))): .bool(map.value(for: field) != nil)
        case .message(let message), .optional(.some(.message(let message))):
            if !frame.pay(bytes: message.lookupCost(of: field)) {
                .exhausted
            } else {
                message.has(field).map { .bool($0) } ?? Value.message(message).failure(field, nil)
            }
        case .optional(nil): .bool(false)
        case .error(let error): .error(error)
        case let other: other.failure(field, body)
        }
    }
}

/// `object[key]`, `object[?key]`
final class Index: Evaluator {
    private let object: any Evaluator
    private let key: any Evaluator
    private let optional: Bool

    init(_ object: any Evaluator, _ key: any Evaluator, optional: Bool) {
        self.object = object
        self.key = key
        self.optional = optional
    }

    func evaluate(_ frame: inout Frame) -> Value {
        var object = object.evaluate(&frame)
        if object.isError { return object }
        let key = key.evaluate(&frame)
        if key.isError { return key }
        var optional = optional
        if case .optional(let wrapped) = object {
            guard let wrapped else { return .none }
            object = wrapped
            optional = true
        }
        let found: Value?
        switch object {
        case .map(let map):
            guard frame.pay(forKey: key) else { return .exhausted }
            found = map.value(for: key)
        case .list(let list):
            guard let at = key.asIndex else {
                return .failure("the index of a list is an int, not \(key.typeName)")
            }
            found = list.indices.contains(at) ? list[at] : nil
        default: return .failure("\(object.typeName) has no index")
        }
        if let found { return optional ? found.asOptional : found }
        return optional ? .none : Index.missing(object, key)
    }

    private static func missing(_ object: Value, _ key: Value) -> Value {
        if case .list(let list) = object {
            return .failure("the index \(key.shown) is not in a list of \(list.count)")
        }
        return .failure("no key \(key.shown)")
    }
}

extension Value {
    /// What comes of reading a field of a value that has none.
    fileprivate func failure(_ field: String, _ body: String?) -> Value {
        guard case .bytes = self, let body else { return .failure("\(typeName) has no field '\(field)'") }
        return .failure("`\(body)` is bytes, without a content type of JSON or a form: it has no field `\(field)`")
    }

    /// As an index of a list: an int, a uint or a double without fraction; -1 for one that no list has.
    var asIndex: Int? {
        switch self {
        case .int(let number): Int(number)
        case .uint(let number): Int(exactly: number) ?? -1
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }

    /// As messages show it: text in quotes and cut, other values as text.
    var shown: String {
        if case .string(let text) = self { return quoted(text) }
        switch self {
        case .list, .map, .bytes, .message: return typeName
        default: return text ?? typeName
        }
    }
}
