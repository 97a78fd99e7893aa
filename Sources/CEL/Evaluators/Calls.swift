import JSON

/// A call of a function of one argument whose overload is known at load.
final class CallOfOne: Evaluator {
    private let body: @Sendable (Value, inout Frame) -> Value
    private let argument: any Evaluator

    init(_ body: @escaping @Sendable (Value, inout Frame) -> Value, _ argument: any Evaluator) {
        self.body = body
        self.argument = argument
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let a = argument.evaluate(&frame)
        return a.isError ? a : body(a, &frame)
    }
}

/// The same with two arguments.
final class CallOfTwo: Evaluator {
    private let body: @Sendable (Value, Value, inout Frame) -> Value
    private let first: any Evaluator
    private let second: any Evaluator

    init(
        _ body: @escaping @Sendable (Value, Value, inout Frame) -> Value, _ first: any Evaluator,
        _ second: any Evaluator
    ) {
        self.body = body
        self.first = first
        self.second = second
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let a = first.evaluate(&frame)
        if a.isError { return a }
        let b = second.evaluate(&frame)
        return b.isError ? b : body(a, b, &frame)
    }
}

/// A call of a function whose overload is chosen by the arguments' types at run time.
final class Call: Evaluator {
    private let name: String
    private let overloads: [Overload]
    private let arguments: [any Evaluator]

    private init(_ name: String, _ overloads: [Overload], _ arguments: [any Evaluator]) {
        self.name = name
        self.overloads = overloads
        self.arguments = arguments
    }

    /// - Parameter isCertain: whether the arguments' types were all known at load.
    static func of(
        _ name: String, _ overloads: [Overload], _ arguments: [any Evaluator], isCertain: Bool
    ) -> any Evaluator {
        if isCertain, overloads.count == 1 {
            switch overloads[0].body {
            case .one(let body) where arguments.count == 1: return CallOfOne(body, arguments[0])
            case .two(let body) where arguments.count == 2: return CallOfTwo(body, arguments[0], arguments[1])
            default: break
            }
        }
        return Call(name, overloads, arguments)
    }

    func evaluate(_ frame: inout Frame) -> Value {
        // Most calls have one or two arguments: no array is made for those.
        switch arguments.count {
        case 0:
            guard let overload = overloads.first, case .none(let body) = overload.body else { return unfit([]) }
            return body(&frame)
        case 1:
            let a = arguments[0].evaluate(&frame)
            if a.isError { return a }
            for overload in overloads {
                guard overload.parameters[0].holds(a), case .one(let body) = overload.body else {
                    continue
                }
                return body(a, &frame)
            }
            return unfit([a])
        case 2:
            let a = arguments[0].evaluate(&frame)
            if a.isError { return a }
            let b = arguments[1].evaluate(&frame)
            if b.isError { return b }
            for overload in overloads {
                guard overload.parameters[0].holds(a), overload.parameters[1].holds(b),
                    case .two(let body) = overload.body
                else { continue }
                return body(a, b, &frame)
            }
            return unfit([a, b])
        default: return many(&frame)
        }
    }

    private func many(_ frame: inout Frame) -> Value {
        var values: [Value] = []
        for argument in arguments {
            let value = argument.evaluate(&frame)
            if value.isError { return value }
            values.append(value)
        }
        for overload in overloads where zip(overload.parameters, values).allSatisfy({ $0.holds($1) }) {
            switch overload.body {
            case .three(let body) where values.count == 3: return body(values[0], values[1], values[2], &frame)
            case .four(let body) where values.count == 4:
                return body(values[0], values[1], values[2], values[3], &frame)
            default: continue
            }
        }
        return unfit(values)
    }

    private func unfit(_ values: [Value]) -> Value {
        .failure("'\(name)' does not take (\(values.map(\.typeName).joined(separator: ", ")))")
    }
}

/// `optional.orValue(x)` and `optional.or(other)`: the other side is evaluated only if it is needed.
final class OrElse: Evaluator {
    private let optional: any Evaluator
    private let other: any Evaluator
    /// `orValue` unwraps.
    private let unwraps: Bool
    /// Whether the optional surely holds no further optional: then nothing written means that it is empty.
    private let isPlain: Bool

    init(_ optional: any Evaluator, _ other: any Evaluator, unwraps: Bool, isPlain: Bool) {
        self.isPlain = isPlain
        self.optional = optional
        self.other = other
        self.unwraps = unwraps
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let value = optional.evaluate(&frame)
        switch value {
        case .optional(nil):
            let other = other.evaluate(&frame)
            if unwraps { return other }
            if case .optional = other { return other }
            return other.asFailure("'or' wants an optional")
        case .optional(.some(let wrapped)): return unwraps ? wrapped : value
        default: return value.asFailure("'\(unwraps ? "orValue" : "or")' wants an optional")
        }
    }

    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        guard isPlain else { return evaluate(&frame).writeOutcome(&out, encoding) }
        let outcome = optional.write(&frame, &out, encoding)
        guard case .absent = outcome else { return outcome }
        return other.write(&frame, &out, encoding)
    }
}

/// Checks at run time what the place wants, where the type was not known at load.
final class Expect: Evaluator {
    private let type: ValueType
    private let inner: any Evaluator

    init(_ type: ValueType, _ inner: any Evaluator) {
        self.type = type
        self.inner = inner
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let value = inner.evaluate(&frame)
        return value.isError || type.holds(value) ? value : .failure("expected \(type), found \(value.typeName)")
    }
}
