extension JSONValue {
    /// Appends the value for people: two spaces a level, a member a line; a list of scalars stays on one.
    package func write(indentedTo writer: inout ByteWriter, level: Int = 0) {
        switch self {
        case .array(let elements) where elements.contains(where: \.isContainer):
            writer.append("[\n")
            for (index, element) in elements.enumerated() {
                if index > 0 { writer.append(",\n") }
                writer.append(Self.indent(level + 1))
                element.write(indentedTo: &writer, level: level + 1)
            }
            writer.append("\n\(Self.indent(level))]")
        case .array(let elements):
            writer.append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { writer.append(", ") }
                element.write(to: &writer)
            }
            writer.append("]")
        case .object(let members) where !members.isEmpty:
            writer.append("{\n")
            for (index, member) in members.enumerated() {
                if index > 0 { writer.append(",\n") }
                writer.append(Self.indent(level + 1))
                writer.append(jsonString: member.key)
                writer.append(": ")
                member.value.write(indentedTo: &writer, level: level + 1)
            }
            writer.append("\n\(Self.indent(level))}")
        default: write(to: &writer)
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    private static func indent(_ level: Int) -> String { String(repeating: "  ", count: level) }
}
