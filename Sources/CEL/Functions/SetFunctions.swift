// CEL's sets extension: lists taken as sets, by CEL's equality.
let setFunctions: [Function] = [
    onLists("sets.contains") { first, second, frame in
        let held = ElementSet(first, &frame)
        return holds(held, all: second, &frame)
    },
    onLists("sets.equivalent") { first, second, frame in
        let held = ElementSet(first, &frame)
        guard holds(held, all: second, &frame) else { return false }
        let other = ElementSet(second, &frame)
        return holds(other, all: first, &frame)
    },
    onLists("sets.intersects") { first, second, frame in
        let held = ElementSet(first, &frame)
        for value in second {
            if held.contains(value, &frame) { return true }
            if frame.isExhausted { return false }
        }
        return false
    },
]

private func holds(_ set: ElementSet, all values: [Value], _ frame: inout Frame) -> Bool {
    for value in values where !set.contains(value, &frame) { return false }
    return true
}

private func onLists(
    _ name: String, _ body: @escaping @Sendable ([Value], [Value], inout Frame) -> Bool
) -> Function {
    Function(
        name, .function,
        [
            Overload(
                [.list(.dyn), .list(.dyn)],
                // As `==`: lists that can never share an element are a mistake.
                resultOf: { types in
                    guard let a = types[0].element, let b = types[1].element,
                        a.joined(b) != nil || a.isNumber && b.isNumber
                    else { return nil }
                    return .bool
                },
                .two { first, second, frame in
                    guard case .list(let a) = first, case .list(let b) = second else { return first }
                    let answer = body(a, b, &frame)
                    return frame.isExhausted ? .exhausted : .bool(answer)
                })
        ])
}
