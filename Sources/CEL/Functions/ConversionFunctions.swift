// Conversions between types (CEL specification, "Type conversions").
let conversionFunctions: [Function] = [
    Function(
        "string", .function,
        [.string, .int, .uint, .double, .bool, .bytes, .timestamp, .duration, .ip, .cidr].map { type in
            Overload([type], .string, .one { value, frame in value.toString(&frame) })
        }),
    Function(
        "int", .function,
        [.int, .uint, .double, .string, .timestamp].map { type in
            Overload([type], .int, .one { value, _ in value.toInt() })
        }),
    Function(
        "uint", .function,
        [.uint, .int, .double, .string].map { type in Overload([type], .uint, .one { value, _ in value.toUInt() }) }),
    Function(
        "double", .function,
        [.double, .int, .uint, .string].map { type in
            Overload([type], .double, .one { value, _ in value.toDouble() })
        }),
    Function(
        "bool", .function,
        [.bool, .string].map { type in Overload([type], .bool, .one { value, _ in value.toBool() }) }),
    Function(
        "bytes", .function,
        [
            Overload([.bytes], .bytes, .one { value, _ in value }),
            Overload(
                [.string], .bytes,
                .one { value, frame in
                    guard case .string(let text) = value else { return value }
                    return frame.pay(bytes: text.utf8.count) ? .bytes(Array(text.utf8)) : .exhausted
                }),
        ]),
    Function("type", .function, [Overload([.dyn], .type(nil), .one { value, _ in .type(value.type) })]),
    Function("dyn", .function, [Overload([.dyn], .dyn, .one { value, _ in value })]),
    Function(
        "timestamp", .function,
        [
            Overload([.timestamp], .timestamp, .one { value, _ in value }),
            Overload(
                [.string], .timestamp,
                .one { value, _ in
                    guard case .string(let text) = value else { return value }
                    return Timestamp(text).map { .timestamp($0) } ?? .inconvertible(value, "timestamp")
                }),
            Overload(
                [.int], .timestamp,
                .one { value, _ in
                    guard case .int(let seconds) = value else { return value }
                    return Timestamp(seconds: seconds).map { .timestamp($0) } ?? .inconvertible(value, "timestamp")
                }),
        ]),
    Function(
        "duration", .function,
        [
            Overload([.duration], .duration, .one { value, _ in value }),
            Overload(
                [.string], .duration,
                .one { value, _ in
                    guard case .string(let text) = value else { return value }
                    return TimeSpan(text).map { .duration($0) } ?? .inconvertible(value, "duration")
                }),
        ]),
]

extension Value {
    static func inconvertible(_ value: Value, _ type: String) -> Value {
        .failure("cannot convert \(value.shown) to \(type)")
    }

    fileprivate func toString(_ frame: inout Frame) -> Value {
        switch self {
        case .string: return self
        case .bytes(let bytes):
            guard frame.pay(bytes: bytes.count) else { return .exhausted }
            return String(validating: bytes, as: UTF8.self).map { .string($0) }
                ?? .failure("the bytes are not valid UTF-8")
        default: return text.map { .string($0) } ?? .inconvertible(self, "string")
        }
    }

    fileprivate func toInt() -> Value {
        switch self {
        case .int: self
        case .uint(let number): Int64(exactly: number).map { .int($0) } ?? .inconvertible(self, "int")
        case .double(let number):
            Int64(exactly: number.rounded(.towardZero)).map { .int($0) } ?? .inconvertible(self, "int")
        case .string(let text): Self.plainNumber(text, Int64.self).map { .int($0) } ?? .inconvertible(self, "int")
        case .timestamp(let time): .int(time.seconds)
        default: .inconvertible(self, "int")
        }
    }

    fileprivate func toUInt() -> Value {
        switch self {
        case .uint: self
        case .int(let number): UInt64(exactly: number).map { .uint($0) } ?? .inconvertible(self, "uint")
        case .double(let number):
            UInt64(exactly: number.rounded(.towardZero)).map { .uint($0) } ?? .inconvertible(self, "uint")
        case .string(let text): Self.plainNumber(text, UInt64.self).map { .uint($0) } ?? .inconvertible(self, "uint")
        default: .inconvertible(self, "uint")
        }
    }

    /// Decimal digits, with a minus where that makes sense. Swift's own reading also takes a plus.
    private static func plainNumber<Number: FixedWidthInteger>(_ text: String, _ type: Number.Type) -> Number? {
        if text.utf8.first == UInt8(ascii: "+") || text.utf8.count > 20 { return nil }
        return Number(text, radix: 10)
    }

    fileprivate func toDouble() -> Value {
        switch self {
        case .double: return self
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            // Swift's reading also takes hexadecimal and words; words are CEL's too.
            let isPlain = text.utf8.allSatisfy { byte in
                Lexer.isDigit(byte)
                    || [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-")]
                        .contains(byte)
            }
            let isWord = ["NaN", "Infinity", "-Infinity"].contains { sameBytes($0, text) }
            guard isPlain || isWord, text.utf8.count <= 400, let number = Double(text), number.isFinite || isWord
            else { return .inconvertible(self, "double") }
            return .double(number)
        default: return .inconvertible(self, "double")
        }
    }

    fileprivate func toBool() -> Value {
        guard case .string(let text) = self else { return self }
        switch text {
        case "true", "True", "TRUE", "t", "1": return .bool(true)
        case "false", "False", "FALSE", "f", "0": return .bool(false)
        default: return .inconvertible(self, "bool")
        }
    }
}
