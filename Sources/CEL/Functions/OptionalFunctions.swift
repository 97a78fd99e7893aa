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
        [Overload([.optional(.dyn), .dyn], resultOf: { $0[0].wrapped?.joined($0[1]) }, .two { _, other, _ in other })]),
    Function(
        "or", .method,
        [
            Overload(
                [.optional(.dyn), .optional(.dyn)], resultOf: { $0[0].asOptional.joined($0[1].asOptional) },
                .two { _, other, _ in other })
        ]),
]

extension ValueType {
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
        case .duration(let span): span.nanoseconds == 0
        case .timestamp(let time): time.seconds == 0 && time.nanoseconds == 0
        case .optional(let wrapped): wrapped == nil
        case .type, .error: false
        }
    }
}
