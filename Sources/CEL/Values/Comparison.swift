enum Order: Sendable {
    case less
    case equal
    case greater
}

extension Value {
    /// Equality by CEL's rules: numbers of different types by their value, text by its bytes, NaN equal to nothing,
    /// values of different types never.
    package func equals(_ other: Value) -> Bool {
        var steps = Int.max
        return equals(other, steps: &steps)
    }

    /// The same, paid for by the size of what is compared; false if the steps ran out.
    func equals(_ other: Value, _ frame: inout Frame) -> Bool {
        var steps = max(frame.steps, 0)
        let before = steps
        let same = equals(other, steps: &steps)
        _ = frame.pay(before - steps)
        return same && !frame.isExhausted
    }

    private func equals(_ other: Value, steps: inout Int) -> Bool {
        steps -= 1
        if steps < -1 { return false }
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.string(let a), .string(let b)):
            steps -= min(a.utf8.count, b.utf8.count) / Limits.bytesPerStep
            return sameBytes(a, b)
        case (.bytes(let a), .bytes(let b)):
            steps -= min(a.count, b.count) / Limits.bytesPerStep
            return a == b
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.duration(let a), .duration(let b)): return a == b
        case (.ip(let a), .ip(let b)): return a == b
        case (.cidr(let a), .cidr(let b)): return a == b
        case (.type(let a), .type(let b)): return a.nameAsValue == b.nameAsValue
        case (.optional(let a), .optional(let b)):
            guard let a, let b else { return a == nil && b == nil }
            return a.equals(b, steps: &steps)
        case (.list(let a), .list(let b)):
            guard a.count == b.count else { return false }
            for at in a.indices {
                if !a[at].equals(b[at], steps: &steps) { return false }
            }
            return true
        case (.map(let a), .map(let b)):
            guard a.count == b.count else { return false }
            for (key, value) in zip(a.keys, a.values) {
                guard let held = b.value(for: key), value.equals(held, steps: &steps) else { return false }
            }
            return true
        case (.message(let a), .message(let b)):
            steps -= (a.byteCount + b.byteCount) / Limits.bytesPerStep
            return steps >= 0 && a.isEqual(to: b)
        default: return compareNumbers(other) == .equal
        }
    }

    /// The order of two values, or nil if there is none: other types, or NaN.
    func compared(_ other: Value) -> Order? {
        switch (self, other) {
        case (.bool(let a), .bool(let b)): a == b ? .equal : (a ? .greater : .less)
        case (.string(let a), .string(let b)): sameBytes(a, b) ? .equal : (bytesPrecede(a, b) ? .less : .greater)
        case (.bytes(let a), .bytes(let b)):
            a == b ? .equal : (a.lexicographicallyPrecedes(b) ? .less : .greater)
        case (.timestamp(let a), .timestamp(let b)): Self.order(a, b)
        case (.duration(let a), .duration(let b)): Self.order(a, b)
        default: compareNumbers(other)
        }
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Order { a < b ? .less : (a == b ? .equal : .greater) }

    /// By mathematical value, without rounding: 2^53 + 1 is more than the double 2^53.
    private func compareNumbers(_ other: Value) -> Order? {
        switch (self, other) {
        case (.int(let a), .int(let b)): return Self.order(a, b)
        case (.uint(let a), .uint(let b)): return Self.order(a, b)
        case (.int(let a), .uint(let b)): return a < 0 ? .less : Self.order(UInt64(a), b)
        case (.uint(let a), .int(let b)): return b < 0 ? .greater : Self.order(a, UInt64(b))
        case (.double(let a), .double(let b)):
            if a.isNaN || b.isNaN { return nil }
            return Self.order(a, b)
        // Swift compares an integer and a floating-point number by value.
        case (.int(let a), .double(let b)): return Self.mixed(a, b)
        case (.uint(let a), .double(let b)): return Self.mixed(a, b)
        case (.double(let a), .int(let b)): return Self.mixed(b, a).map(Self.reversed)
        case (.double(let a), .uint(let b)): return Self.mixed(b, a).map(Self.reversed)
        default: return nil
        }
    }

    private static func mixed<Number: FixedWidthInteger>(_ a: Number, _ b: Double) -> Order? {
        if b.isNaN { return nil }
        if b >= 0x1p64 { return .less }
        if b < -0x1p63 { return .greater }
        let floor = b.rounded(.down)
        guard let whole = Number(exactly: floor) else {
            // Finite, and outside of this type only: above an int's range, or below a uint's.
            return floor < 0 ? .greater : .less
        }
        if a != whole { return order(a, whole) }
        return floor == b ? .equal : .less
    }

    private static func reversed(_ order: Order) -> Order {
        switch order {
        case .less: .greater
        case .equal: .equal
        case .greater: .less
        }
    }
}
