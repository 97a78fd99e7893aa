package import Diagnostics
package import Manifests

/// `middleware`: settings by name, at the root, on a service or on a route; deeper scopes override key by key.
package struct MiddlewareMap: ManifestValue {
    /// What was written, for laying scopes over each other; nil where there is nothing.
    package var node: Node?

    package init() {}

    package static let doc = "Middleware settings; a deeper scope overrides key by key, and `off` switches one off."
    package static var takesNull: Bool { true }
    package static var schema: Schema {
        .object(
            Schema.Object(
                key: "middleware", doc: doc,
                fields: Entries.middleware.map { entry in
                    Schema.Field(
                        name: entry.name, doc: entry.doc, required: false,
                        schema: .anyOf([entry.schema, .off, .null]), example: entry.example,
                        standard: entry.isOnByDefault ? entry.standard : Node(plain: "off"))
                }, short: nil))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> MiddlewareMap? {
        var map = MiddlewareMap()
        if node.isNull { return map }
        guard let entries = node.entries else {
            let name = node.items?.first?.scalar?.text.string
            findings.wrongType(
                node, expected: "a map of middleware settings",
                help: name.flatMap { Entries.middleware(named: $0) }.map {
                    "write `\($0.name): {}` below it: it is a map, not a list"
                })
            return nil
        }
        for entry in entries where !entry.isExtension {
            guard let known = Entries.middleware(named: entry.name) else {
                reportUnknown(entry, &findings)
                continue
            }
            guard !entry.value.isOff, !reportSwitch(entry, &findings) else { continue }
            let before = findings.count
            known.check(entry.value, &findings)
            if let example = known.example {
                findings.amendWrongTypes(since: before, of: entry.value, help: "as in `\(known.name): \(example)`")
            }
        }
        map.node = node
        return map
    }

    /// Words by which people switch things on and off.
    private static func reportSwitch(_ entry: Node.Entry, _ findings: inout Findings) -> Bool {
        guard let scalar = entry.value.scalar else { return false }
        switch scalar.text.string.lowercased() {
        case "true", "yes", "on", "enabled", "default":
            findings.wrongType(
                entry.value, expected: "a map of settings", help: "write `{}` for the defaults", suggestion: "{}")
        case "no", "none", "never", "disabled", "unlimited", "infinite", "infinity":
            findings.wrongType(
                entry.value, expected: usual(entry.name) + "settings or `off`", help: "write `off` to switch it off",
                suggestion: "off")
        default: return false
        }
        return true
    }

    /// What the short form of a middleware is, to be named before its settings.
    private static func usual(_ name: String) -> String {
        switch name {
        case Timeout.key: "a duration, "
        case BodyLimit.key: "a size, "
        case RateLimit.key: "a rate, "
        default: ""
        }
    }

    private static func reportUnknown(_ entry: Node.Entry, _ findings: inout Findings) {
        let names = Entries.middleware.map(\.name)
        let elsewhere = KeyPlaces.known.help(for: entry.name, notUnder: "middleware")
        let nearest = elsewhere == nil ? Suggest.nearest(entry.name, among: names) : nil
        let help =
            elsewhere ?? nearest.map { "did you mean `\($0)`?" }
            ?? "the keys of middleware are " + names.map { "`\($0)`" }.joined(separator: ", ")
        findings.report(
            ManifestRules.unknownKey, "unknown key `\(entry.key.shortText)`", at: entry.key.range,
            label: "not a key of middleware", help: help, suggestion: nearest)
    }

    package func written() -> Node { node ?? Node(map: []) }

    /// This scope over a wider one.
    package func laid(over wider: Node?) -> Node? {
        guard let node, !node.isNull else { return wider }
        guard let wider else { return node }
        return node.laid(
            over: wider, depth: 2, shorts: { Entries.middleware(named: $0)?.shortKey },
            rivals: { Entries.middleware(named: $0)?.alternatives ?? [] },
            depths: { Entries.middleware(named: $0)?.depth ?? 2 })
    }
}
