extension Schema {
    /// What a key takes, in words, with literals in backticks: "duration", "`json` or `text`".
    package var inWords: String {
        switch self {
        case .any: return "any value"
        case .null: return "nothing"
        case .boolean: return "`true` or `false`"
        case .integer(let minimum, nil): return minimum == nil ? "whole number" : "whole number from \(minimum ?? 0)"
        case .integer(let minimum, let maximum):
            return "whole number, " + (minimum.map { "\($0) to " } ?? "up to ") + "\(maximum ?? 0)"
        case .number: return "number"
        case .text, .string: return "text"
        case .choice(let words): return Self.either(words.map { "`\($0)`" })
        case .integers(let numbers): return Self.either(numbers.map { "`\($0)`" })
        case .off: return "`off`"
        case .array(let item): return "list of " + item.plural
        case .map(let value): return "map of names to " + value.plural
        case .anyOf(let choices): return Self.choice(of: choices)
        case .object(let object):
            let map = object.fields.isEmpty ? "empty map" : "map"
            return object.short.map { "\($0.inWords), or a \(map)" } ?? map
        case .named(let kind, _): return kind.name
        case .within(let low, let high, let inner): return "\(inner.inWords), \(low) to \(high)"
        }
    }

    private var plural: String {
        switch self {
        case .named(let kind, _): kind.name.hasSuffix("s") ? kind.name + "es" : kind.name + "s"
        case .text, .string: "texts"
        case .any: "values"
        case .object(let object):
            object.key.contains(" ") ? SchemaNoun.plural(object.key) : "what `\(object.key)` takes"
        default: "(\(inWords))"
        }
    }

    private static func choice(of choices: [Schema]) -> String {
        var rest: [Schema] = []
        for choice in choices { if case .null = choice { continue } else { rest.append(choice) } }
        // One, or a list of them.
        if rest.count == 2, case .array(let item) = rest[1], item.inWords == rest[0].inWords {
            return "\(rest[0].inWords), or a list of them"
        }
        var words: [String] = []
        for choice in rest.map(\.inWords) where !words.contains(choice) { words.append(choice) }
        return either(words)
    }

    private static func either(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        let comma = words.dropLast().contains { $0.contains(",") } || last.hasPrefix("map")
        return words.dropLast().joined(separator: ", ") + (comma ? ", or " : " or ") + last
    }
}

private enum SchemaNoun {
    /// `a route` → `routes`.
    static func plural(_ key: String) -> String {
        let noun = key.split(separator: " ", maxSplits: 1).last.map(String.init) ?? key
        return noun + "s"
    }
}
