package import Compiler
import Synchronization

/// What the admin pages tell of: the manifest in force. A reload replaces it.
package final class Served: Sendable {
    package struct Facts: Sendable {
        package let name: String
        package let generation: Int
        package let manifest: EffectiveManifest
        package let routes: [RouteSummary]

        package init(name: String, generation: Int, manifest: EffectiveManifest, routes: [RouteSummary]) {
            self.name = name
            self.generation = generation
            self.manifest = manifest
            self.routes = routes
        }
    }

    private let current: Mutex<Facts>

    package init(_ facts: Facts) { current = Mutex(facts) }

    package var facts: Facts { current.withLock { $0 } }

    package func replace(by facts: Facts) { current.withLock { $0 = facts } }
}
