/// What a plain scalar means.
package enum ScalarValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string
}

/// The core schema of YAML 1.2 (section 10.3): `yes`, `no`, `on` and `off` are strings.
package enum CoreSchema {
    package static func resolve(_ text: [UInt8]) -> ScalarValue {
        switch text.count {
        case 0: return .null
        case 1 where text[0] == UInt8(ascii: "~"): return .null
        case 4 where any(text, "null", "Null", "NULL"): return .null
        case 4 where any(text, "true", "True", "TRUE"): return .bool(true)
        case 5 where any(text, "false", "False", "FALSE"): return .bool(false)
        default: return number(text) ?? .string
        }
    }

    private static func any(_ text: [UInt8], _ words: String...) -> Bool {
        words.contains { text.elementsEqual($0.utf8) }
    }

    private static func number(_ text: [UInt8]) -> ScalarValue? {
        if text.starts(with: "0o".utf8) { return radix(text.dropFirst(2), 8) }
        if text.starts(with: "0x".utf8) { return radix(text.dropFirst(2), 16) }
        let signed = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
        let body = text.dropFirst(signed ? 1 : 0)
        let negative = text[0] == UInt8(ascii: "-")
        if any(Array(body), ".inf", ".Inf", ".INF") { return .float(negative ? -.infinity : .infinity) }
        if !signed, any(text, ".nan", ".NaN", ".NAN") { return .float(.nan) }
        guard let first = body.first, isDigit(first) || first == UInt8(ascii: ".") else { return nil }
        let string = String(decoding: text, as: UTF8.self)
        if body.allSatisfy(isDigit) {
            if let int = Int(string) { return .int(int) }
            return Double(string).map { .float($0) }
        }
        return isFloat(body) ? Double(string).map { .float($0) } : nil
    }

    private static func radix(_ digits: ArraySlice<UInt8>, _ radix: Int) -> ScalarValue? {
        let valid = digits.allSatisfy { byte in
            radix == 8
                ? (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte)
                : isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
        }
        guard valid, !digits.isEmpty else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: radix).map { .int($0) }
    }

    /// `(\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?`
    private static func isFloat(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        func digits() -> Int {
            let run = rest.prefix(while: isDigit)
            rest = rest.dropFirst(run.count)
            return run.count
        }
        let whole = digits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if digits() == 0, whole == 0 { return false }
        } else if whole == 0 {
            return false
        }
        if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
