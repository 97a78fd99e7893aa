import CEL
import Catalog
import Diagnostics
import Manifests
import Pipeline

/// The pages of docs/reference, by file name.
package enum ReferencePages {
    package static var all: [(name: String, text: String)] {
        [
            ("manifest.md", manifest), ("middleware.md", middleware), ("rules.md", rules),
            ("expressions.md", expressions),
        ]
    }

    // MARK: Sections

    /// The sections in the order of the manifest, each with the key that it is first under.
    static func sections(ofMiddleware: Bool) -> [(section: Schema.Object, entry: KeyIndex.Entry?)] {
        let entries = KeyIndex.shared.entries.filter { entry in
            (entry.places.first?.dropLast().contains(.key("middleware")) == true) == ofMiddleware
        }
        var found: [(section: Schema.Object, entry: KeyIndex.Entry?)] = []
        for entry in entries {
            for section in entry.sections where section.key != "middleware" {
                // Where it has its own name is where it is at home.
                let isElsewhere = entry.field.name != section.key && entries.contains { $0.field.name == section.key }
                let isKnown = found.contains { $0.section.key == section.key }
                if !isKnown, !isElsewhere { found.append((section, entry)) }
            }
        }
        return found
    }

    static var kinds: [Schema.Kind] {
        var found: [Schema.Kind] = []
        for kind in KeyIndex.shared.entries.flatMap({ KeyFacts.kinds($0.field.schema) })
        where !found.contains(where: { $0.name == kind.name }) { found.append(kind) }
        return found
    }

    static let values = """
        YAML is 1.2: `yes`, `no`, `on` and `off` are texts. A key with nothing after it means the defaults of its section. \
        `$schema` and keys that start with `x-` are ignored anywhere; any other key that is not known is a mistake.
        """

    // MARK: Pages

    private static var manifest: String {
        var page = Markdown("The manifest, key by key")
        page.paragraph(
            "`radicled explain KEY` tells the same in a terminal, and `radicled schema` tells it to editors. "
                + "Middleware has [a page of its own](middleware.md), and so have [expressions](expressions.md) and "
                + "[the rules of lint](rules.md).")
        page.paragraph(values)
        page.heading(2, "Values")
        page.table(
            ["kind", "how it is written", "examples"],
            kinds.map { [$0.name, $0.doc, $0.examples.map { "`\($0)`" }.joined(separator: ", ")] })
        page.heading(2, "Top level")
        if case .object(let root) = ManifestRoot.schema { page.keys(root) }
        for (section, entry) in sections(ofMiddleware: false) { Self.section(section, entry, to: &page) }
        return page.text
    }

    private static func section(_ section: Schema.Object, _ entry: KeyIndex.Entry?, to page: inout Markdown) {
        page.heading(2, section.key.contains(" ") ? section.key.capitalizedFirst : "`\(section.key)`")
        page.paragraph(section.doc)
        guard let entry else { return page.keys(section) }
        let facts = KeyFacts(entry).all
        page.blank()
        for (word, meaning) in facts where word == "where" || word == "short" {
            page.item("\(word == "short" ? "short form" : word): \(meaning)")
        }
        page.keys(section)
        if let manifest = ExampleManifest.text(entry) { page.code(manifest, "yaml") }
    }

    private static var middleware: String {
        var page = Markdown("Middleware")
        page.paragraph(
            "Settings that hold for every route, for those of a service, or for one: a deeper scope overrides key by key, "
                + "and `off` (or `false`) switches one off. `radicled routes FILE` shows what each route has.")
        page.heading(2, "The order")
        page.paragraph("A request passes them from the first to the last, its answer from the last to the first.")
        page.table(
            ["", "middleware", "without being mentioned", "why there"],
            Entries.middleware.enumerated().map { index, entry in
                [
                    "\(index + 1)", "[`\(entry.name)`](#\(entry.name))", entry.isOnByDefault ? "on" : "off",
                    entry.reason,
                ]
            })
        let inner = sections(ofMiddleware: true)
        for key in KeyIndex.shared.entries where key.section.key == "middleware" {
            page.heading(2, "`\(key.field.name)`")
            page.paragraph(key.field.doc)
            page.blank()
            for (word, meaning) in KeyFacts(key).all where ["takes", "default", "short"].contains(word) {
                page.item("\(word == "short" ? "short form" : word): \(meaning)")
            }
            for section in key.sections { page.keys(section) }
            for (section, entry) in inner where entry.map({ Self.isBelow($0, key.field.name) }) == true {
                page.heading(3, KeyFacts.named(section.key).capitalizedFirst)
                page.paragraph(section.doc)
                page.keys(section)
            }
            if let manifest = ExampleManifest.text(key) { page.code(manifest, "yaml") }
        }
        return page.text
    }

    private static func isBelow(_ entry: KeyIndex.Entry, _ middleware: String) -> Bool {
        entry.places.first?.dropLast().contains(.key(middleware)) == true
    }

    private static var rules: String {
        var page = Markdown("The rules of lint")
        page.paragraph(
            "Every mistake that `radicled lint` finds has the id of a rule. `radicled explain RULE` tells the same in a "
                + "terminal. Rules whose names begin with `proto-` are of `.proto` files.")
        page.table(
            ["rule", "level", "what"],
            Rules.all.map { ["[`\($0.id)`](#\($0.id))", $0.level.rawValue, $0.summary] })
        for rule in Rules.all {
            page.heading(2, "`\(rule.id)`")
            page.paragraph(rule.summary.capitalizedFirst + ". " + rule.explanation)
            page.code(rule.shortBad, rule.language)
            page.code(rule.toldOfBad.trimmedAtEnd, "text")
            page.paragraph("Better:")
            page.code(rule.good, rule.language)
        }
        return page.text
    }

    private static var expressions: String {
        var page = Markdown("Expressions")
        page.paragraph(
            "Expressions are written in CEL, the Common Expression Language: in `{{ }}` inside templates, and bare under "
                + "keys that take an expression. Names and types are checked when the manifest is loaded. Text and numbers "
                + "do not mix by themselves: `int(query.n) + 1`. `a.?b` and `a[?\"b\"]` are for what may be missing, with "
                + "`orValue(…)` for what holds then.")
        page.heading(2, "Names")
        page.table(["name", "type", "what"], nameRows)
        page.heading(2, "Functions")
        page.table(["function", "what"], functionRows(isMethod: false))
        page.heading(2, "Called on a value")
        page.table(["function", "what"], functionRows(isMethod: true))
        return page.text
    }

    static var nameRows: [[String]] { ExpressionReference.names.map { ["`\($0.title)`", $0.type, $0.doc] } }

    static func functionRows(isMethod: Bool) -> [[String]] {
        FunctionReference.all.filter { $0.isMethod == isMethod }.map { entry in
            [entry.forms.map { "`\($0)`" }.joined(separator: "<br>"), entry.doc]
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == "\n" { text.removeLast() }
        return text
    }
}
