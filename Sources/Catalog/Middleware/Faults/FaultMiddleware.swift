package import Diagnostics
package import Manifests
package import Pipeline

/// `fault` for many routes, and for testers who ask.
package struct FaultMiddleware: PolicySection {
    package var share: Placed<Share>?
    package var abort: Placed<DeclaredError>?
    package var cut: Placed<Bool>?
    package var faults: Placed<[Fault.Item]>?
    package var header: HeaderName?
    package var controls = PolicyControls()

    package init() {}

    package static let key = "fault"
    package static let doc = """
        Lets a share of the calls fail, as a route's own `fault` does. With `header` a tester can ask for it call by call.
        """
    package static let short: String? = "faults"
    package static let fields: [Field<FaultMiddleware>] =
        [
            Field("share", \.share, doc: "How many of the calls; all without it.", example: "10%"),
            Field("abort", \.abort, doc: "The error to answer with.", example: "{ code: UNAVAILABLE }"),
            Field("cut", \.cut, doc: "Close the connection without an answer.", example: "true"),
            Field(
                "faults", \.faults, doc: "Several, of which the first draw that hits wins.",
                example: "[{ share: 1%, cut: true }, { share: 5%, abort: { code: UNAVAILABLE } }]"),
            Field("header", \.header, doc: Self.headerDoc, example: "x-fault"),
        ] + policyFields

    private static let headerDoc = """
        A request header in which a tester asks for a fault of this one call: `abort 503`, `abort UNAVAILABLE` (statuses \
        from 400 to 599) or `cut`; several with commas, and `delay 200ms` for `delay` with the same header. Without that \
        header a call has what the other keys say. Anything else in it is answered 400.
        """

    package static let alternatives = ["abort", "cut", "faults"]

    package func lint(_ node: Node, _ findings: inout Findings) {
        // `cut: false` says nothing.
        let keys = Self.alternatives.filter { $0 != "cut" || cut?.value == true }
        ExclusiveKeys.check(node, keys, "a fault is one of `abort`, `cut` and `faults`", &findings)
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        var items = faults?.value ?? []
        if abort != nil || cut?.value == true {
            var item = Fault.Item()
            item.share = share?.value ?? item.share
            item.abort = abort?.value
            item.cut = abort == nil
            items = [item]
        } else if let range = share?.range {
            findings.report(
                CatalogRules.oneOf, "`share` needs `abort` or `cut` beside it", at: range,
                help: "add `cut: true` or `abort: { code: UNAVAILABLE }`; items of `faults` have their own")
            return nil
        }
        if items.isEmpty, header == nil { return nil }
        return FaultStage(items: items, tester: header.map(TesterHeader.init))
    }
}
