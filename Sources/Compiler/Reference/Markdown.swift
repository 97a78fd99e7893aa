import Manifests

/// A page of docs/reference.
struct Markdown {
    private(set) var text: String

    init(_ title: String) {
        text = "# \(title)\n\n<!-- Generated from the program by `make reference`: change it there. -->\n"
    }

    mutating func heading(_ level: Int, _ words: String) {
        text += "\n\(String(repeating: "#", count: level)) \(words)\n"
    }

    mutating func paragraph(_ prose: String) {
        text += "\n" + PlainText.wrapped(prose, width: 120).joined(separator: "\n") + "\n"
    }

    mutating func item(_ prose: String) { text += "- \(prose)\n" }

    mutating func blank() { text += "\n" }

    mutating func code(_ block: String, _ language: String) {
        let end = block.hasSuffix("\n") ? "" : "\n"
        text += "\n```\(language)\n\(block)\(end)```\n"
    }

    mutating func table(_ head: [String], _ rows: [[String]]) {
        guard !rows.isEmpty else { return }
        text += "\n| " + head.joined(separator: " | ") + " |\n"
        text += "|" + String(repeating: "---|", count: head.count) + "\n"
        for row in rows { text += "| " + row.map(Self.cell).joined(separator: " | ") + " |\n" }
    }

    /// A bar would end the cell, in code too.
    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    /// The keys of a section.
    mutating func keys(_ section: Schema.Object) {
        table(
            ["key", "what", "takes", "default", "example"],
            section.fields.map { field in
                [
                    "`\(field.name)`", field.doc, field.schema.inWords,
                    field.required ? "required" : field.standard.map { "`\($0.shown)`" } ?? "",
                    field.example.map { "`\($0)`" } ?? "",
                ]
            })
    }
}
