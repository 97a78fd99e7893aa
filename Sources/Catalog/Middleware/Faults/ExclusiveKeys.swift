import Diagnostics
import Manifests

/// Keys of which one is enough. That of a deeper scope takes the place of a wider one's (`alternatives`).
enum ExclusiveKeys {
    /// - Parameter keys: those that exclude each other.
    static func check(_ node: Node, _ keys: [String], _ message: String, _ findings: inout Findings) {
        let given = (node.entries ?? []).filter { entry in keys.contains(entry.name) }
        guard given.count > 1, let last = given.last else { return }
        findings.report(
            CatalogRules.oneOf, message, at: last.key.range, help: "keep one of them",
            related: given.dropLast().map { Finding.Related($0.key.range, "`\($0.name)` is written here") })
    }
}
