/// The protocol that a call speaks.
@usableFromInline package enum Face: UInt8, Sendable {
    /// HTTP, whatever its version.
    case http
    /// gRPC over HTTP/2.
    case grpc
    // What follows is carried in bodies of HTTP, of either version.
    case grpcWeb
    /// The same in base64.
    case grpcWebText
    /// Connect, of methods where nobody streams.
    case connect
    case connectStream
    /// HTTP with JSON, by the method's HTTP rule.
    case json
}

extension Face {
    /// Whether a method is called, or what would be one.
    @inlinable package var isCall: Bool { rawValue > 0 }

    /// Whether the call's messages lie in a body of HTTP, and the answer too.
    @inlinable package var isCarried: Bool { rawValue > 1 }

    /// Whether what was asked for is a page, by its route: a call by an HTTP rule is both.
    @inlinable package var isPage: Bool { rawValue == 0 || rawValue == Face.json.rawValue }

    /// Whether messages have a prefix, and an ending behind them says what became of the call.
    package var isEnveloped: Bool {
        switch self {
        case .grpc, .grpcWeb, .grpcWebText, .connectStream: true
        case .http, .connect, .json: false
        }
    }

    /// What logs, metrics and expressions call it: one method has the same name on all.
    package var protocolName: StaticString {
        switch self {
        case .http: "http"
        case .grpc: "grpc"
        case .grpcWeb, .grpcWebText: "grpc_web"
        case .connect, .connectStream: "connect"
        case .json: "json"
        }
    }

    /// OpenTelemetry's `rpc.system.name`.
    package var systemName: StaticString {
        switch self {
        case .connect, .connectStream: "connectrpc"
        case .http, .grpc, .grpcWeb, .grpcWebText, .json: "grpc"
        }
    }

    /// A code as the protocol writes it.
    package func name(of code: Code) -> StaticString {
        switch self {
        case .connect, .connectStream: code.connectName
        case .http, .grpc, .grpcWeb, .grpcWebText, .json: code.name
        }
    }

    /// The code for a request that cannot be read, as the protocol's own servers have it.
    var malformed: Code {
        switch self {
        case .http, .connect, .connectStream, .json: .invalidArgument
        case .grpc, .grpcWeb, .grpcWebText: .internal
        }
    }
}

extension Code {
    /// As Connect writes it (Connect protocol, "Error codes").
    package var connectName: StaticString {
        switch self {
        case .ok: "ok"
        case .canceled: "canceled"
        case .unknown: "unknown"
        case .invalidArgument: "invalid_argument"
        case .deadlineExceeded: "deadline_exceeded"
        case .notFound: "not_found"
        case .alreadyExists: "already_exists"
        case .permissionDenied: "permission_denied"
        case .resourceExhausted: "resource_exhausted"
        case .failedPrecondition: "failed_precondition"
        case .aborted: "aborted"
        case .outOfRange: "out_of_range"
        case .unimplemented: "unimplemented"
        case .internal: "internal"
        case .unavailable: "unavailable"
        case .dataLoss: "data_loss"
        case .unauthenticated: "unauthenticated"
        }
    }
}
