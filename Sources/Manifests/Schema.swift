import Diagnostics

/// The shape of a value, enough for a JSON Schema (draft 2020-12), for words about it, and for knowing where a key
/// belongs.
package indirect enum Schema: Sendable {
    case any
    case null
    case boolean
    case integer(minimum: Int?, maximum: Int?)
    case number
    /// Any scalar that is written: a number or `true` is taken as it is spelled.
    case text
    /// A string; the pattern is an ECMA 262 regular expression.
    case string(pattern: String? = nil, examples: [String] = [])
    case choice([String])
    /// One of a few numbers.
    case integers([Int])
    /// `off` or `false`.
    case off
    case array(Schema)
    case map(Schema)
    case anyOf([Schema])
    case object(Object)
    /// A value with a name and a form of its own, such as a duration.
    case named(Kind, Schema)
    /// From a least to a largest value, as a manifest writes them.
    case within(low: String, high: String, Schema)

    /// A form of value that many keys share.
    package struct Kind: Sendable {
        /// In the singular: `duration`.
        package let name: String
        /// How it is written, in one or two plain sentences.
        package let doc: String
        package let examples: [String]

        package init(_ name: String, doc: String, examples: [String]) {
            self.name = name
            self.doc = doc
            self.examples = examples
        }
    }

    package struct Object: Sendable {
        /// What messages call the section.
        package let key: String
        package let doc: String
        package var fields: [Field]
        /// What may stand in place of the map.
        package let short: Schema?
        /// The key that the short form sets.
        package let shortKey: String?
        /// Whether nothing at all means the defaults; it never does where a key is required.
        package let takesNull: Bool
        /// Sets of keys of which one must be there as a whole.
        package let alternatives: [[String]]

        package init(
            key: String, doc: String, fields: [Field], short: Schema?, shortKey: String? = nil, takesNull: Bool = true,
            alternatives: [[String]] = []
        ) {
            self.key = key
            self.doc = doc
            self.fields = fields
            self.short = short
            self.shortKey = shortKey
            self.takesNull = takesNull && alternatives.isEmpty
            self.alternatives = alternatives
        }
    }

    package struct Field: Sendable {
        package let name: String
        package let doc: String
        package var required: Bool
        package let schema: Schema
        /// The value as a manifest would say it: `2s`.
        package let example: String?
        /// What holds if the key is not written; nil where nothing does, or where its own keys say it.
        package let standard: Node?

        package init(
            name: String, doc: String, required: Bool, schema: Schema, example: String? = nil, standard: Node? = nil
        ) {
            self.name = name
            self.doc = doc
            self.required = required
            self.schema = schema
            self.example = example
            self.standard = standard.flatMap { $0.shortened(by: schema) }
        }
    }
}

extension Schema {
    /// The sections that a value may be: the map itself, the items of a list, the values of a map.
    package var objects: [Object] {
        switch self {
        case .object(let object): [object]
        case .array(let inner), .map(let inner), .named(_, let inner), .within(_, _, let inner): inner.objects
        case .anyOf(let choices): choices.flatMap(\.objects)
        case .any, .null, .boolean, .integer, .number, .text, .string, .choice, .integers, .off: []
        }
    }

    /// The sections that it may be itself, with their short forms.
    package var ownObjects: [Object] {
        switch self {
        case .map: []
        case .array(let inner), .named(_, let inner), .within(_, _, let inner): inner.ownObjects
        case .anyOf(let choices): choices.flatMap(\.ownObjects)
        default: objects
        }
    }

    /// Without saying which of its keys must be there.
    package var withoutRequired: Schema {
        switch self {
        case .object(var object):
            for index in object.fields.indices { object.fields[index].required = false }
            return .object(object)
        case .anyOf(let choices): return .anyOf(choices.map(\.withoutRequired))
        default: return self
        }
    }
}

extension Node {
    /// A default as people would say it: the short form where there is one; nil for nothing and for maps, whose keys
    /// have their own.
    fileprivate func shortened(by schema: Schema) -> Node? {
        switch content {
        case .scalar(let scalar): return scalar.text.bytes.isEmpty || isNull ? nil : self
        case .sequence(let items): return items.isEmpty ? nil : self
        case .mapping(let entries):
            guard let only = entries.first, entries.count == 1,
                schema.ownObjects.contains(where: { $0.shortKey == only.name })
            else { return nil }
            return only.value.scalar == nil ? nil : only.value
        }
    }
}
