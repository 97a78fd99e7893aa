import JSON

final class Constant: Evaluator {
    let value: Value

    init(_ value: Value) { self.value = value }

    func evaluate(_ frame: inout Frame) -> Value { value }
}

/// `path.name`: straight from the reader to the output, without a value in between.
final class Read: Evaluator {
    private let reader: any Reader
    private let missing: EvaluationError

    init(_ reader: any Reader, missing: EvaluationError) {
        self.reader = reader
        self.missing = missing
    }

    func evaluate(_ frame: inout Frame) -> Value { reader.read(frame.context) ?? .error(missing) }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        if reader.write(frame.context, &out, encoding) { return .written }
        // It is not there, or its value cannot be written: reading it tells which.
        return evaluate(&frame).writeOutcome(&out, encoding)
    }
}

/// `query.?name`
final class ReadOptional: Evaluator {
    private let reader: any Reader

    init(_ reader: any Reader) { self.reader = reader }

    func evaluate(_ frame: inout Frame) -> Value {
        guard let value = reader.read(frame.context) else { return .none }
        return value.asOptional
    }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        if reader.write(frame.context, &out, encoding) { return .written }
        return evaluate(&frame).writeOutcome(&out, encoding)
    }
}

/// `has(query.name)`, `"x-a" in headers`
final class Presence: Evaluator {
    private let reader: any Reader

    init(_ reader: any Reader) { self.reader = reader }

    func evaluate(_ frame: inout Frame) -> Value {
        guard let value = reader.read(frame.context) else { return .bool(false) }
        return value.isError ? value : .bool(true)
    }
}

/// `request.name`, `request.?name`, of a message
final class ReadField: Evaluator {
    private let reader: any FieldReader
    /// Nil where an optional is wanted.
    private let missing: EvaluationError?

    init(_ reader: any FieldReader, missing: EvaluationError?) {
        self.reader = reader
        self.missing = missing
    }

    func evaluate(_ frame: inout Frame) -> Value {
        guard frame.pay(bytes: reader.lookupCost(frame.context)) else { return .exhausted }
        if missing == nil, !reader.isThere(frame.context) { return .none }
        guard let value = reader.read(frame.context) else { return missing.map { .error($0) } ?? .none }
        guard frame.pay(value.partCount) else { return .exhausted }
        return missing == nil ? value.asOptional : value
    }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        if missing == nil, !reader.isThere(frame.context) { return .absent }
        if reader.write(frame.context, &out, encoding) { return .written }
        return evaluate(&frame).writeOutcome(&out, encoding)
    }
}

/// `has(request.name)`, of a message
final class PresenceOfField: Evaluator {
    private let reader: any FieldReader

    init(_ reader: any FieldReader) { self.reader = reader }

    func evaluate(_ frame: inout Frame) -> Value {
        frame.pay(bytes: reader.lookupCost(frame.context)) ? .bool(reader.isThere(frame.context)) : .exhausted
    }
}

/// `headers[name]`, the name being worked out at run time.
final class ReadNamed: Evaluator {
    private let root: Root
    private let name: any Evaluator
    private let optional: Bool

    init(_ root: Root, _ name: any Evaluator, optional: Bool) {
        self.root = root
        self.name = name
        self.optional = optional
    }

    func evaluate(_ frame: inout Frame) -> Value {
        switch name.evaluate(&frame) {
        case .string(let name):
            let value = root.reader(name)?.read(frame.context)
            if optional { return value?.asOptional ?? .none }
            return value ?? .failure("no \(root.noun) \(quoted(name))")
        case .error(let error): return .error(error)
        case let other: return .failure("a \(root.noun) has a string as its name, not \(other.typeName)")
        }
    }
}

/// `name in headers`
final class PresenceNamed: Evaluator {
    private let root: Root
    private let name: any Evaluator

    init(_ root: Root, _ name: any Evaluator) {
        self.root = root
        self.name = name
    }

    func evaluate(_ frame: inout Frame) -> Value {
        switch name.evaluate(&frame) {
        case .string(let name): .bool(root.reader(name)?.read(frame.context) != nil)
        case .error(let error): .error(error)
        case let other: .failure("a \(root.noun) has a string as its name, not \(other.typeName)")
        }
    }
}

/// The variable of a macro.
final class Variable: Evaluator {
    private let slot: Int

    init(_ slot: Int) { self.slot = slot }

    func evaluate(_ frame: inout Frame) -> Value {
        // The planner counts the slots; the check costs less than a trap in a server.
        slot < frame.variables.count ? frame.variables[slot] : .failure("a variable is not set")
    }
}

extension Value {
    /// Wrapped once: what is an optional already stays as it is.
    var asOptional: Value {
        switch self {
        case .optional, .error: self
        default: .optional(self)
        }
    }
}
