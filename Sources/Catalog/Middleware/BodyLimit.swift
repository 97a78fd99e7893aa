package import Diagnostics
package import Manifests
package import Pipeline

/// `body_limit`: how large a request's body may be.
package struct BodyLimit: MiddlewareSection {
    package var size = Size.mebibytes(1)

    package init() {}

    package static let name = "body_limit"
    package static let shortKey: String? = nil
    package static var schema: Schema { Size.schema }
    package static let doc = """
        Refuses a body that is larger with 413. `off` lifts the limit for bodies that stream; what must be held in \
        memory keeps a cap of 64 MiB.
        """

    package static func decode(_ node: Node, _ findings: inout Findings) -> BodyLimit? {
        if node.isNull { return BodyLimit() }
        guard let size = Size.decode(node, &findings) else { return nil }
        var limit = BodyLimit()
        limit.size = size
        return limit
    }

    package func written() -> Node { size.written() }

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
