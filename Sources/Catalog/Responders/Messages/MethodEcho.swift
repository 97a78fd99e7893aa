package import Diagnostics
import JSON
package import Manifests
package import Pipeline
import Protobuf

/// `echo` of a gRPC method: answers with the message of the request.
package struct MethodEcho: ManifestSection, ResponderSection {
    private var place = SourceRange(Node.nowhere, 0, 0)

    package init() {}

    package static let key = "echo"
    package static let doc = """
        Answers with the message of the request, or with its fields that the answer has too: of the same name and type. \
        On streams each message is answered as it comes; where only the client streams, its last one is.
        """
    package static let fields: [Field<MethodEcho>] = []

    package static func decode(_ node: Node, _ findings: inout Findings) -> MethodEcho? {
        if let entries = node.entries, let first = entries.first(where: { !$0.isExtension }) {
            findings.report(
                ManifestRules.unknownKey, "unknown key `\(first.name)`", at: first.key.range,
                label: "`echo` of a method has no keys", help: "write `echo: {}`")
            return nil
        }
        guard node.entries != nil || node.isNull else {
            findings.wrongType(node, expected: "`{}`: `echo` of a method has no keys", help: "write `echo: {}`")
            return nil
        }
        var echo = MethodEcho()
        echo.place = node.heading
        return echo
    }

    package func written() -> Node { Node(map: []) }

    package func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        guard let method = scope.method else { return nil }
        if method.input == method.output { return EchoResponder(method, nil) }
        let common = CommonFields(method)
        if common.isEmpty {
            let pool = method.codec.pool
            findings.report(
                MessageRules.nothingToEcho,
                "`\(pool.messages[method.input].fullName)` and `\(pool.messages[method.output].fullName)` have no field "
                    + "in common", at: place, help: "write a `template`")
            return nil
        }
        return EchoResponder(method, common)
    }
}

private final class EchoResponder: Responder {
    let intake: Intake
    let answersAlone: Bool
    private let clientStreams: Bool
    private let serverStreams: Bool
    /// Nil if both messages are of one type.
    private let common: CommonFields?

    init(_ method: RPCMethod, _ common: CommonFields?) {
        clientStreams = method.clientStreams
        serverStreams = method.serverStreams
        intake = method.clientStreams ? .messages : .wholeBody
        answersAlone = !method.isStreaming
        self.common = common
    }

    func start(_ exchange: inout Exchange) -> Step {
        if serverStreams { exchange.response.isStreaming = true }
        guard !clientStreams else { return .needInput }
        return answer(exchange.message, &exchange) ? .done : .fail
    }

    func input(_ exchange: inout Exchange) -> Step {
        guard let message = exchange.message else {
            guard exchange.inputEnded else { return .needInput }
            if serverStreams { return .done }
            let last = exchange.memo.pointee.requests.last ?? []
            return last.withUnsafeBufferPointer { answer($0, &exchange) } ? .done : .fail
        }
        guard serverStreams else {
            exchange.memo.pointee.keep(lastRequest: message)
            return .needInput
        }
        guard answer(message, &exchange) else { return exchange.response.isSent ? .breakOff : .fail }
        return exchange.loop.state.pointee.body.count >= exchange.room ? .blocked : .needInput
    }

    func resume(_ exchange: inout Exchange) -> Step { .needInput }

    /// Writes the message; false, and the exchange has failed, if it is none.
    private func answer(_ message: UnsafeBufferPointer<UInt8>?, _ exchange: inout Exchange) -> Bool {
        let state = exchange.loop.state
        let start = exchange.beginMessage()
        if let message {
            if let common {
                guard common.copy(message, &state.pointee.body) else {
                    state.pointee.body.truncate(to: start)
                    exchange.fail(Failure(.invalidArgument, "the message of the request is malformed"))
                    return false
                }
            } else {
                state.pointee.body.append(message)
            }
        }
        exchange.endMessage(start)
        return true
    }
}
