// Functions on lists and maps, and those that take text as well.
let collectionFunctions: [Function] = [
    Function("size", .function, sizes), Function("size", .method, sizes),
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
