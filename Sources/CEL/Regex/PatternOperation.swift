/// What can be done with a pattern: the functions of this name, which all take the text and then the pattern.
enum PatternOperation: String, Sendable {
    case matches
    case extract = "regex.extract"
    case extractAll = "regex.extractAll"
    case replace = "regex.replace"

    /// The pattern, if it is fit for this operation.
    func fitted(_ expression: RegularExpression) throws(PatternError) -> RegularExpression {
        if self == .extract || self == .extractAll, expression.groups.count > 1 {
            throw PatternError(
                "'\(rawValue)' takes a pattern of at most one group, and this has \(expression.groups.count)",
                expression.groups[1].range, help: "write (?:…) for a group that is only to hold together")
        }
        return expression
    }

    func evaluate(
        _ expression: RegularExpression, _ text: String, _ replacement: Replacement?, count: Int64, _ frame: inout Frame
    ) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            switch self {
            case .matches: expression.matches(bytes, &frame)
            case .extract: expression.extract(bytes, &frame)
            case .extractAll: expression.extractAll(bytes, &frame)
            case .replace:
                replacement.map { expression.replace(bytes, $0, count, &frame) }
                    ?? .failure("'\(rawValue)' wants a replacement")
            }
        }
    }
}

extension RegularExpression {
    fileprivate func matches(_ text: UnsafeBufferPointer<UInt8>, _ frame: inout Frame) -> Value {
        frame.payForPattern { work in matches(text, &work) }.map { .bool($0) } ?? .exhausted
    }

    /// The text of the group, or of the match if the pattern has none; an empty group counts as none, as in cel-go.
    fileprivate func extract(_ text: UnsafeBufferPointer<UInt8>, _ frame: inout Frame) -> Value {
        var slots = Array(repeating: Int32(-1), count: groups.isEmpty ? 2 : 4)
        switch frame.payForPattern({ work in firstMatch(in: text, from: 0, &slots, &work) }) {
        case .exhausted: return .exhausted
        case .none: return .none
        case .found: break
        }
        let part = Self.part(text, slots.suffix(2))
        if part.isEmpty, !groups.isEmpty { return .none }
        guard frame.pay(bytes: part.utf8.count) else { return .exhausted }
        return .optional(.string(part))
    }

    fileprivate func extractAll(_ text: UnsafeBufferPointer<UInt8>, _ frame: inout Frame) -> Value {
        var found: [Value] = []
        let isDone = frame.payForPattern { work in
            forEachMatch(in: text, slots: groups.isEmpty ? 2 : 4, &work) { slots in
                let part = Self.part(text, slots.suffix(2))
                if groups.isEmpty || !part.isEmpty { found.append(.string(part)) }
                return true
            }
        }
        return isDone && frame.pay(bytes: text.count) ? .list(found) : .exhausted
    }

    fileprivate func replace(
        _ text: UnsafeBufferPointer<UInt8>, _ replacement: Replacement, _ count: Int64, _ frame: inout Frame
    ) -> Value {
        var out: [UInt8] = []
        var copied = 0
        var left = count < 0 ? Int64.max : count
        let isDone = frame.payForPattern { work in
            left == 0
                || forEachMatch(in: text, slots: replacement.slots, &work) { slots in
                    out += text[copied..<Int(slots[0])]
                    copied = Int(slots[1])
                    replacement.append(slots, of: text, to: &out)
                    left -= 1
                    return left > 0 && out.count <= Limits.output
                }
        }
        if out.count > Limits.output - (text.count - copied) { return .tooLarge }
        out += text[copied...]
        guard isDone, frame.pay(bytes: out.count) else { return .exhausted }
        return .string(String(decoding: out, as: UTF8.self))
    }

    private static func part(_ text: UnsafeBufferPointer<UInt8>, _ slots: ArraySlice<Int32>) -> String {
        guard let start = slots.first, let end = slots.last, start >= 0, end > start else { return "" }
        return String(decoding: text[Int(start)..<Int(end)], as: UTF8.self)
    }
}

extension Frame {
    /// Lets a pattern work as long as the steps that are left allow, and pays for what it did.
    fileprivate mutating func payForPattern<Result>(_ body: (inout Int) -> Result) -> Result {
        let allowed = max(0, steps) * RegularExpression.workPerStep
        var work = allowed
        let result = body(&work)
        // More than was allowed takes all steps.
        _ = pay((allowed - work + RegularExpression.workPerStep - 1) / RegularExpression.workPerStep)
        return result
    }
}
