package import Diagnostics
package import Manifests
package import Pipeline

/// A key that answers a route.
package protocol ResponderSection: ManifestValue {
    /// The responder for one route, or nil if something is wrong, which has been reported then.
    func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)?
}
