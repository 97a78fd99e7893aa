import Catalog
import Diagnostics
package import Manifests

/// Every key of the manifest, once for each meaning, with all the places where it may stand.
package struct KeyIndex: Sendable {
    /// A step on the way from the top of a manifest to a key.
    package enum Step: Hashable, Sendable {
        case key(String)
        /// A name that the user chooses: a service's, a pattern.
        case name
        /// One of a list; not where a value may stand alone in place of the list.
        case item
    }

    package struct Entry: Sendable {
        package let field: Schema.Field
        /// The section that it is a key of.
        package let section: Schema.Object
        /// From the top down, the key itself last. The first is where its section has its own name: `template.status`.
        package fileprivate(set) var places: [[Step]]

        /// The shortest way to say which key it is: `limits.idle`, `template.status`.
        package var title: String {
            // What a service and a route have needs no more than its own name.
            let scopes: [Step] = [.key("services"), .name, .key("routes")]
            let above = places[0].dropLast().drop { scopes.contains($0) }
            return KeyIndex.keys(above + places[0].suffix(1)).joined(separator: ".")
        }

        /// The sections that its value may be.
        package var sections: [Schema.Object] {
            var found: [Schema.Object] = []
            for object in field.schema.objects where !object.fields.isEmpty {
                if !found.contains(where: { $0.key == object.key }) { found.append(object) }
            }
            return found
        }
    }

    package private(set) var entries: [Entry] = []

    package static let shared = KeyIndex(ManifestRoot.schema)

    package init(_ root: Schema) {
        visit(root, [])
        for index in entries.indices {
            let own = Step.key(entries[index].section.key)
            let places = entries[index].places
            // The pages of errors are templates, which are at home elsewhere.
            func rank(_ place: [Step]) -> Int {
                place.dropLast().last == own ? 0 : place.dropLast().contains(.key("errors")) ? 2 : 1
            }
            entries[index].places = (0...2).flatMap { wanted in places.filter { rank($0) == wanted } }
        }
    }

    fileprivate static func keys(_ steps: some Sequence<Step>) -> [String] {
        steps.compactMap { if case .key(let key) = $0 { key } else { nil } }
    }

    private mutating func visit(_ schema: Schema, _ steps: [Step]) {
        switch schema {
        case .map(let value): visit(value, steps + [.name])
        case .array(let item): visit(item, steps + [.item])
        case .named(_, let inner), .within(_, _, let inner): visit(inner, steps)
        case .anyOf(let choices):
            let alone = choices.filter { if case .array = $0 { false } else { true } }
            let known = alone.flatMap { $0.objects.map(\.key) }
            for choice in choices {
                if case .array(let item) = choice, item.objects.allSatisfy({ known.contains($0.key) }) { continue }
                visit(choice, steps)
            }
        case .object(let object):
            for field in object.fields {
                let place = steps + [.key(field.name)]
                add(field, object, place)
                visit(field.schema, place)
            }
        case .any, .null, .boolean, .integer, .number, .text, .string, .choice, .integers, .off: break
        }
    }

    private mutating func add(_ field: Schema.Field, _ section: Schema.Object, _ place: [Step]) {
        let known = entries.firstIndex {
            $0.field.name == field.name && $0.field.doc == field.doc && $0.field.schema.inWords == field.schema.inWords
        }
        guard let known else { return entries.append(Entry(field: field, section: section, places: [place])) }
        if !entries[known].places.contains(place) { entries[known].places.append(place) }
    }

    // MARK: Finding

    /// The keys that a path from any section down names: `idle`, `limits.idle`, `services.web.prefix`.
    package func find(_ path: String) -> [Entry] {
        let words = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let found = entries.filter { $0.places.contains { Self.ends($0[...], with: words[...]) } }
        // A path that is given from the top names that one.
        let exact = found.filter { $0.places.contains { Self.keys($0) == words } }
        if words.count > 1, !exact.isEmpty { return exact }
        // What is called just that comes first.
        return found.filter { $0.title == path } + found.filter { $0.title != path }
    }

    private static func ends(_ steps: ArraySlice<Step>, with words: ArraySlice<String>) -> Bool {
        guard let word = words.last else { return true }
        switch steps.last {
        case nil: return false
        case .key(let key):
            return key.utf8.elementsEqual(word.utf8) && ends(steps.dropLast(), with: words.dropLast())
        case .item: return ends(steps.dropLast(), with: words)
        case .name:
            return ends(steps.dropLast(), with: words) || ends(steps.dropLast(), with: words.dropLast())
        }
    }
}
