/// Sorting of lists: numbers by value whatever their type, else values of one type that has an order.
enum Ordering {
    static func canSort(_ type: ValueType) -> Bool {
        switch type {
        case .dyn, .int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes: true
        default: false
        }
    }

    /// The values in the order of their keys; those with equal keys stay as they were.
    static func sorted(_ values: [Value], by keys: [Value], _ name: String, _ frame: inout Frame) -> Value {
        guard let first = keys.first else { return .list([]) }
        var size = keys.count
        for key in keys {
            guard canSort(key.type), key.type == first.type || key.type.isNumber && first.type.isNumber else {
                let found = key.type == first.type ? key.typeName : "\(first.typeName) and \(key.typeName)"
                return .failure("'\(name)' wants numbers, or values of one type that has an order, found \(found)")
            }
            switch key {
            case .string(let text): size += text.utf8.count / Limits.bytesPerStep
            case .bytes(let bytes): size += bytes.count / Limits.bytesPerStep
            default: break
            }
        }
        // Each element goes into about as many comparisons as the count has bits.
        let rounds = Int.bitWidth - keys.count.leadingZeroBitCount
        guard frame.pay(size * rounds) else { return .exhausted }
        let order = keys.indices.sorted { a, b in isLess(keys[a], keys[b]) ?? (a < b) }
        return .list(order.map { values[$0] })
    }

    /// Nil if they are equal. NaN comes behind all numbers, so that there is one order.
    private static func isLess(_ a: Value, _ b: Value) -> Bool? {
        switch a.compared(b) {
        case .less: return true
        case .greater: return false
        case .equal: return nil
        case nil:
            return a.isNaN == b.isNaN ? nil : b.isNaN
        }
    }
}

extension Value {
    var isNaN: Bool {
        if case .double(let number) = self { return number.isNaN }
        return false
    }
}
