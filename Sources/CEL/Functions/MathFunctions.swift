// CEL's math extension.
let mathFunctions: [Function] = [
    extreme("math.greatest", .greater),
    extreme("math.least", .less),
    onDouble("math.ceil") { $0.rounded(.up) },
    onDouble("math.floor") { $0.rounded(.down) },
    // Halves away from zero.
    onDouble("math.round") { $0.rounded(.toNearestOrAwayFromZero) },
    onDouble("math.trunc") { $0.rounded(.towardZero) },
    aboutDouble("math.isNaN") { $0.isNaN },
    aboutDouble("math.isInf") { $0.isInfinite },
    aboutDouble("math.isFinite") { $0.isFinite },
    onNumber("math.abs") { value in
        switch value {
        case .int(let number):
            number == .min ? .failure("the result of 'math.abs' is too large for an int") : .int(abs(number))
        case .double(let number): .double(number.magnitude)
        default: value
        }
    },
    onNumber("math.sign") { value in
        switch value {
        case .int(let number): .int(number.signum())
        case .uint(let number): .uint(number.signum())
        case .double(let number): .double(number > 0 ? 1 : number < 0 ? -1 : number)
        default: value
        }
    },
    Function(
        "math.sqrt", .function,
        [.double, .int, .uint].map { type in
            Overload([type], .double, .one { value, _ in value.asDouble.map { .double($0.squareRoot()) } ?? value })
        }),
    bitwise("math.bitAnd", { $0 & $1 }, { $0 & $1 }),
    bitwise("math.bitOr", { $0 | $1 }, { $0 | $1 }),
    bitwise("math.bitXor", { $0 ^ $1 }, { $0 ^ $1 }),
    Function(
        "math.bitNot", .function,
        [.int, .uint].map { type in
            Overload(
                [type], type,
                .one { value, _ in
                    switch value {
                    case .int(let bits): .int(~bits)
                    case .uint(let bits): .uint(~bits)
                    default: value
                    }
                })
        }),
    // 64 places or more leave nothing; to the right zeros come in, also for an int.
    shift("math.bitShiftLeft") { $0 << $1 },
    shift("math.bitShiftRight") { $0 >> $1 },
]

// MARK: The largest and the smallest

private func extreme(_ name: String, _ wanted: Order) -> Function {
    Function(
        name, .function, gathersNumbers: true,
        [
            Overload(
                [.list(.dyn)],
                resultOf: { types in
                    guard let element = types[0].element, element.isNumber || element.isDynamic else { return nil }
                    return element
                },
                .one { value, frame in
                    guard case .list(let list) = value else { return value }
                    guard frame.pay(list.count) else { return .exhausted }
                    return extreme(of: list, wanted, name)
                })
        ]
            + [.int, .uint, .double].map { type in Overload([type], type, .one { value, _ in value }) })
}

private func extreme(of list: [Value], _ wanted: Order, _ name: String) -> Value {
    guard var found = list.first else { return .failure("'\(name)' wants one number at least") }
    for value in list {
        guard value.type.isNumber else { return .failure("'\(name)' wants numbers, found \(value.typeName)") }
        // NaN is neither more nor less: it stays where it comes first.
        if value.compared(found) == wanted { found = value }
    }
    return found
}

// MARK: One number

private func onDouble(_ name: String, _ body: @escaping @Sendable (Double) -> Double) -> Function {
    Function(
        name, .function,
        [
            Overload(
                [.double], .double,
                .one { value, _ in
                    guard case .double(let number) = value else { return value }
                    return .double(body(number))
                })
        ])
}

private func aboutDouble(_ name: String, _ body: @escaping @Sendable (Double) -> Bool) -> Function {
    Function(
        name, .function,
        [
            Overload(
                [.double], .bool,
                .one { value, _ in
                    guard case .double(let number) = value else { return value }
                    return .bool(body(number))
                })
        ])
}

private func onNumber(_ name: String, _ body: @escaping @Sendable (Value) -> Value) -> Function {
    Function(
        name, .function,
        [.int, .uint, .double].map { type in Overload([type], type, .one { value, _ in body(value) }) })
}

// MARK: Bits

private func bitwise(
    _ name: String, _ onInts: @escaping @Sendable (Int64, Int64) -> Int64,
    _ onUInts: @escaping @Sendable (UInt64, UInt64) -> UInt64
) -> Function {
    Function(
        name, .function,
        [.int, .uint].map { type in
            Overload(
                [type, type], type,
                .two { first, second, _ in
                    switch (first, second) {
                    case (.int(let a), .int(let b)): .int(onInts(a, b))
                    case (.uint(let a), .uint(let b)): .uint(onUInts(a, b))
                    default: first
                    }
                })
        })
}

private func shift(_ name: String, _ body: @escaping @Sendable (UInt64, Int64) -> UInt64) -> Function {
    Function(
        name, .function,
        [.int, .uint].map { type in
            Overload(
                [type, .int], type,
                .two { value, places, _ in
                    guard case .int(let places) = places else { return value }
                    if places < 0 { return .failure("'\(name)' wants no less than 0 places, found \(places)") }
                    switch value {
                    case .int(let bits): return .int(Int64(bitPattern: body(UInt64(bitPattern: bits), places)))
                    case .uint(let bits): return .uint(body(bits, places))
                    default: return value
                    }
                })
        })
}
