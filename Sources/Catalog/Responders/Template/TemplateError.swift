package import CEL
package import Diagnostics
import JSON
package import Manifests
import Pipeline

/// `error` in a template: a failure whose message may have holes.
package struct TemplateError: ManifestSection {
    package var code: CodeName?
    package var message: Template?
    package var status: Int?
    package var retry: Timespan?

    package init() {}

    package static let key = "an error"
    package static let doc = DeclaredError.doc
    package static let fields: [Field<TemplateError>] = [
        Field("code", \.code, doc: "One of gRPC's codes; its HTTP status goes with it.", example: "NOT_FOUND"),
        Field("message", \.message, doc: "What the caller may read.", example: "no order {{ path.id }}"),
        Field(
            "status", \.status, doc: "The HTTP status, beside the code or instead of it.", example: "404",
            schema: .integer(minimum: 400, maximum: 599), check: DeclaredError.isErrorStatus),
        Field("retry", \.retry, doc: "After what time a new try makes sense: `Retry-After`.", example: "2s"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) { DeclaredError.lintCode(node, &findings) }

    func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        compiled(scope, &findings).map { Stage($0) }
    }

    /// Nil if it has mistakes, which are told.
    func compiled(_ scope: CompileScope, _ findings: inout Findings) -> CompiledError? {
        var program: TemplateProgram?
        if let message {
            program = scope.check(message, .plain, &findings)
            if program == nil { return nil }
        }
        return CompiledError(
            failure: DeclaredError.failure(code: code, message: "", status: status, retry: retry), message: program)
    }

    private final class Stage: Responder {
        let intake = Intake.nothing
        let answersAlone = true
        private let error: CompiledError

        init(_ error: CompiledError) { self.error = error }

        func start(_ exchange: inout Exchange) -> Step {
            error.fail(&exchange)
            return .fail
        }
    }
}

/// A failure with a message to be filled in.
struct CompiledError: Sendable {
    let failure: Failure
    let message: TemplateProgram?

    /// Lets the exchange fail with it, or with what went wrong in its message.
    func fail(_ exchange: inout Exchange) {
        var failure = self.failure
        if let message {
            let state = exchange.loop.state
            state.pointee.scratch.clear()
            if let error = message.write(exchange.context, &state.pointee.scratch) {
                _ = exchange.failEvaluation(error, readsClient: message.readsClient)
                return
            }
            // Longer ones break clients that read them from a header field.
            failure.message = String(decoding: state.pointee.scratch.bytes.prefix(8 * 1024), as: UTF8.self)
        }
        exchange.fail(failure)
    }
}
