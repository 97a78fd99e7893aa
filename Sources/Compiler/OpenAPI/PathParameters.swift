import JSON
import Pipeline
import Protobuf

/// The parameters of a path.
enum PathParameters {
    /// Those of a route are text.
    static func all(of pattern: RoutePattern) -> [APIOperation.Parameter] {
        let names = pattern.wildcardNames
        return names.enumerated().map { index, name in
            let isRest = pattern.hasNamedRest && index == names.count - 1
            return parameter(name, text, isRest ? rest : nil)
        }
    }

    /// Those of a binding are values of fields, or parts of one.
    static func all(of binding: HTTPBinding, _ schemas: inout MessageSchemas) -> [APIOperation.Parameter] {
        let pattern = binding.pattern
        var parameters: [APIOperation.Parameter] = []
        for (index, name) in pattern.wildcardNames.enumerated() {
            guard let variable = binding.variables.first(where: { $0.parts.contains { $0.takes(index) } }) else {
                parameters.append(parameter(name, text, "Any text."))
                continue
            }
            let isRest = pattern.hasNamedRest && index == pattern.wildcardNames.count - 1
            if variable.parts.count == 1, !isRest, let field = field(of: variable, binding.codec) {
                let note = variable.name.utf8.elementsEqual(name.utf8) ? nil : "The field `\(variable.name)`."
                let schema = field.type == .string ? text : schemas.value(field, binding.codec)
                parameters.append(parameter(name, schema, note))
                continue
            }
            let part =
                variable.parts.count == 1 ? "" : "Part of the field `\(variable.name)`: `\(shown(variable, pattern))`. "
            parameters.append(parameter(name, text, part + (isRest ? rest : "")))
        }
        return parameters
    }

    /// A segment is never empty.
    private static let text = ValueSchema.object(("type", .string("string")), ("minLength", .int(1)))

    private static let rest = """
        Any number of segments. The slashes between them are sent as they are, which OpenAPI has no way to say.
        """

    private static func parameter(_ name: String, _ schema: JSONValue, _ note: String?) -> APIOperation.Parameter {
        let note = note.map { $0.utf8.last == 0x20 ? String($0.dropLast()) : $0 }
        return APIOperation.Parameter(name: name, place: .path, schema: schema, description: note, isRequired: true)
    }

    private static func field(of variable: HTTPBinding.Variable, _ codec: MessageCodec) -> FieldDescriptor? {
        variable.field.steps.last.flatMap { codec.pool.messages[$0.message].field(numbered: $0.number) }
    }

    /// The value with the parameters in it: `shelves/{name}`.
    private static func shown(_ variable: HTTPBinding.Variable, _ pattern: RoutePattern) -> String {
        let names = pattern.wildcardNames
        func name(_ index: Int) -> String { names.indices.contains(index) ? "{\(names[index])}" : "" }
        return variable.parts.map { part in
            switch part {
            case .text(let bytes): String(decoding: bytes, as: UTF8.self)
            case .capture(let index): name(index)
            case .rest(let index): "/" + name(index)
            }
        }.joined()
    }
}

extension PathTemplate.Part {
    fileprivate func takes(_ capture: Int) -> Bool {
        switch self {
        case .text: false
        case .capture(let index), .rest(let index): index == capture
        }
    }
}
