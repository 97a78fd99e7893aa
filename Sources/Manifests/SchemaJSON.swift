package import JSON

extension Schema {
    /// As JSON Schema, draft 2020-12.
    package func write(to writer: inout ByteWriter) {
        write(to: &writer, isRoot: true, doc: nil)
    }

    private func write(to writer: inout ByteWriter, isRoot: Bool, doc: String?) {
        writer.append("{" as StaticString)
        var isFirst = true
        if isRoot {
            name("$schema", &writer, &isFirst)
            writer.append(jsonString: "https://json-schema.org/draft/2020-12/schema")
        }
        if let doc {
            name("description", &writer, &isFirst)
            writer.append(jsonString: doc)
        }
        content(&writer, &isFirst)
        writer.append("}" as StaticString)
    }

    private func content(_ writer: inout ByteWriter, _ isFirst: inout Bool) {
        switch self {
        case .any: break
        case .null: type("null", &writer, &isFirst)
        case .boolean: type("boolean", &writer, &isFirst)
        case .number: type("number", &writer, &isFirst)
        case .integer(let minimum, let maximum):
            type("integer", &writer, &isFirst)
            if let minimum {
                name("minimum", &writer, &isFirst)
                writer.append(decimal: minimum)
            }
            if let maximum {
                name("maximum", &writer, &isFirst)
                writer.append(decimal: maximum)
            }
        case .string(let pattern, let examples):
            type("string", &writer, &isFirst)
            if let pattern {
                name("pattern", &writer, &isFirst)
                writer.append(jsonString: pattern)
            }
            if !examples.isEmpty { list("examples", examples, &writer, &isFirst) }
        case .choice(let words): list("enum", words, &writer, &isFirst)
        case .array(let item):
            type("array", &writer, &isFirst)
            name("items", &writer, &isFirst)
            item.write(to: &writer, isRoot: false, doc: nil)
        case .map(let value):
            type("object", &writer, &isFirst)
            name("additionalProperties", &writer, &isFirst)
            value.write(to: &writer, isRoot: false, doc: nil)
        case .anyOf(let choices): anyOf(choices, &writer, &isFirst)
        case .object(let object): self.object(object, &writer, &isFirst)
        }
    }

    /// A section may be null (its defaults), its short form, or a map.
    private func object(_ object: Object, _ writer: inout ByteWriter, _ isFirst: inout Bool) {
        if let short = object.short {
            let long = Schema.object(Object(key: object.key, doc: object.doc, fields: object.fields, short: nil))
            return anyOf([short, long], &writer, &isFirst)
        }
        name("type", &writer, &isFirst)
        writer.append("[\"object\",\"null\"]" as StaticString)
        name("properties", &writer, &isFirst)
        writer.append("{" as StaticString)
        var isFirstField = true
        for field in object.fields {
            name(field.name, &writer, &isFirstField)
            field.schema.write(to: &writer, isRoot: false, doc: field.doc)
        }
        writer.append("}" as StaticString)
        name("patternProperties", &writer, &isFirst)
        writer.append(#"{"^(x-|\\$schema$)":{}}"# as StaticString)
        name("additionalProperties", &writer, &isFirst)
        writer.append("false" as StaticString)
        let required = object.fields.filter(\.required).map(\.name)
        if !required.isEmpty { list("required", required, &writer, &isFirst) }
    }

    private func anyOf(_ choices: [Schema], _ writer: inout ByteWriter, _ isFirst: inout Bool) {
        name("anyOf", &writer, &isFirst)
        writer.append("[" as StaticString)
        for (index, choice) in choices.enumerated() {
            if index > 0 { writer.append("," as StaticString) }
            choice.write(to: &writer, isRoot: false, doc: nil)
        }
        writer.append("]" as StaticString)
    }

    private func name(_ name: String, _ writer: inout ByteWriter, _ isFirst: inout Bool) {
        if !isFirst { writer.append("," as StaticString) }
        isFirst = false
        writer.append(jsonString: name)
        writer.append(":" as StaticString)
    }

    private func type(_ type: String, _ writer: inout ByteWriter, _ isFirst: inout Bool) {
        name("type", &writer, &isFirst)
        writer.append(jsonString: type)
    }

    private func list(_ key: String, _ words: [String], _ writer: inout ByteWriter, _ isFirst: inout Bool) {
        name(key, &writer, &isFirst)
        writer.append("[" as StaticString)
        for (index, word) in words.enumerated() {
            if index > 0 { writer.append("," as StaticString) }
            writer.append(jsonString: word)
        }
        writer.append("]" as StaticString)
    }
}
