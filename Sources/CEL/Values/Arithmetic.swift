// The arithmetic operators on values. Nothing wraps and nothing traps: what does not fit is an error.
extension Value {
    func combined(_ symbol: BinaryOperator, _ other: Value, _ frame: inout Frame) -> Value {
        switch (self, other) {
        case (.int(let a), .int(let b)): return Self.whole(symbol, a, b, "an int") { .int($0) }
        case (.uint(let a), .uint(let b)): return Self.whole(symbol, a, b, "a uint") { .uint($0) }
        case (.double(let a), .double(let b)): return Self.real(symbol, a, b) ?? mismatch(symbol, other)
        case (.string(let a), .string(let b)) where symbol == .add:
            let count = a.utf8.count + b.utf8.count
            if count > Limits.output { return .tooLarge }
            return frame.pay(bytes: count) ? .string(a + b) : .exhausted
        case (.bytes(let a), .bytes(let b)) where symbol == .add:
            if a.count + b.count > Limits.output { return .tooLarge }
            return frame.pay(bytes: a.count + b.count) ? .bytes(a + b) : .exhausted
        case (.list(let a), .list(let b)) where symbol == .add:
            return frame.pay(a.count + b.count) ? .list(a + b) : .exhausted
        case (.timestamp, _), (.duration, _):
            return timed(symbol, other) ?? mismatch(symbol, other)
        default:
            // Numbers whose types were not known at load: a double holds what comes of it.
            guard let a = asDouble, let b = other.asDouble else { return mismatch(symbol, other) }
            return Self.real(symbol, a, b) ?? mismatch(symbol, other)
        }
    }

    private func mismatch(_ symbol: BinaryOperator, _ other: Value) -> Value {
        .failure("'\(symbol.rawValue)' does not take \(typeName) and \(other.typeName)")
    }

    private static func whole<Number: FixedWidthInteger>(
        _ symbol: BinaryOperator, _ a: Number, _ b: Number, _ name: String, _ wrap: (Number) -> Value
    ) -> Value {
        let result: (partialValue: Number, overflow: Bool)
        switch symbol {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide:
            if b == 0 { return .failure("division by zero") }
            result = a.dividedReportingOverflow(by: b)
        default:
            if b == 0 { return .failure("division by zero") }
            result = a.remainderReportingOverflow(dividingBy: b)
        }
        return result.overflow
            ? .failure("the result of '\(symbol.rawValue)' is too large for \(name)") : wrap(result.partialValue)
    }

    private static func real(_ symbol: BinaryOperator, _ a: Double, _ b: Double) -> Value? {
        switch symbol {
        case .add: .double(a + b)
        case .subtract: .double(a - b)
        case .multiply: .double(a * b)
        case .divide: .double(a / b)
        default: nil
        }
    }

    private func timed(_ symbol: BinaryOperator, _ other: Value) -> Value? {
        switch (symbol, self, other) {
        case (.add, .timestamp(let time), .duration(let span)), (.add, .duration(let span), .timestamp(let time)):
            time.advanced(by: span, 1).map { .timestamp($0) } ?? .failure("the timestamp is out of range")
        case (.subtract, .timestamp(let time), .duration(let span)):
            time.advanced(by: span, -1).map { .timestamp($0) } ?? .failure("the timestamp is out of range")
        case (.subtract, .timestamp(let a), .timestamp(let b)):
            a.since(b).map { .duration($0) } ?? .failure("the duration is out of range")
        case (.add, .duration(let a), .duration(let b)):
            Self.span(a.nanoseconds.addingReportingOverflow(b.nanoseconds))
        case (.subtract, .duration(let a), .duration(let b)):
            Self.span(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds))
        default: nil
        }
    }

    private static func span(_ result: (partialValue: Int64, overflow: Bool)) -> Value {
        result.overflow
            ? .failure("the duration is out of range") : .duration(TimeSpan(nanoseconds: result.partialValue))
    }

    /// A number as a double, or nil for what is none.
    var asDouble: Double? {
        switch self {
        case .int(let number): Double(number)
        case .uint(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}

extension Timestamp {
    /// - Parameter sign: 1 to go on, -1 to go back.
    func advanced(by span: TimeSpan, _ sign: Int64) -> Timestamp? {
        let (whole, rest) = floorDivide(span.nanoseconds, 1_000_000_000)
        // Both lie far inside of Int64: timestamps by their range, spans by 2^63 nanoseconds.
        let (carry, nanoseconds) = floorDivide(Int64(self.nanoseconds) + sign * rest, 1_000_000_000)
        return Timestamp(seconds: seconds + sign * whole + carry, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    func since(_ other: Timestamp) -> TimeSpan? {
        let (scaled, tooLong) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = scaled.addingReportingOverflow(Int64(nanoseconds) - Int64(other.nanoseconds))
        return tooLong || overflow ? nil : TimeSpan(nanoseconds: sum)
    }
}
