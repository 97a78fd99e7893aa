// CEL's lists extension. Indices count from 0. `sortBy` is a macro: see `SortBy`.
let listFunctions: [Function] = [
    Function(
        "slice", .method,
        [
            Overload(
                [.list(.dyn), .int, .int], resultOf: { $0.first },
                .three { list, from, to, frame in
                    guard case .list(let list) = list, case .int(let first) = from, case .int(let last) = to else {
                        return list
                    }
                    guard first >= 0, first <= last, last <= list.count else {
                        return .failure("slice(\(first), \(last)) is not in a list of \(list.count)")
                    }
                    guard frame.pay(Int(last - first)) else { return .exhausted }
                    return .list(Array(list[Int(first)..<Int(last)]))
                })
        ]),
    Function(
        "flatten", .method,
        [
            Overload(
                [.list(.dyn)],
                resultOf: { types in
                    guard let element = types[0].element else { return nil }
                    return element.isList ? element : .list(element)
                },
                .one { list, frame in flatten(list, .int(1), &frame) }),
            Overload(
                [.list(.dyn), .int], .list(.dyn), .two { list, depth, frame in flatten(list, depth, &frame) }),
        ]),
    onList("distinct", resultOf: { $0 }) { list, frame in
        var seen = ElementSet()
        var kept: [Value] = []
        for value in list where seen.insert(value, &frame) { kept.append(value) }
        return frame.isExhausted ? .exhausted : .list(kept)
    },
    onList("sort", resultOf: { Ordering.canSort($0.element ?? .dyn) ? $0 : nil }) { list, frame in
        Ordering.sorted(list, by: list, "sort", &frame)
    },
    Function("reverse", .method, [reversing(.list(.dyn)), reversing(.string)]),
    onList("first", resultOf: { $0.element.map { .optional($0) } }) { list, _ in .optional(list.first) },
    onList("last", resultOf: { $0.element.map { .optional($0) } }) { list, _ in .optional(list.last) },
    Function(
        "lists.range", .function,
        [
            Overload(
                [.int], .list(.int),
                .one { value, frame in
                    guard case .int(let count) = value else { return value }
                    guard let length = Int(exactly: max(count, 0)), frame.pay(length) else { return .exhausted }
                    return .list((0..<Int64(length)).map { .int($0) })
                })
        ]),
]

private func onList(
    _ name: String, resultOf: @escaping @Sendable (ValueType) -> ValueType?,
    _ body: @escaping @Sendable ([Value], inout Frame) -> Value
) -> Function {
    Function(
        name, .method,
        [
            Overload(
                [.list(.dyn)], resultOf: { $0.first.flatMap(resultOf) },
                .one { value, frame in
                    guard case .list(let list) = value else { return value }
                    return body(list, &frame)
                })
        ])
}

/// `reverse` of a list, and of a text's scalars.
private func reversing(_ type: ValueType) -> Overload {
    Overload(
        [type], resultOf: { $0.first.map { $0.isDynamic ? type : $0 } },
        .one { value, frame in
            switch value {
            case .list(let list): return frame.pay(list.count) ? .list(list.reversed()) : .exhausted
            case .string(let text):
                guard frame.pay(bytes: text.utf8.count * 8) else { return .exhausted }
                var out = String.UnicodeScalarView()
                out.append(contentsOf: text.unicodeScalars.reversed())
                return .string(String(out))
            default: return value
            }
        })
}

private func flatten(_ value: Value, _ depth: Value, _ frame: inout Frame) -> Value {
    guard case .list(let list) = value, case .int(let depth) = depth else { return value }
    if depth < 0 { return .failure("'flatten' wants a depth of 0 or more, found \(depth)") }
    var out: [Value] = []
    return append(list, depth, to: &out, &frame) ? .list(out) : .exhausted
}

/// Values are no deeper than what made them, an expression or JSON, so the recursion is bounded. False if the steps ran
/// out: that a list can hold another one many times makes the whole larger than its parts.
private func append(_ list: [Value], _ depth: Int64, to out: inout [Value], _ frame: inout Frame) -> Bool {
    guard frame.pay(list.count) else { return false }
    for value in list {
        if depth > 0, case .list(let inner) = value {
            guard append(inner, depth - 1, to: &out, &frame) else { return false }
        } else {
            out.append(value)
        }
    }
    return true
}
