extension Outcome {
    /// Whether the server is to blame for the end of the call: a status from 500 on or no answer over HTTP, and over gRPC
    /// one of six codes (OpenTelemetry, gRPC span status).
    @inline(__always) package var isServerError: Bool {
        isRPC ? code.isServerError : status >= 500 || status == 0
    }

    /// Whether the call came to something else than it was made for, whoever is to blame.
    @inline(__always) package var isFailure: Bool { isRPC ? code != .ok : status >= 400 || status == 0 }
}

extension Code {
    /// Whether a call that ends with it failed by the server's fault (OpenTelemetry, gRPC span status).
    package var isServerError: Bool {
        switch self {
        case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
        default: false
        }
    }
}
