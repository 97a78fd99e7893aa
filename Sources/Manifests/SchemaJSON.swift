package import JSON

extension Schema {
    /// As JSON Schema, draft 2020-12: what stands in several places is defined once, under `$defs`.
    package func document(title: String? = nil) -> JSONValue {
        var writer = SchemaWriter()
        let root = writer.content(self)
        var members: [(key: String, value: JSONValue)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema"))
        ]
        if let title { members.append(("title", .string(title))) }
        members += root.filter { title == nil || $0.key != "title" }
        if !writer.definitions.isEmpty { members.append(("$defs", .object(writer.definitions))) }
        return .object(members)
    }
}

private struct SchemaWriter {
    typealias Members = [(key: String, value: JSONValue)]

    private(set) var definitions: Members = []

    /// A scalar with a form of its own may also come from outside: `${NAME}`.
    mutating func content(_ schema: Schema) -> Members {
        let members = written(schema)
        return schema.isRestrictedScalar ? [("anyOf", .array([.object(members), variable]))] : members
    }

    private mutating func written(_ schema: Schema) -> Members {
        switch schema {
        case .any: []
        case .null: [type("null")]
        case .boolean: [type("boolean")]
        case .number: [type("number")]
        case .integer(let minimum, let maximum): integer(minimum, maximum)
        case .text: [("type", words(["string", "number", "boolean"]))]
        case .string(let pattern, let examples): string(pattern, examples)
        case .choice(let choices): [("enum", words(choices))]
        case .integers(let numbers): [("enum", .array(numbers.map { .int(Int64($0)) }))]
        case .off: [("enum", .array([.string("off"), .bool(false)]))]
        case .array(let item): [type("array"), ("items", .object(content(item)))]
        case .map(let value): map(value)
        case .anyOf(let choices): anyOf(choices)
        case .object(let object): self.object(object)
        case .named(let kind, let inner): named(kind, inner)
        case .within(let low, let high, let inner): within(low, high, inner)
        }
    }

    private mutating func anyOf(_ choices: [Schema]) -> Members {
        var members: [JSONValue] = choices.map { .object(written($0)) }
        if choices.contains(where: \.isRestrictedScalar) { members.append(variable) }
        return [("anyOf", .array(members))]
    }

    private var variable: JSONValue {
        mutating get {
            let kind = Schema.Kind(
                "variable", doc: "A value from the environment, or with one in it: `${NAME}`, `${NAME:-default}`.",
                examples: ["${PORT}"])
            return .object(named(kind, written: [type("string"), ("pattern", .string("(^|[^$])\\$\\{"))]))
        }
    }

    private func integer(_ minimum: Int?, _ maximum: Int?) -> Members {
        var members = [type("integer")]
        if let minimum { members.append(("minimum", .int(Int64(minimum)))) }
        if let maximum { members.append(("maximum", .int(Int64(maximum)))) }
        return members
    }

    private func string(_ pattern: String?, _ examples: [String]) -> Members {
        var members = [type("string")]
        if let pattern { members.append(("pattern", .string(pattern))) }
        if !examples.isEmpty { members.append(("examples", words(examples))) }
        return members
    }

    /// Between the names of sections the user may keep keys of their own; of headers `x-a` is a name like any other.
    private mutating func map(_ value: Schema) -> Members {
        var members: Members = [("type", words(["object", "null"]))]
        if case .object = value { members.append(extensions) }
        members.append(("additionalProperties", .object(content(value))))
        return members
    }

    private mutating func named(_ kind: Schema.Kind, _ inner: Schema) -> Members {
        named(kind, written: content(inner))
    }

    private mutating func named(_ kind: Schema.Kind, written inner: Members) -> Members {
        var members: Members = [("title", .string(kind.name)), ("description", .string(kind.doc))]
        if !kind.examples.isEmpty { members.append(("examples", words(kind.examples))) }
        members += inner.filter { $0.key != "examples" }
        return reference(to: members, kind.name)
    }

    /// What a schema can say of bounds: those of numbers, not those of sizes with a unit.
    private mutating func within(_ low: String, _ high: String, _ inner: Schema) -> Members {
        switch inner {
        case .integer: return integer(Int(low), Int(high))
        case .number:
            return [type("number"), ("minimum", number(low)), ("maximum", number(high))]
        default: return written(inner)
        }
    }

    private func number(_ text: String) -> JSONValue {
        Int64(text).map { .int($0) } ?? .double(Double(text) ?? 0)
    }

    /// A section may be null (its defaults, unless a key is required), its short form, or a map.
    private mutating func object(_ object: Schema.Object) -> Members {
        let required = object.fields.filter(\.required).map(\.name)
        var members: Members = [
            ("title", .string(Self.noun(object.key))), ("description", .string(object.doc)),
            required.isEmpty && object.takesNull ? ("type", words(["object", "null"])) : type("object"),
            ("properties", .object(object.fields.map { (key: $0.name, value: .object(field($0))) })),
            extensions,
            ("additionalProperties", .bool(false)),
        ]
        if !required.isEmpty { members.append(("required", words(required))) }
        if !object.alternatives.isEmpty {
            members.append(
                ("anyOf", .array(object.alternatives.map { .object([(key: "required", value: words($0))]) })))
        }
        let long = object.key == "the manifest" ? members : reference(to: members, Self.noun(object.key))
        guard let short = object.short else { return long }
        return [("anyOf", .array([.object(content(short)), .object(long)]))]
    }

    private mutating func field(_ field: Schema.Field) -> Members {
        var members: Members = [("description", .string(field.doc))]
        members += content(field.schema).filter { $0.key != "description" && $0.key != "examples" }
        if let standard = field.standard { members.append(("default", standard.json)) }
        if let example = field.example.flatMap({ Node.parsed($0) }) {
            members.append(("examples", .array([example.json])))
        }
        return members
    }

    /// Defines a part once. One of the same name that says something else stays where it is.
    private mutating func reference(to members: Members, _ name: String) -> Members {
        let name = name.replacing(" ", with: "_")
        if let known = definitions.first(where: { $0.key == name }) {
            if known.value != .object(members) { return members }
        } else {
            definitions.append((name, .object(members)))
        }
        return [("$ref", .string("#/$defs/\(name)"))]
    }

    private var extensions: (key: String, value: JSONValue) {
        ("patternProperties", .object([("^(x-|\\$schema$)", .bool(true))]))
    }

    private func type(_ name: String) -> (key: String, value: JSONValue) { ("type", .string(name)) }

    private func words(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }

    /// `a route` is called a route, and defined as `route`.
    static func noun(_ key: String) -> String {
        for article in ["a ", "an ", "the "] where key.hasPrefix(article) {
            return String(key.dropFirst(article.count))
        }
        return key
    }
}

extension Schema {
    fileprivate var isRestrictedScalar: Bool {
        switch self {
        case .boolean, .integer, .number, .string, .choice, .integers, .off: true
        case .within(_, _, let inner): inner.isRestrictedScalar
        case .any, .null, .text, .array, .map, .anyOf, .object, .named: false
        }
    }
}
