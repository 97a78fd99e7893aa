package import Diagnostics
package import Manifests
package import Pipeline

/// A key under `middleware`: its settings, and the stage that they make.
package protocol MiddlewareSection: ManifestValue {
    /// The key.
    static var name: String { get }
    /// The key within the section that a short form sets.
    static var shortKey: String? { get }
    /// The defaults.
    init()
    /// The stage for one route, or nil if there is nothing to do.
    func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)?
}

extension MiddlewareSection where Self: ManifestSection {
    package static var name: String { key }
    package static var shortKey: String? { short }
}

/// A middleware in its place in the order.
package struct MiddlewareEntry: Sendable {
    package let name: String
    package let shortKey: String?
    package let schema: Schema
    package let isOnByDefault: Bool
    /// When in the life of an exchange it is asked.
    package let place: Place
    /// Why it stands where it does; `routes` and the reference show it.
    package let reason: String
    /// Reports what is wrong with a value.
    package let check: @Sendable (Node, inout Findings) -> Void
    /// The stage that a value makes; nil is the defaults.
    package let stage: @Sendable (Node?, CompileScope, inout Findings) -> (any Middleware)?

    package enum Place: Sendable, Equatable {
        /// Sees every call, also one whose head could not be read.
        case observer
        case beforeBody
        case afterBody
    }

    package init<Section: MiddlewareSection>(
        _ section: Section.Type, isOnByDefault: Bool, place: Place, reason: String
    ) {
        self.name = section.name
        self.shortKey = section.shortKey
        self.schema = section.schema
        self.isOnByDefault = isOnByDefault
        self.place = place
        self.reason = reason
        self.check = { node, findings in _ = Section.decode(node, &findings) }
        self.stage = { node, scope, findings in
            guard let node, !node.isNull else { return Section().stage(scope.of(node), &findings) }
            // What is wrong with it has been told where it was written.
            var told = Findings()
            return Section.decode(node, &told)?.stage(scope.of(node), &findings)
        }
    }
}
