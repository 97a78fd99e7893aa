package import Diagnostics
package import Manifests
package import Pipeline

/// `timeout`: how long a call may take in all.
package struct Timeout: PolicySection {
    package var `default` = Timespan.seconds(30)
    package var controls = PolicyControls()

    package init() {}

    package static let key = "timeout"
    package static let doc = """
        Ends a call that takes too long with 504. The time covers everything: reading the body, waiting, answering. Of \
        a stream (`messages`) it covers all up to the head of the answer; how long the stream goes on is its own.
        """
    package static let short: String? = "default"
    package static let fields: [Field<Timeout>] =
        [
            Field(
                "default", \.default, doc: "How long a call may take.", example: "2s",
                check: { value, node, findings in
                    if value.nanoseconds > 0 { return true }
                    findings.report(
                        CatalogRules.badTimeout, "a timeout of nothing would end every call", at: node.range,
                        help: "write `off` for no timeout", suggestion: "off")
                    return false
                })
        ] + policyFields

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        Stage(nanoseconds: `default`.nanoseconds)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit]
        private let nanoseconds: Int64

        init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

        func admit(_ exchange: inout Exchange) -> Verdict {
            exchange.deadline = min(exchange.deadline, LoopClock.later(exchange.started, nanoseconds))
            return .proceed
        }
    }
}
