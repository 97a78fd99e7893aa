import Catalog
package import Diagnostics
import Manifests

/// A stage of a route's chain: its settings, and where each was written.
package struct StageSummary: Sendable {
    /// Who says so, the deepest scope first.
    package enum Origin: String, Sendable {
        case route
        case service
        case root
        /// Nobody: it is what holds without a word.
        case standard = "default"
    }

    package struct Setting: Sendable {
        /// The key within the section; empty where the whole section is one value.
        package let key: String
        /// On one line, as a manifest says it; a `${…}` as it was written.
        package let value: String
        package let origin: Origin
        /// Nil for a default.
        package let place: SourceRange?
    }

    package let name: String
    /// With a word on policies that are on trial: `timeout(shadow)`.
    package let shownName: String
    /// Which of the stages that a request asks to be let in it is; nil if it is not asked.
    package internal(set) var turn: Int?
    private let source: Source

    /// What it is made of. Settings are looked for when somebody wants to see them: a start wants none.
    private enum Source: Sendable {
        case section(MiddlewareEntry, Node?, SettingScopes)
        /// A key of the route.
        case key(Node.Entry?)
    }

    init(_ entry: MiddlewareEntry, _ made: PlacedStage, settings node: Node?, _ scopes: SettingScopes) {
        name = entry.name
        shownName = made.name
        source = .section(entry, node, scopes)
    }

    /// A stage that a key of the route stands for.
    init(key: String, of route: Node?) {
        name = key
        shownName = key
        source = .key(route?.entry(key))
    }

    /// The key that need not be said.
    package var shortKey: String? {
        if case .section(let entry, _, _) = source { entry.shortKey } else { nil }
    }

    /// The deepest scope that says something of it.
    package var origin: Origin {
        switch source {
        case .section(let entry, _, let scopes): scopes.places(entry.name).first?.origin ?? .standard
        case .key: .route
        }
    }

    /// Where that scope says so.
    package var place: SourceRange? {
        switch source {
        case .section(let entry, _, let scopes): scopes.places(entry.name).first?.place
        case .key(let entry): entry?.key.range
        }
    }

    /// Secrets are hidden.
    package var settings: [Setting] {
        switch source {
        case .section(let entry, let node, let scopes): Self.settings(entry, node, scopes, deepest: origin)
        // Cases are told of one by one.
        case .key(let entry) where name == "cases" || entry == nil: []
        case .key(let entry):
            entry.map { [Setting(key: "", value: $0.value.shown, origin: .route, place: $0.value.range)] } ?? []
        }
    }

    private static func settings(
        _ entry: MiddlewareEntry, _ node: Node?, _ scopes: SettingScopes, deepest: Origin
    ) -> [Setting] {
        var settings: [Setting] = []
        func add(_ key: String, _ value: Node, _ shown: Node) {
            // Aliases apart, a value stands in one scope.
            let origin = scopes.origin(of: value, in: entry.name) ?? deepest
            settings.append(Setting(key: key, value: shown.shown, origin: origin, place: value.range))
        }
        let open = node?.withoutSecrets(entry.schema)
        if let entries = node?.entries, let shown = open?.entries {
            for (entry, shown) in zip(entries, shown) where !entry.isExtension {
                add(entry.name, entry.value, shown.value)
            }
        } else if let node, let open, !node.isNull {
            add(entry.shortKey ?? "", node, open)
        }
        return settings + defaults(entry, beside: settings)
    }

    /// What holds beside what is written.
    private static func defaults(_ entry: MiddlewareEntry, beside settings: [Setting]) -> [Setting] {
        guard let standard = entry.standard.entries else {
            guard settings.isEmpty else { return [] }
            return [Setting(key: "", value: entry.standard.shown, origin: .standard, place: nil)]
        }
        return standard.compactMap { member in
            let isSaid = settings.contains { $0.key.utf8.elementsEqual(member.name.utf8) }
            let isEmpty = member.value.isNull || member.value.entries?.isEmpty == true || member.value.isNothingBelow
            if isSaid || isEmpty || member.value.items?.isEmpty == true { return nil }
            return Setting(key: member.name, value: member.value.shown, origin: .standard, place: nil)
        }
    }
}

extension Node {
    /// Maps of nothing but empty maps and lists say nothing.
    fileprivate var isNothingBelow: Bool {
        guard let entries else { return items?.isEmpty == true }
        return entries.allSatisfy(\.value.isNothingBelow)
    }
}

/// The `middleware` maps around a route, as each scope has it.
struct SettingScopes {
    let root: Node?
    let service: Node?
    let route: Node?

    private var all: [(StageSummary.Origin, Node)] {
        [(.route, route), (.service, service), (.root, root)].compactMap { origin, node in node.map { (origin, $0) } }
    }

    /// Where scopes speak of a middleware, the deepest first.
    func places(_ name: String) -> [(origin: StageSummary.Origin, place: SourceRange)] {
        all.compactMap { origin, node in node.entry(name).map { (origin, $0.key.range) } }
    }

    /// The scope that a value of a middleware comes from: laying scopes over each other keeps the values themselves.
    func origin(of value: Node, in name: String) -> StageSummary.Origin? {
        all.first { _, node in
            guard let section = node[name] else { return false }
            return section === value || section.entries?.contains { $0.value === value } == true
        }?.0
    }
}
