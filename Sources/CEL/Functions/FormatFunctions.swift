import JSON

// `text.format(list)` of CEL's strings extension, and `timestamp.format(pattern)`.
let formatFunctions: [Function] = [
    Function(
        "format", .method,
        [
            Overload(
                [.string, .list(.dyn)], .string, check: checkFormat, planning: .format,
                .two { text, list, frame in
                    guard case .string(let text) = text, case .list(let values) = list else { return text }
                    return format(text, values, &frame)
                }),
            Overload(
                [.timestamp, .string], .string, check: checkTimePattern,
                .two { time, pattern, frame in format(time, pattern, .string("UTC"), &frame) }),
            Overload(
                [.timestamp, .string, .string], .string, check: checkTimePattern,
                .three { time, pattern, zone, frame in format(time, pattern, zone, &frame) }),
        ])
]

// MARK: Times

private let checkTimePattern: Overload.Check = { arguments, ambient in
    if case .constant(.string(let text)) = arguments[1].kind, case .failure(let mistake) = TimePattern.read(text) {
        return (1, mistake.message)
    }
    return checkZone(argument: 2)(arguments, ambient)
}

private func format(_ value: Value, _ pattern: Value, _ zone: Value, _ frame: inout Frame) -> Value {
    guard case .timestamp(let time) = value, case .string(let text) = pattern else { return value }
    // No directive of two bytes gives more than 64.
    if text.utf8.count > Limits.output / 32 { return .tooLarge }
    guard frame.pay(bytes: text.utf8.count * 8) else { return .exhausted }
    switch TimePattern.read(text) {
    case .failure(let mistake): return .failure(mistake.message)
    case .success(let pattern):
        switch value.civil(in: zone, frame) {
        case .success(let civil): return .string(pattern.text(civil, of: time))
        case .failure(let error): return .error(error)
        }
    }
}

// MARK: Text

private let checkFormat: Overload.Check = { arguments, _ in
    guard case .constant(.string(let text)) = arguments[0].kind else { return nil }
    let verbs: [FormatText.Verb]
    switch FormatText.read(text) {
    case .failure(let mistake): return (0, mistake.message)
    case .success(let format): verbs = format.verbs
    }
    guard case .list(let elements) = arguments[1].kind, !elements.contains(where: \.optional) else { return nil }
    if verbs.count != elements.count { return (1, FormatText.miscount(verbs.count, elements.count)) }
    for (verb, element) in zip(verbs, elements) where !verb.takes(element.value.type) {
        return (1, verb.refusal(element.value.type.description))
    }
    return nil
}

private func format(_ text: String, _ values: [Value], _ frame: inout Frame) -> Value {
    guard frame.pay(bytes: text.utf8.count * 8) else { return .exhausted }
    switch FormatText.read(text) {
    case .failure(let mistake): return .failure(mistake.message)
    case .success(let format): return format.evaluate(values, &frame)
    }
}

/// `"…".format(list)` with a text that is known at load, and was read then.
final class FormatCall: Evaluator {
    private let format: FormatText
    private let list: any Evaluator

    init(_ format: FormatText, _ list: any Evaluator) {
        self.format = format
        self.list = list
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let value = list.evaluate(&frame)
        guard case .list(let values) = value else {
            return value.isError ? value : .failure("'format' does not take (string, \(value.typeName))")
        }
        return format.evaluate(values, &frame)
    }
}

extension FormatText {
    fileprivate func evaluate(_ values: [Value], _ frame: inout Frame) -> Value {
        if verbs.count != values.count { return .failure(Self.miscount(verbs.count, values.count)) }
        var out = ByteWriter(capacity: 256)
        var at = 0
        for part in parts {
            switch part {
            case .text(let text): out.append(text)
            case .verb(let verb):
                let start = out.count
                guard frame.pay(verb.steps) else { return .exhausted }
                if let error = verb.write(values[at], &out) { return .error(error) }
                at += 1
                guard frame.pay(bytes: out.count - start) else { return .exhausted }
            }
            if out.count > Limits.output { return .tooLarge }
        }
        return .string(String(decoding: out.bytes, as: UTF8.self))
    }
}
