import Catalog
import Diagnostics
import Manifests

/// man/radicled.yaml.5, in mdoc.
package enum ManualPage {
    package static var text: String {
        var page = Roff()
        page.raw(
            """
            .\\" Generated from the program by `make reference`: change it there.
            .Dd November 24, 2026
            .Dt RADICLED.YAML 5
            .Os
            .Sh NAME
            .Nm radicled.yaml
            .Nd manifest of
            .Xr radicled 1
            .Sh DESCRIPTION
            """)
        page.prose("A manifest says what `radicled` serves, and how. " + ReferencePages.values)
        page.raw(".Pp\nThis is one:")
        page.literal(Self.sample)
        page.raw(".Ss Values\n.Bl -tag -width Ds")
        for kind in ReferencePages.kinds {
            page.raw(".It \(kind.name)")
            page.prose(kind.doc)
        }
        page.raw(".El")
        page.raw(".Sh TOP LEVEL")
        if case .object(let root) = ManifestRoot.schema { keys(root, to: &page) }
        page.raw(".Sh SECTIONS")
        for (section, entry) in ReferencePages.sections(ofMiddleware: false) { write(section, entry, to: &page) }
        page.raw(".Sh MIDDLEWARE")
        page.prose(MiddlewareMap.doc)
        page.raw(".Pp\nIn this order:")
        page.raw(".Bl -tag -width Ds")
        for key in KeyIndex.shared.entries where key.section.key == "middleware" { item(key.field, to: &page) }
        page.raw(".El")
        for (section, entry) in ReferencePages.sections(ofMiddleware: true) { write(section, entry, to: &page) }
        page.raw(".Sh EXPRESSIONS")
        page.prose("Expressions are written in CEL, the Common Expression Language. They see:")
        page.raw(".Bl -tag -width Ds")
        for row in ReferencePages.nameRows {
            page.raw(".It Cm \(Roff.escaped(row[0].replacing("`", with: ""))) No (\(row[1]))")
            page.prose(row[2])
        }
        page.raw(".El\n.Pp\nThe functions are in docs/reference/expressions.md.")
        page.raw(".Sh SEE ALSO\n.Xr radicled 1")
        page.raw(
            ".Pp\n.Dl radicled explain KEY\ntells all about a key, and\n.Dl radicled explain RULE\nabout a rule of lint."
        )
        return page.text
    }

    private static let sample = """
        radicle: 1
        name: greeter
        listen: 127.0.0.1:8080
        middleware: { timeout: 2s }
        services:
          web:
            routes:
              GET /hello/{name}:
                template: { json: { message: "Hello {{ path.name }}" } }
        """

    private static func write(_ section: Schema.Object, _ entry: KeyIndex.Entry?, to page: inout Roff) {
        page.raw(".Ss \(Roff.escaped(section.key))")
        page.prose(section.doc)
        if let entry {
            for (word, meaning) in KeyFacts(entry).all where word == "where" || word == "short" {
                page.raw(".Pp")
                page.prose(word == "where" ? "It stands at \(meaning)." : "Its short form: \(meaning).")
            }
        }
        keys(section, to: &page)
    }

    private static func keys(_ section: Schema.Object, to page: inout Roff) {
        page.raw(".Bl -tag -width Ds")
        for field in section.fields { item(field, to: &page) }
        page.raw(".El")
    }

    private static func item(_ field: Schema.Field, to page: inout Roff) {
        page.raw(".It Cm \(field.name) No (\(Roff.escaped(field.schema.inWords.replacing("`", with: ""))))")
        page.prose(field.doc)
        if field.required { page.prose("Required.") }
        if let standard = field.standard { page.prose("The default is `\(standard.shown)`.") }
    }
}

/// Text for troff: nothing in it is taken for a request or an escape.
private struct Roff {
    private(set) var text = ""

    mutating func raw(_ lines: String) { text += lines + "\n" }

    /// Sentence by sentence, with what is in backticks in bold.
    mutating func prose(_ prose: String) {
        for line in PlainText.wrapped(prose.replacing("\n", with: " "), width: 78) { text += Self.line(line) + "\n" }
    }

    mutating func literal(_ block: String) {
        raw(".Bd -literal -offset indent")
        for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
            raw(Self.guarded(Self.escaped(String(line))))
        }
        raw(".Ed")
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("…", with: "...")
            .replacing("→", with: "\\(->")
    }

    private static func line(_ line: String) -> String {
        let parts = escaped(line).split(separator: "`", omittingEmptySubsequences: false)
        return guarded(parts.enumerated().map { $0.isMultiple(of: 2) ? String($1) : "\\fB\($1)\\fR" }.joined())
    }

    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }
}
