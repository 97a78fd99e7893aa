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
        var groups: [(parameters: [[String]], result: String)] = []
        for overload in function.overloads {
            let result = overload.result(overload.parameters)?.description ?? "dyn"
            let parameters = overload.parameters.map(\.description)
            let at = groups.firstIndex { group in
                group.result == result && group.parameters.count == parameters.count
                    && zip(group.parameters, parameters).count { $0 != [$1] } == 1
            }
            guard let at else {
                groups.append((parameters.map { [$0] }, result))
                continue
            }
            for (place, type) in parameters.enumerated() where !groups[at].parameters[place].contains(type) {
                groups[at].parameters[place].append(type)
            }
        }
        return groups.map { group in
            let types = group.parameters.map { $0.joined(separator: "|") }
            let arguments = function.style == .method ? types.dropFirst() : types[...]
            let target = function.style == .method ? types.first.map { "\($0)." } ?? "" : ""
            return "\(target)\(function.name)(\(arguments.joined(separator: ", "))) → \(group.result)"
        }
    }
}
