import Catalog
import Manifests

/// What there is to say of a key beside its sentence, a word and a text each.
struct KeyFacts {
    private let key: KeyIndex.Entry

    init(_ key: KeyIndex.Entry) {
        self.key = key
    }

    var all: [(word: String, meaning: String)] {
        var facts: [(String, String)] = [("takes", takes)]
        if key.field.required { facts.append(("default", "none: it must be written")) }
        if let standard { facts.append(("default", standard)) }
        if let short { facts.append(("short", short)) }
        if let example = key.field.example { facts.append(("example", "`\(key.field.name): \(example)`")) }
        facts.append(("where", places))
        if let reason { facts.append(("order", reason)) }
        return facts
    }

    /// The kind of value, with how it is written.
    private var takes: String {
        let words = key.field.schema.inWords
        let docs = Self.kinds(key.field.schema).map { $0.name == words ? $0.doc : "\($0.name): \($0.doc)" }
        return docs.isEmpty ? words : "\(words). \(docs.joined(separator: " "))"
    }

    static func kinds(_ schema: Schema) -> [Schema.Kind] {
        switch schema {
        case .named(let kind, _): return [kind]
        case .map(.object): return []
        case .array(let inner), .map(let inner), .within(_, _, let inner): return kinds(inner)
        case .anyOf(let choices):
            var found: [Schema.Kind] = []
            for kind in choices.flatMap({ kinds($0) }) where !found.contains(where: { $0.name == kind.name }) {
                found.append(kind)
            }
            return found
        case .object(let object): return object.short.map { kinds($0) } ?? []
        default: return []
        }
    }

    private var entry: MiddlewareEntry? {
        key.section.key == "middleware" ? Entries.middleware(named: key.field.name) : nil
    }

    private var standard: String? {
        if let entry {
            guard entry.isOnByDefault else { return "off; `{}` or a value switches it on" }
            return key.field.standard.map { "on, `\($0.shown)`; `off` switches it off" } ?? "on; `off` switches it off"
        }
        return key.field.standard.map { "`\($0.shown)`" }
    }

    private var short: String? {
        guard let section = key.field.schema.ownObjects.first(where: { $0.shortKey != nil }),
            let inner = section.fields.first(where: { $0.name == section.shortKey }), let example = inner.example
        else { return nil }
        let name = key.field.name
        return "`\(name): \(example)` means `\(name): { \(inner.name): \(example) }`"
    }

    /// In words: what is under `middleware` may stand at each scope.
    private var places: String {
        let inScopes = key.places.map(Self.belowMiddleware)
        if inScopes.contains(where: { $0 != nil }) {
            var below: [String] = []
            for case let path? in inScopes where !below.contains(path) { below.append(path) }
            let list = below.map { "`\($0)`" }.joined(separator: ", ")
            return "\(list), at the top level, in a service or in a route"
        }
        return key.places.map { "`\(Self.shown($0))`" }.joined(separator: ", ")
    }

    private static func belowMiddleware(_ place: [KeyIndex.Step]) -> String? {
        guard let at = place.firstIndex(of: .key("middleware")), at < place.count - 1 else { return nil }
        return shown(Array(place[at...]))
    }

    static func shown(_ place: [KeyIndex.Step]) -> String {
        var words: [String] = []
        for step in place {
            switch step {
            case .key(let key): words.append(key)
            case .name: words.append(words.last == "routes" ? "PATTERN" : "NAME")
            case .item: words[words.count - 1] += "[]"
            }
        }
        return words.joined(separator: ".")
    }

    private var reason: String? {
        guard let entry, let at = Entries.middleware.firstIndex(where: { $0.name == entry.name }) else { return nil }
        return "\(at + 1) of \(Entries.middleware.count): \(entry.reason)"
    }

    /// A key in a table of keys: its sentence, and what holds without it.
    static func line(_ field: Schema.Field) -> String {
        var text = Explanation.firstSentence(field.doc)
        if field.required { text += " (required)" }
        if let standard = field.standard { text += " (`\(standard.shown)`)" }
        return text
    }

    /// `a route`, or a key in backticks.
    static func named(_ section: String) -> String { section.contains(" ") ? section : "`\(section)`" }
}
