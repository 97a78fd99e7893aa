package import CEL
import Diagnostics
import JSON
package import Manifests
import Pipeline
import Protobuf

/// `error` in the template of a method: a failure with details.
package struct MethodError: ManifestSection {
    package var code: CodeName?
    package var message: Template?
    package var details: Node?
    package var retry: Timespan?

    package init() {}

    package static let key = "the error of a method"
    package static let doc = "A failure: its code, what the caller may read, details for programs, when to try again."
    package static let fields: [Field<MethodError>] = [
        Field("code", \.code, doc: "One of gRPC's codes.", example: "NOT_FOUND", required: true),
        Field("message", \.message, doc: "What the caller may read.", example: "nobody is called {{ request.name }}"),
        Field(
            "details", \.details,
            doc: """
                Messages for the caller's program: a list of items with one key, the name of a type, and its fields, or \
                with `"@type"` among the fields. The types of google/rpc/error_details.proto are there.
                """,
            example: "[{ google.rpc.ErrorInfo: { reason: OUT_OF_STOCK } }]"),
        Field("retry", \.retry, doc: "After what time a new try makes sense.", example: "2s"),
    ]

    package static func help(forUnknown key: String) -> String? {
        key == "status" ? "write `code: NOT_FOUND`: each code has its HTTP status" : nil
    }

    /// Nil if it has mistakes, which are told.
    func compiled(_ scope: CompileScope, _ codec: MessageCodec, _ findings: inout Findings) -> CompiledMethodError? {
        var isWhole = true
        var program: TemplateProgram?
        if let message {
            program = scope.check(message, .plain, &findings)
            if program == nil { isWhole = false }
        }
        var compiled: [CompiledDetail] = []
        if let details, !details.isNull {
            if let items = details.items {
                for item in items {
                    if let detail = CompiledDetail(item, codec, scope, &findings) {
                        compiled.append(detail)
                    } else {
                        isWhole = false
                    }
                }
            } else {
                findings.wrongType(details, expected: "a list of details", help: "write `- ` before each of them")
                isWhole = false
            }
        }
        guard isWhole, let code else { return nil }
        return CompiledMethodError(
            error: CompiledError(
                failure: DeclaredError.failure(code: code, message: "", status: nil, retry: retry), message: program),
            details: compiled)
    }
}

/// A failure whose message and details are to be filled in.
struct CompiledMethodError: Sendable {
    let error: CompiledError
    let details: [CompiledDetail]

    /// Lets the exchange fail with it, or with what went wrong in it.
    func fail(_ exchange: inout Exchange) {
        var made: [ErrorDetail] = []
        for detail in details {
            switch detail.made(exchange.context) {
            case .success(let detail): if let detail { made.append(detail) }
            case .failure(let fault):
                _ = exchange.failEvaluation(fault.error, readsClient: fault.readsClient)
                return
            }
        }
        CompiledError(failure: error.failure.adding(made), message: error.message).fail(&exchange)
    }
}

extension Failure {
    fileprivate func adding(_ details: [ErrorDetail]) -> Failure {
        if details.isEmpty { return self }
        var failure = self
        failure.details += details
        return failure
    }
}

/// A detail of an error: a message of any type.
struct CompiledDetail: Sendable {
    private let type: String
    private let tree: MessageTree

    /// Nil if it has mistakes, which are told.
    init?(_ node: Node, _ codec: MessageCodec, _ scope: CompileScope, _ findings: inout Findings) {
        guard let entries = node.entries, let first = entries.first else {
            findings.wrongType(
                node, expected: "a detail such as `{ google.rpc.ErrorInfo: { reason: OUT_OF_STOCK } }`")
            return nil
        }
        let content: Node
        let named: Scalar
        var name: String
        if let type = node["@type"] {
            guard let scalar = type.scalar, scalar.isText else {
                findings.wrongType(type, expected: "the name of a message type")
                return nil
            }
            named = scalar
            name = scalar.text.string.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) ?? "" } ?? ""
            let others = entries.filter { !$0.key.text.bytes.elementsEqual("@type".utf8) }
            content = Node(.mapping(others), at: node.range, under: node.holder)
        } else {
            guard entries.count == 1 else {
                findings.report(
                    MessageRules.unknownType, "a detail has one key, the name of its type", at: node.heading,
                    help: "write `\"@type\": NAME` beside the fields, or `{ NAME: { … } }`")
                return nil
            }
            named = first.key
            name = first.name
            // Nothing behind the name is a message without fields.
            content =
                first.value.isNull ? Node(.mapping([]), at: first.value.range, under: first.key.range) : first.value
        }
        guard let (codec, type) = ErrorDetailTypes.find(name, codec) else {
            MessageTypeNames.report(
                name, named.range, [codec.pool, ErrorDetailTypes.builtIn.pool], &findings)
            return nil
        }
        guard let tree = MessageTree(content, codec, type: type, scope, &findings) else { return nil }
        self.type = name
        self.tree = tree
    }

    /// Nil where it is one hole that gives nothing.
    func made(_ context: Context) -> Result<ErrorDetail?, StreamFault> {
        var out = ByteWriter(capacity: 256)
        switch tree.write(context, &out) {
        case .written: return .success(ErrorDetail(type: type, bytes: Array(out.bytes)))
        case .absent: return .success(nil)
        case .failed(let fault): return .failure(fault)
        }
    }
}
