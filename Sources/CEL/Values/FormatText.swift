import JSON

/// A text with `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X` and `%%` in it; `%.3f` and `%.3e` say how many digits
/// stand behind the point, six if not said.
struct FormatText: Sendable {
    enum Part: Sendable {
        case text(String)
        case verb(Verb)
    }

    struct Verb: Sendable {
        let letter: Unicode.Scalar
        let places: Int?

        /// The digits of a double take some work, whatever becomes of them.
        var steps: Int { letter == "f" || letter == "e" ? 20 : 1 }
    }

    struct Mistake: Error {
        let message: String
    }

    let parts: [Part]
    let verbs: [Verb]

    /// The most digits behind a point: a double has no more than that to show.
    private static let mostPlaces = 1000

    static func read(_ text: String) -> Result<FormatText, Mistake> {
        var parts: [Part] = []
        var plain: [UInt8] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte != UInt8(ascii: "%") {
                plain.append(byte)
                continue
            }
            if at < bytes.count, bytes[at] == UInt8(ascii: "%") {
                plain.append(byte)
                at += 1
                continue
            }
            if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
            plain = []
            switch verb(bytes, &at) {
            case .success(let verb): parts.append(.verb(verb))
            case .failure(let mistake): return .failure(mistake)
            }
        }
        if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
        return .success(
            FormatText(
                parts: parts,
                verbs: parts.compactMap { part in
                    if case .verb(let verb) = part { verb } else { nil }
                }))
    }

    private static func verb(_ bytes: [UInt8], _ at: inout Int) -> Result<Verb, Mistake> {
        var places: Int?
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            var value = 0
            let start = at
            while at < bytes.count, Lexer.isDigit(bytes[at]) {
                value = value * 10 + Int(bytes[at] - UInt8(ascii: "0"))
                if value > mostPlaces { return .failure(Mistake(message: "'format' gives 1000 digits at most")) }
                at += 1
            }
            if at == start { return .failure(Mistake(message: "'%.' lacks the number of digits, as in %.2f")) }
            places = value
        }
        guard at < bytes.count else {
            return .failure(Mistake(message: "the text ends in '%'; write %% for a percent sign"))
        }
        let letter = Unicode.Scalar(bytes[at])
        at += 1
        guard ["s", "d", "f", "e", "b", "o", "x", "X"].contains(letter) else {
            let rest = String(decoding: bytes[(at - 1)...].prefix(8), as: UTF8.self)
            let shown = rest.unicodeScalars.first.map { String($0) } ?? ""
            return .failure(
                Mistake(message: "'format' has no %\(shown), only %s, %d, %f, %e, %b, %o, %x, %X and %%"))
        }
        if places != nil, letter != "f", letter != "e" {
            return .failure(Mistake(message: "a number of digits goes with %f and %e, not with %\(letter)"))
        }
        return .success(Verb(letter: letter, places: places))
    }

    static func miscount(_ wanted: Int, _ given: Int) -> String {
        "the text has \(wanted) place\(wanted == 1 ? "" : "s") for values, the list \(given)"
    }
}

extension FormatText.Verb {
    /// Whether it can show values of that type, as far as that is known.
    func takes(_ type: ValueType) -> Bool {
        switch (letter, type) {
        case (_, .dyn), (_, .int), (_, .uint), ("d", .double), ("f", .double), ("e", .double), ("b", .bool),
            ("x", .string), ("X", .string), ("x", .bytes), ("X", .bytes):
            true
        case ("s", .optional), ("s", .message): false
        case ("s", _): true
        default: false
        }
    }

    func refusal(_ found: String) -> String {
        let wanted =
            switch letter {
            case "s": "a value with text"
            case "b": "an int, uint or bool"
            case "o": "an int or uint"
            case "x", "X": "an int, uint, string or bytes"
            default: "a number"
            }
        return "%\(letter) wants \(wanted), found \(found)"
    }

    /// Nil if that went well.
    func write(_ value: Value, _ out: inout ByteWriter) -> EvaluationError? {
        guard takes(value.type) else { return EvaluationError(refusal(value.typeName)) }
        switch letter {
        case "s": return value.writePlain(&out, limit: out.count + Limits.output)
        case "d": out.append(value.asDecimal)
        case "b": out.append(value.wholeText(radix: 2))
        case "o": out.append(value.wholeText(radix: 8))
        case "x", "X":
            if let bytes = value.contents {
                if bytes.count > Limits.output / 2 { return Limits.outputExceeded }
                let digits: StaticString = letter == "x" ? "0123456789abcdef" : "0123456789ABCDEF"
                for byte in bytes {
                    out.append(digits.utf8Start[Int(byte >> 4)])
                    out.append(digits.utf8Start[Int(byte & 15)])
                }
            } else {
                out.append(value.wholeText(radix: 16, uppercase: letter == "X"))
            }
        default: out.append(number(value))
        }
        return nil
    }

    /// `%f`, `%e`
    private func number(_ value: Value) -> String {
        guard let number = value.asDouble else { return "" }
        if !number.isFinite { return doubleText(number) }
        let digits = DecimalDigits(number)
        return letter == "f" ? digits.fixed(places ?? 6) : digits.scientific(places ?? 6)
    }
}

extension Value {
    /// A number in decimal, a double without exponent.
    fileprivate var asDecimal: String {
        guard case .double(let number) = self, number.isFinite else { return text ?? "" }
        let shortest = doubleText(number)
        guard let mark = shortest.utf8.firstIndex(of: UInt8(ascii: "e")),
            let exponent = Int(String(shortest[mark...].dropFirst()))
        else { return shortest }
        let digits = shortest[..<mark].filter { $0 != "." && $0 != "-" }
        let zeros = String(repeating: "0", count: exponent < 0 ? -exponent - 1 : exponent + 1 - digits.utf8.count)
        return (number < 0 ? "-" : "") + (exponent < 0 ? "0." + zeros + digits : digits + zeros)
    }

    fileprivate func wholeText(radix: Int, uppercase: Bool = false) -> String {
        switch self {
        case .int(let number): String(number, radix: radix, uppercase: uppercase)
        case .uint(let number): String(number, radix: radix, uppercase: uppercase)
        case .bool(let flag): flag ? "1" : "0"
        default: ""
        }
    }

    /// As `%s` shows it: text without quotes, lists in brackets, maps in braces with their keys in order.
    fileprivate func writePlain(_ out: inout ByteWriter, limit: Int) -> EvaluationError? {
        if out.count > limit { return Limits.outputExceeded }
        switch self {
        case .list(let list):
            out.append(UInt8(ascii: "["))
            for (at, value) in list.enumerated() {
                if at > 0 { out.append(", " as StaticString) }
                if let error = value.writePlain(&out, limit: limit) { return error }
            }
            out.append(UInt8(ascii: "]"))
        case .map(let map):
            out.append(UInt8(ascii: "{"))
            let entries = zip(map.keys, map.values).map { (key: $0.text ?? "", value: $1) }
            for (at, entry) in entries.sorted(by: { bytesPrecede($0.key, $1.key) }).enumerated() {
                if at > 0 { out.append(", " as StaticString) }
                out.append(entry.key)
                out.append(": " as StaticString)
                if let error = entry.value.writePlain(&out, limit: limit) { return error }
            }
            out.append(UInt8(ascii: "}"))
        case .optional: return EvaluationError("%s wants a value with text, found optional")
        case .bytes(let bytes):
            // What is no UTF-8 is shown as U+FFFD: a string never holds anything else.
            out.append(String(decoding: bytes, as: UTF8.self))
        default: return write(&out, .plain)
        }
        return nil
    }
}
