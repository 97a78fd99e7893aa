import JSON
import Pipeline
import Protobuf

/// The parameters that a query of one binding can have: the fields of the request's message that are not in the path or in
/// the body, those of messages within it by their path, `shelf.theme`.
struct QueryParameters {
    private let binding: HTTPBinding
    private let taken: [[Int32]]
    private var found: [APIOperation.Parameter] = []

    /// Fields below are read too, but a description with all paths through messages that name each other would have no end.
    private static let maximumDepth = 4

    static func all(of binding: HTTPBinding, _ schemas: inout MessageSchemas) -> [APIOperation.Parameter] {
        switch binding.body {
        case .whole, .raw: return []
        case .none, .field, .rawField: break
        }
        var parameters = QueryParameters(binding: binding)
        parameters.add(fieldsOf: binding.input, [], around: [], &schemas)
        return parameters.found
    }

    private init(binding: HTTPBinding) {
        self.binding = binding
        taken =
            binding.variables.map { $0.field.steps.map(\.number) } + (binding.body.field.map { [[$0.number]] } ?? [])
    }

    private mutating func add(
        fieldsOf type: Int, _ path: [FieldDescriptor], around: Set<Int>, _ schemas: inout MessageSchemas
    ) {
        let pool = binding.codec.pool
        let message = pool.messages[type]
        for field in message.fields {
            let path = path + [field]
            guard !taken.contains(path.map(\.number)) else { continue }
            if case .message(let inner) = field.reference, !field.isRepeated, WellKnown.name(inner, pool) == nil {
                guard path.count < Self.maximumDepth, inner != type, !around.contains(inner) else { continue }
                add(fieldsOf: inner, path, around: around.union([type]), &schemas)
                continue
            }
            let names = path.map { Array($0.jsonName.utf8) }
            guard (try? FieldPath(names, in: binding.input, binding.codec)) != nil else { continue }
            let value = schemas.value(field, binding.codec)
            found.append(
                APIOperation.Parameter(
                    name: path.map(\.jsonName).joined(separator: "."), place: .query,
                    schema: field.isRepeated ? ValueSchema.list(of: value) : value,
                    description: note(of: field, in: message), isRequired: field.isRequired && path.count == 1,
                    isList: field.isRepeated))
        }
    }

    private func note(of field: FieldDescriptor, in message: MessageDescriptor) -> String? {
        guard let index = field.oneof, message.oneofs.indices.contains(index) else { return nil }
        let oneof = message.oneofs[index]
        guard !oneof.isSynthetic, oneof.fields.count > 1 else { return nil }
        return "At most one of \(MessageShape.inWords(oneof.fields.map { message.fields[$0].jsonName })) is there."
    }
}
