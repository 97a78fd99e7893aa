// Optionals: `orValue` and `or` evaluate their other side only if needed, which the planner does for them.
let optionalFunctions: [Function] = [
    Function("optional.none", .function, [Overload([], .optional(.dyn), .none { _ in .none })]),
    Function(
        "optional.of", .function,
        [Overload([.dyn], resultOf: { $0.first.map { .optional($0) } }, .one { value, _ in .optional(value) })]),
    Function(
        "optional.ofNonZeroValue", .function,
        [
            Overload(
                [.dyn], resultOf: { $0.first.map { .optional($0) } },
                .one { value, _ in value.isZero ? .none : .optional(value) })
        ]),
    Function(
        "hasValue", .method,
        [
            Overload(
                [.optional(.dyn)], .bool,
                .one { value, _ in
                    guard case .optional(let wrapped) = value else { return value }
                    return .bool(wrapped != nil)
                })
        ]),
    Function(
        "value", .method,
        [
            Overload(
                [.optional(.dyn)], resultOf: { $0.first?.wrapped },
                .one { value, _ in
                    guard case .optional(let wrapped) = value else { return value }
                    return wrapped ?? .failure("the optional is empty")
                })
        ]),
    Function(
        "orValue", .method,
        [
            Overload(
                [.optional(.dyn), .dyn], resultOf: { $0[0].wrapped?.joined($0[1]) },
                planning: .otherwise(unwraps: true), .two { _, other, _ in other })
        ]),
    Function(
        "or", .method,
        [
            Overload(
                [.optional(.dyn), .optional(.dyn)], resultOf: { $0[0].asOptional.joined($0[1].asOptional) },
                planning: .otherwise(unwraps: false), .two { _, other, _ in other })
        ]),
    Function("optional.unwrap", .function, [unwrapping]),
    Function("unwrapOpt", .method, [unwrapping]),
]

/// The values in a list of optionals, the empty ones left out.
private let unwrapping = Overload(
    [.list(.optional(.dyn))], resultOf: { types in types[0].element.map { .list($0.wrapped ?? .dyn) } },
    .one { value, frame in
        guard case .list(let list) = value else { return value }
        guard frame.pay(list.count) else { return .exhausted }
        var found: [Value] = []
        for element in list {
            guard case .optional(let wrapped) = element else {
                return .failure("'unwrapOpt' wants a list of optionals, found \(element.typeName)")
            }
            if let wrapped { found.append(wrapped) }
        }
        return .list(found)
    })

extension ValueType {
    /// What a list holds.
    var element: ValueType? {
        switch self {
        case .list(let element): element
        case .dyn: .dyn
        default: nil
        }
    }

    /// What an optional holds.
    var wrapped: ValueType? {
        switch self {
        case .optional(let wrapped): wrapped
        case .dyn: .dyn
        default: nil
        }
    }
}

extension Value {
    /// Whether it is its type's empty value.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let flag): !flag
        case .int(let number): number == 0
        case .uint(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let list): list.isEmpty
        case .map(let map): map.isEmpty
        case .message(let message): message.byteCount == 0
        case .duration(let span): span.nanoseconds == 0
        case .timestamp(let time): time.seconds == 0 && time.nanoseconds == 0
        case .optional(let wrapped): wrapped == nil
        case .ip, .cidr, .type, .error: false
        }
    }
}
