import CEL
import Catalog
import Pipeline

/// The names that expressions see and the functions that they call, for the reference and for `explain`.
package enum ExpressionReference {
    package struct Name: Sendable {
        /// How it is written: `request.method`, `headers["NAME"]`, `variables.NAME`.
        package let title: String
        package let type: String
        package let doc: String
        let root: String
        /// Nil where users choose the names.
        let field: String?

        /// What a person asks for.
        var word: String { field.map { "\(root).\($0)" } ?? root }
    }

    package static let names: [Name] = {
        let everything = Names.route(wildcards: ["NAME"], isError: true, isMessage: true, hasResponse: true)
        return everything.roots.flatMap { root -> [Name] in
            func open(_ title: String, _ type: ValueType) -> [Name] {
                [Name(title: title, type: "\(type)", doc: NameDocs.doc(root.name) ?? "", root: root.name, field: nil)]
            }
            guard case .closed(let fields) = root.fields, !fields.isEmpty, root.name != "path" else {
                let name = root.lowerCaseNames ? "\(root.name)[\"NAME\"]" : "\(root.name).NAME"
                if case .open(let type, _) = root.fields { return open(name, type) }
                // The user's own names.
                if case .map(_, let type) = root.type, root.name != "body" { return open(name, type) }
                return open(root.name, root.type)
            }
            return fields.map { field in
                Name(
                    title: "\(root.name).\(field.name)", type: "\(field.type)",
                    doc: NameDocs.doc(root.name, field.name) ?? "", root: root.name, field: field.name)
            }
        }
    }()

    /// The names that a word means: one, or all of a root.
    static func names(_ word: String) -> [Name] {
        let exact = names.filter { $0.word.utf8.elementsEqual(word.utf8) || $0.title.utf8.elementsEqual(word.utf8) }
        return exact.isEmpty ? names.filter { $0.root.utf8.elementsEqual(word.utf8) } : exact
    }

    /// The functions that a word means; behind it may stand the parentheses of a call.
    static func functions(_ word: String) -> [FunctionReference.Entry] {
        let name = word.hasSuffix("()") ? String(word.dropLast(2)) : word
        return FunctionReference.all.filter { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// Every word that `explain` takes.
    static var words: [String] { names.map(\.word) + names.map(\.root) + FunctionReference.all.map(\.name) }
}

/// What `explain` says of a name or a function.
enum ExpressionExplanation {
    /// - Returns: false if the word is neither.
    static func write(_ word: String, to out: inout PlainText) -> Bool {
        let names = ExpressionReference.names(word)
        let functions = ExpressionReference.functions(word)
        if names.count == 1, let name = names.first {
            out.heading(name.title)
            out.paragraph(name.doc)
            out.blank()
            out.term("where", "a name in expressions", column: 11)
            out.term("type", name.type, column: 11)
        } else if let root = names.first?.root {
            out.heading(root)
            out.paragraph(NameDocs.doc(root) ?? "")
            out.blank()
            out.term("where", "a name in expressions", column: 11)
            out.blank()
            let column = (names.map(\.title.count).max() ?? 0) + 3
            for name in names { out.term(name.title, "\(name.type): \(name.doc)", column: column, indent: 4) }
        }
        for (index, function) in functions.enumerated() {
            if index > 0 || !names.isEmpty { out.blank() }
            out.heading(function.name)
            out.paragraph(function.doc)
            out.blank()
            out.term(
                "where", "a function in expressions" + (function.isMethod ? ", called on a value" : ""), column: 11)
            for (index, form) in function.forms.enumerated() {
                out.term(index == 0 ? "written" : "", form, column: 11)
            }
        }
        return !names.isEmpty || !functions.isEmpty
    }
}
