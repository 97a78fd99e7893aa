package import Diagnostics
package import Manifests
package import Pipeline

/// A key under `middleware`: its settings, and the stage that they make.
package protocol MiddlewareSection: ManifestValue {
    /// The key.
    static var name: String { get }
    /// The key within the section that a short form sets.
    static var shortKey: String? { get }
    static var doc: String { get }
    /// Keys of which one stands in for the others: a scope that says one takes back what a wider one says by another.
    static var alternatives: [String] { get }
    /// The defaults.
    init()
    /// The stage for one route, or nil if there is nothing to do.
    func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)?
    /// The stages for one route where there are several, or where what they read says where they stand.
    ///
    /// - Parameter place: where they stand if nothing says otherwise.
    func stages(
        _ scope: CompileScope, at place: MiddlewareEntry.Place, _ findings: inout Findings
    ) -> [PlacedStage]
}

extension MiddlewareSection {
    package static var alternatives: [String] { [] }

    package func stages(
        _ scope: CompileScope, at place: MiddlewareEntry.Place, _ findings: inout Findings
    ) -> [PlacedStage] {
        [PlacedStage(name: Self.name, stage: stage(scope, &findings), place: place)]
    }
}

/// A stage and where it stands.
package struct PlacedStage {
    /// As `routes` names it.
    package let name: String
    /// Nil where there is nothing to do, or, in a dry run, nowhere to write to.
    package let stage: (any Middleware)?
    package let place: MiddlewareEntry.Place
}

extension MiddlewareSection where Self: ManifestSection {
    package static var name: String { key }
    package static var shortKey: String? { short }
}

/// A middleware in its place in the order.
package struct MiddlewareEntry: Sendable {
    package let name: String
    package let shortKey: String?
    package let alternatives: [String]
    package let doc: String
    /// Without the keys that must be there: a scope may leave out what a wider one says.
    package let schema: Schema
    /// The defaults, as a manifest would write them.
    package let standard: Node
    package let isOnByDefault: Bool
    /// When in the life of an exchange it is asked, unless what it reads says otherwise.
    package let place: Place
    /// How many levels of maps a deeper scope is laid over a wider one by: 2 replaces a key of the section, 3 a name in a
    /// map of it.
    package let depth: Int
    /// Why it stands where it does; `routes` and the reference show it.
    package let reason: String
    /// Reports what is wrong with a value.
    package let check: @Sendable (Node, inout Findings) -> Void
    /// The stages that a value makes, each with its `when` and its `mode`; no value is the defaults. The scope's place is
    /// that of the section.
    package let stages: @Sendable (Node?, CompileScope, inout Findings) -> [PlacedStage]

    /// A value as a manifest would say it.
    package var example: String? {
        guard let section = schema.objects.first else {
            if case .named(let kind, _) = schema { return kind.examples.first }
            return nil
        }
        if let short = section.fields.first(where: { $0.name == section.shortKey })?.example { return short }
        let field = section.fields.first { $0.example != nil }
        return field.flatMap { field in field.example.map { "{ \(field.name): \($0) }" } }
    }

    package enum Place: Sendable, Equatable {
        /// Sees every call, also one whose head could not be read.
        case observer
        case beforeBody
        case afterBody
    }

    package init<Section: MiddlewareSection>(
        _ section: Section.Type, isOnByDefault: Bool, place: Place, depth: Int = 2, reason: String
    ) {
        self.name = section.name
        self.shortKey = section.shortKey
        self.alternatives = section.alternatives
        self.doc = section.doc
        self.schema = section.schema.withoutRequired
        self.standard = Section().written()
        self.isOnByDefault = isOnByDefault
        self.place = place
        self.depth = depth
        self.reason = reason
        // A scope may leave out a key that a wider one has: whether it is missing shows when they are merged. All else
        // that is wrong with a value is told where it was written.
        self.check = { node, findings in Self.decode(Section.self, node, &findings) { $0.id != Self.missing } }
        self.stages = { node, scope, findings in
            guard
                let section = node == nil
                    ? Section() : node.flatMap({ Self.decode(Section.self, $0, &findings) { $0.id == Self.missing } })
            else { return [] }
            let controls = (section as? any ConditionalSection)?.controls
            return section.stages(scope, at: place, &findings).compactMap {
                scope.controlled($0, of: Section.name, by: controls, &findings)
            }
        }
    }

    private static let missing = ManifestRules.missingKey.id

    @discardableResult
    private static func decode<Section: MiddlewareSection>(
        _ section: Section.Type, _ node: Node, _ findings: inout Findings, where isTold: (Rule) -> Bool
    ) -> Section? {
        var found = Findings()
        let decoded = Section.decode(node, &found)
        for finding in found.ordered() where isTold(finding.rule) { findings.report(finding) }
        return decoded
    }
}
