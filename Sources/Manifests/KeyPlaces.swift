/// Which keys are known under which sections, so that a right word at a wrong level is told where it belongs.
package struct KeyPlaces: Sendable {
    private var places: [[UInt8]: [String]] = [:]
    /// Sections that stand apart, and those below them.
    private var apart: Set<String>

    /// Every key of a schema, from the root down.
    ///
    /// - Parameter apart: sections whose keys are not meant where others are expected, nor the other way around, such as
    ///   examples: what they send has a `path`, which a service has not.
    package init(_ root: Schema, apart: Set<String> = []) {
        self.apart = apart
        visit(root, isApart: false)
    }

    package init() { apart = [] }

    /// The places that decoding consults; set around it with `KeyPlaces.$known.withValue(…)`.
    @TaskLocal package static var known = KeyPlaces()

    package mutating func add(_ key: String, under parent: String) {
        let name = Array(key.utf8)
        if !(places[name] ?? []).contains(parent) { places[name, default: []].append(parent) }
    }

    /// The sections that have such a key, in the order of the manifest.
    package func parents(of key: String) -> [String] { places[Array(key.utf8)] ?? [] }

    /// Where a key that is not one of `section` belongs, in words; nil if it is known nowhere.
    package func help(for key: String, notUnder section: String) -> String? {
        // A section that is called `a service` is no key itself.
        let parents = parents(of: key)
            .filter { $0 != section && apart.contains($0) == apart.contains(section) }
            .map { $0.contains(" ") ? $0 : "`\($0)`" }
        // A word of so many sections says nothing of where this one belongs.
        guard let last = parents.last, parents.count <= 3 else { return nil }
        let first = parents.dropLast().joined(separator: ", ")
        return "`\(key)` belongs under " + (first.isEmpty ? last : first + " or " + last)
    }

    private mutating func visit(_ schema: Schema, isApart: Bool) {
        switch schema {
        case .array(let inner), .map(let inner), .named(_, let inner), .within(_, _, let inner):
            visit(inner, isApart: isApart)
        case .anyOf(let choices):
            for choice in choices { visit(choice, isApart: isApart) }
        case .object(let object):
            if isApart { apart.insert(object.key) }
            for field in object.fields {
                add(field.name, under: object.key)
                visit(field.schema, isApart: apart.contains(object.key))
            }
        case .any, .null, .boolean, .integer, .number, .text, .string, .choice, .integers, .off: break
        }
    }
}
