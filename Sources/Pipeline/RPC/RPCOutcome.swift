extension Exchange {

    /// Whether the server is to blame for the end of the call: a status from 500 on or no answer over HTTP, and over gRPC
    /// one of six codes (OpenTelemetry, gRPC span status).
    @inline(__always) package func isServerError(_ outcome: Outcome) -> Bool {
        isHTTP ? outcome.status >= 500 || outcome.status == 0 : outcome.code.isServerError
    }

    /// Whether the call came to something else than it was made for, whoever is to blame.
    @inline(__always) package func isFailure(_ outcome: Outcome) -> Bool {
        isHTTP ? outcome.status >= 400 || outcome.status == 0 : outcome.code != .ok
    }
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
