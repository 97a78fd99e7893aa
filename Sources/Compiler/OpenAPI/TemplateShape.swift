import CEL
import Diagnostics
import JSON
import Manifests

/// What can be told of the JSON that a template gives: the types of what stands in it. Of a hole alone nothing is told.
enum TemplateShape {
    static func schema(of node: Node) -> JSONValue {
        switch node.content {
        case .scalar(let scalar): schema(of: scalar)
        case .sequence(let items): list(items.map { schema(of: $0) })
        case .mapping(let entries): object(entries)
        }
    }

    private static func schema(of scalar: Scalar) -> JSONValue {
        switch scalar.value {
        case .null: ValueSchema.type("null")
        case .bool: ValueSchema.type("boolean")
        case .int: ValueSchema.type("integer")
        // NaN and the infinities are written as null.
        case .float(let value): value.isFinite ? ValueSchema.type("number") : ValueSchema.type("null")
        case .string: isHole(scalar) ? .object([]) : ValueSchema.type("string")
        }
    }

    private static func list(_ items: [JSONValue]) -> JSONValue {
        var kinds: [JSONValue] = []
        for item in items where !kinds.contains(item) { kinds.append(item) }
        guard let first = kinds.first, !kinds.contains(.object([])) else { return ValueSchema.type("array") }
        return ValueSchema.list(of: kinds.count == 1 ? first : ValueSchema.object(("anyOf", .array(kinds))))
    }

    /// A member that is one hole is left out where that is an empty optional.
    private static func object(_ entries: [Node.Entry]) -> JSONValue {
        let sure = entries.filter { $0.value.scalar.map { !isHole($0) } ?? true }.map(\.name)
        var members: [(key: String, value: JSONValue)] = [("type", .string("object"))]
        if !entries.isEmpty {
            members.append(("properties", .object(entries.map { ($0.name, schema(of: $0.value)) })))
        }
        if !sure.isEmpty { members.append(("required", ValueSchema.words(sure))) }
        return .object(members)
    }

    private static func isHole(_ scalar: Scalar) -> Bool {
        guard scalar.value == .string else { return false }
        var unheard = Findings()
        return Template.parse(scalar.text, &unheard)?.single != nil
    }
}
