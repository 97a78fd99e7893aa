// Functions on lists and maps, and those that take text as well.
let collectionFunctions: [Function] = [
    Function("size", .function, sizes), Function("size", .method, sizes),
    Function(
        "merge", .function,
        [
            Overload(
                [.map(.dyn, .dyn), .map(.dyn, .dyn)],
                resultOf: { types in
                    guard let (firstKey, firstValue) = types[0].entryTypes,
                        let (secondKey, secondValue) = types[1].entryTypes
                    else { return .map(.dyn, .dyn) }
                    return .map(firstKey.joined(secondKey) ?? .dyn, firstValue.joined(secondValue) ?? .dyn)
                },
                .two { first, second, frame in
                    guard case .map(let a) = first, case .map(let b) = second else { return first }
                    guard frame.pay(forKeys: a.keys), frame.pay(forKeys: b.keys) else { return .exhausted }
                    // The second one's value counts where both have the key; what the values hold is not merged.
                    return .map(MapValue(a.entries + b.entries))
                })
        ]),
]

private let sizes: [Overload] = [
    Overload(
        [.string], .int,
        .one { value, frame in
            guard case .string(let text) = value else { return value }
            return frame.pay(bytes: text.utf8.count) ? .int(Int64(text.unicodeScalars.count)) : .exhausted
        }),
    Overload(
        [.bytes], .int,
        .one { value, _ in
            guard case .bytes(let bytes) = value else { return value }
            return .int(Int64(bytes.count))
        }),
    Overload(
        [.list(.dyn)], .int,
        .one { value, _ in
            guard case .list(let list) = value else { return value }
            return .int(Int64(list.count))
        }),
    Overload(
        [.map(.dyn, .dyn)], .int,
        .one { value, _ in
            guard case .map(let map) = value else { return value }
            return .int(Int64(map.count))
        }),
]
