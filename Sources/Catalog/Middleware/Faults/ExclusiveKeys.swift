import Diagnostics

/// Keys of which one is enough. Each scope may have said another one, so they are looked at again once the scopes are merged.
enum ExclusiveKeys {
    /// - Parameter ranges: where values stand that exclude each other.
    static func check(_ ranges: [SourceRange], _ message: String, _ findings: inout Findings) {
        guard ranges.count > 1, let last = ranges.last else { return }
        findings.report(
            CatalogRules.oneOf, message, at: last,
            help: "keep one of them; to change it in a deeper scope, write the same key there",
            related: ranges.dropLast().map { Finding.Related($0, "said here") })
    }
}
