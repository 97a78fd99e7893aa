/// What the reference says of the functions and macros that expressions can call.
package enum FunctionReference {
    package struct Entry: Sendable {
        package let name: String
        /// Called on a value: `x.trim()`.
        package let isMethod: Bool
        /// Each way to call it, with the type of what it gives: `size(string) → int`.
        package let forms: [String]
        /// One plain sentence.
        package let doc: String
    }

    /// Functions first, then what is called on a value, each by name.
    package static let all: [Entry] = entries(.function) + entries(.method)

    private static func entries(_ style: Function.Style) -> [Entry] {
        FunctionTable.names(style).map { name in
            let forms: [String]
            if let function = FunctionTable.function(name, style) {
                forms = Self.forms(function)
            } else {
                forms = [FunctionTable.macroUsage(name).replacing("write ", with: "").replacing(" or ", with: "; ")]
            }
            return Entry(
                name: name, isMethod: style == .method, forms: forms, doc: FunctionDocs.doc(name, style) ?? "")
        }
    }

    /// Overloads that differ in one type and give the same are one form.
    private static func forms(_ function: Function) -> [String] {
        var groups: [(result: String, rows: [[[String]]])] = []
        for overload in function.overloads {
            let result = overload.result(overload.parameters)?.description ?? "dyn"
            let row = overload.parameters.map { [$0.description] }
            if let at = groups.firstIndex(where: { $0.result == result }) {
                groups[at].rows.append(row)
            } else {
                groups.append((result, [row]))
            }
        }
        return groups.flatMap { group in
            Function.merged(group.rows).map { row in
                "\(function.written(row.map { $0.joined(separator: "|") })) → \(group.result)"
            }
        }
    }
}
