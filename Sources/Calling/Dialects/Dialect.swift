import Pipeline
import Protobuf

/// The protocol that a call speaks.
package enum CallProtocol: String, CaseIterable, Sendable {
    case grpc
    case grpcWeb = "grpc-web"
    case connect
    case json
}

/// A message as it goes over the wire.
enum CallMessage: Equatable, Sendable {
    case binary([UInt8])
    case json([UInt8])
}

/// How a call ended.
struct CallEnd: Sendable {
    /// Of a failure, beside its words: a message of any type.
    struct Detail: Equatable, Sendable {
        /// Such as `google.rpc.BadRequest`; what stands in front of the last slash of a URL is left out.
        let type: String
        let content: CallMessage
    }

    var code: Code
    var message = ""
    var details: [Detail] = []

    static let ok = CallEnd(code: .ok)

    /// One that did not come about, or broke off, by what the wire says of it (PROTOCOL-HTTP2.md, "Errors").
    init(_ failure: WireFailure) {
        switch failure.kind {
        case .reset(7), .unreachable, .broken: code = .unavailable
        case .reset(8): code = .canceled
        case .reset(11): code = .resourceExhausted
        case .reset(12): code = .permissionDenied
        case .reset: code = .internal
        }
        message = failure.reason
    }

    init(code: Code, message: String = "", details: [Detail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }
}

/// What a dialect makes of an answer.
enum CallReply: Sendable {
    /// The fields in front of the messages.
    case metadata(status: Int, CallFields)
    case message(CallMessage)
    case trailers(CallFields)
    case end(CallEnd)
}

/// What is asked for in a call beside its messages.
struct CallSettings: Sendable {
    var metadata: CallFields = []
    /// In nanoseconds.
    var timeout: Int64?
    /// Of every path.
    var prefix = ""
    /// The value of `user-agent`; nil sends none.
    var agent: String? = "radicled"

    var agentField: CallFields { agent.map { [("user-agent", $0)] } ?? [] }
}

/// How a call is put into HTTP, and what an answer means. One is for one call.
protocol Dialect {
    /// What opens the call.
    ///
    /// - Parameter whole: the one message, unless the client streams; the body is all of it then.
    mutating func request(
        _ method: CalledMethod, _ whole: Message?, _ settings: CallSettings
    ) throws(CallMistake)
        -> WireRequest

    /// A message of a client stream.
    func encoded(_ message: Message, _ method: CalledMethod) throws(CallMistake) -> [UInt8]

    /// Nothing comes behind an end.
    mutating func read(_ event: WireEvent) -> [CallReply]
}

extension CallProtocol {
    func dialect(for method: CalledMethod) -> any Dialect {
        switch self {
        case .grpc: GRPCDialect(isWeb: false)
        case .grpcWeb: GRPCDialect(isWeb: true)
        case .connect: method.isStreaming ? ConnectStreamDialect() : ConnectDialect()
        case .json: JSONDialect()
        }
    }
}
