/// The shape of a value, enough for a JSON Schema (draft 2020-12) and for knowing where a key belongs.
package indirect enum Schema: Sendable {
    case any
    case null
    case boolean
    case integer(minimum: Int?, maximum: Int?)
    case number
    /// A string; the pattern is an ECMA 262 regular expression.
    case string(pattern: String? = nil, examples: [String] = [])
    case choice([String])
    case array(Schema)
    case map(Schema)
    case anyOf([Schema])
    case object(Object)

    package struct Object: Sendable {
        /// What messages call the section.
        package let key: String
        package let doc: String
        package let fields: [Field]
        /// What may stand in place of the map.
        package let short: Schema?

        package init(key: String, doc: String, fields: [Field], short: Schema?) {
            self.key = key
            self.doc = doc
            self.fields = fields
            self.short = short
        }
    }

    package struct Field: Sendable {
        package let name: String
        package let doc: String
        package let required: Bool
        package let schema: Schema

        package init(name: String, doc: String, required: Bool, schema: Schema) {
            self.name = name
            self.doc = doc
            self.required = required
            self.schema = schema
        }
    }
}
