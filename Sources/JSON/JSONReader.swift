/// What a reader accepts beyond the grammar.
package struct JSONLimits: Sendable {
    /// Arrays and objects inside each other. Each level is a call of the reader, so this also bounds the stack.
    package let depth: Int
    /// RFC 8259 leaves repeated keys open; readers disagree on which one holds, so they are refused.
    package let allowsRepeatedKeys: Bool

    package init(depth: Int = 100, allowsRepeatedKeys: Bool = false) {
        self.depth = min(max(depth, 1), 1000)
        self.allowsRepeatedKeys = allowsRepeatedKeys
    }
}

package struct JSONError: Error, Equatable, Sendable {
    /// The byte that is wrong, counted from 0; the input's length if it ended too early.
    package let offset: Int
    package let message: String

    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }
}

/// Reads one JSON text, strictly by RFC 8259: UTF-8 is validated, nothing may follow the value.
package struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    var at = 0
    private var depth = 0

    package static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
    ) -> Result<JSONValue, JSONError> {
        var reader = JSONReader(bytes: bytes, limits: limits)
        do throws(JSONError) {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }

    package static func read(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) -> Result<JSONValue, JSONError> {
        bytes.withUnsafeBufferPointer { read($0, limits: limits) }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw error("a byte order mark is not allowed in JSON")
        }
        let value = try self.value()
        skipSpace()
        if at < bytes.count { throw error("expected the end after the value, found \(found)") }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        guard let byte = peek else { throw error("expected a value, found \(found)") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("expected a value, found \(found)")
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > limits.depth { throw error("nested more than \(limits.depth) levels deep") }
        at += 1
        skipSpace()
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if !take("]") {
            repeat { elements.append(try value()) } while try goesOn(until: "]", in: "array")
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        var members: [(key: String, value: JSONValue)] = []
        var keys = JSONKeys()
        if !take("}") {
            repeat {
                skipSpace()
                guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes, found \(found)") }
                let start = at
                let key = try string()
                if !limits.allowsRepeatedKeys, !keys.add(key, to: members) {
                    throw JSONError(offset: start, message: "the key `\(key)` is there twice")
                }
                skipSpace()
                guard take(":") else { throw error("expected `:` after the key, found \(found)") }
                members.append((key, try value()))
            } while try goesOn(until: "}", in: "object")
        }
        depth -= 1
        return .object(members)
    }

    /// Whether a comma says that more follows; false at the end.
    private mutating func goesOn(until end: Unicode.Scalar, in kind: String) throws(JSONError) -> Bool {
        skipSpace()
        if take(end) { return false }
        guard take(",") else { throw error("expected `,` or `\(end)` in the \(kind), found \(found)") }
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            guard at + index < bytes.count, bytes[at + index] == word.utf8Start[index] else {
                throw error("expected a value; did you mean `\(word)`")
            }
        }
        at += count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = at
        _ = take("-")
        if take("0") {
            if isDigit { throw error("a number does not start with 0") }
        } else {
            try digits("a digit")
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits("a digit after the decimal point")
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits("a digit in the exponent")
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let int = Int64(text) { return .int(int) }
        guard let double = Double(text), double.isFinite else {
            throw JSONError(offset: start, message: "the number is too large")
        }
        return .double(double)
    }

    private mutating func digits(_ what: String) throws(JSONError) {
        guard isDigit else { throw error("expected \(what), found \(found)") }
        while isDigit { at += 1 }
    }

    // MARK: Bytes

    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private var isDigit: Bool { at < bytes.count && bytes[at] &- 0x30 < 10 }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard at < bytes.count, UInt32(bytes[at]) == scalar.value else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    func error(_ message: String) -> JSONError { JSONError(offset: at, message: message) }

    /// What stands at `at`, for a message.
    var found: String {
        guard let byte = peek else { return "the end" }
        if byte > 0x20 && byte < 0x7F { return "`\(Unicode.Scalar(byte))`" }
        let length = UTF8Scanner.sequenceLength(bytes, at)
        if byte >= 0x80, length > 0 { return "`\(String(decoding: bytes[at..<at + length], as: UTF8.self))`" }
        return "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

/// The keys of one object so far: compared one by one while they are few, hashed when they are many, so that an
/// object of a million keys is not a million comparisons a key.
private struct JSONKeys {
    private struct Key: Hashable {
        let text: String

        static func == (left: Key, right: Key) -> Bool { JSONValue.sameBytes(left.text, right.text) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private static let few = 16
    private var hashed: Set<Key> = []

    /// False if the key is there already.
    mutating func add(_ key: String, to members: [(key: String, value: JSONValue)]) -> Bool {
        if members.count < Self.few { return !members.contains { JSONValue.sameBytes($0.key, key) } }
        if hashed.isEmpty { hashed = Set(members.map { Key(text: $0.key) }) }
        return hashed.insert(Key(text: key)).inserted
    }
}
