package import Diagnostics
package import Manifests
package import Pipeline

/// `body_limit`: how large a request's body may be.
package struct BodyLimit: PolicySection {
    package var size = Size.mebibytes(1)
    package var controls = PolicyControls()

    package init() {}

    package static let key = "body_limit"
    package static let doc = """
        Refuses a body that is larger with 413. `off` lifts the limit for bodies that stream; what must be held in \
        memory keeps a cap of 64 MiB.
        """
    package static let short: String? = "size"
    package static let fields: [Field<BodyLimit>] =
        [Field("size", \.size, doc: "How large a body may be.", example: "64KiB")] + policyFields

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        Stage(bytes: size.bytes)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit]
        private let bytes: Int

        init(bytes: Int) { self.bytes = bytes }

        func admit(_ exchange: inout Exchange) -> Verdict {
            exchange.bodyLimit = bytes
            return .proceed
        }
    }
}
