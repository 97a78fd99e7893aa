package import JSON

/// The outcome of a call by gRPC's names (google.rpc.Code); every face renders it in its own way.
package enum Code: UInt8, Sendable, CaseIterable {
    case ok = 0
    case canceled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The name as manifests and error bodies write it.
    package var name: StaticString {
        switch self {
        case .ok: "OK"
        case .canceled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }

    /// The HTTP status by the Connect protocol's table, which is google.rpc.Code's.
    package var status: Int {
        switch self {
        case .ok: 200
        case .canceled: 499
        case .unknown, .internal, .dataLoss: 500
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .deadlineExceeded: 504
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }

    /// The code for a failure that is declared by its HTTP status alone.
    package static func forStatus(_ status: Int) -> Code {
        switch status {
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404, 410: .notFound
        case 408, 504: .deadlineExceeded
        case 409: .aborted
        case 412: .failedPrecondition
        case 413, 414, 429, 431: .resourceExhausted
        case 405, 501, 505: .unimplemented
        case 499: .canceled
        case 502, 503: .unavailable
        case 400...499: .invalidArgument
        default: .internal
        }
    }
}

/// Why a call did not succeed, declared once and rendered by each face.
package struct Failure: Sendable {
    package var code: Code
    /// What the caller may read.
    package var message: String
    /// The HTTP status where it is not the code's own.
    package var statusOverride: Int?
    /// Seconds after which a new try makes sense; becomes `Retry-After`.
    package var retryAfter: Int?
    /// Methods for `Allow`, where the method was what was wrong.
    package var allow: [UInt8]?
    /// Whether to say which codings a request's body may have, since that was what was wrong.
    package var acceptsEncodings: Bool
    /// The content types that a request may have, where its own was what was wrong.
    package var acceptsTypes: StaticString?
    /// Who ended the call, for the access log.
    package var reason: Reason
    /// What kind of problem it is, where there is a name for it.
    package var type: ProblemType
    /// The names of the policies that refused it, escaped for JSON.
    package var violated: [[UInt8]]
    /// What a client's program can read of it, beside code and message.
    package var details: [ErrorDetail]

    package init(
        _ code: Code, _ message: String, status: Int? = nil, retryAfter: Int? = nil, allow: [UInt8]? = nil,
        acceptsEncodings: Bool = false, acceptsTypes: StaticString? = nil, reason: Reason = .none,
        type: ProblemType = .blank, violated: [[UInt8]] = [],
        details: [ErrorDetail] = []
    ) {
        self.code = code
        self.message = message
        self.statusOverride = status
        self.retryAfter = retryAfter
        self.allow = allow
        self.acceptsEncodings = acceptsEncodings
        self.acceptsTypes = acceptsTypes
        self.reason = reason
        self.type = type
        self.violated = violated
        self.details = details
    }

    package var status: Int { statusOverride ?? code.status }
}

/// A detail of a failure: a message that goes into a google.protobuf.Any of google.rpc.Status.
package struct ErrorDetail: Sendable, Equatable {
    /// The full name of its type: `google.rpc.BadRequest`.
    package let type: String
    /// Encoded.
    package let bytes: [UInt8]

    package init(type: String, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }
}

/// The problem types of IANA's registry that the server uses (RFC 9457 section 4.2, draft-ietf-httpapi-ratelimit-headers-10
/// section 5).
package enum ProblemType: UInt8, Sendable {
    /// The status says it all.
    case blank
    /// A rate limit is used up.
    case quotaExceeded
    /// More came than can be done at once.
    case temporaryReducedCapacity

    package var uri: StaticString {
        switch self {
        case .blank: "about:blank"
        case .quotaExceeded: "https://iana.org/assignments/http-problem-types#quota-exceeded"
        case .temporaryReducedCapacity: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
        }
    }

    /// What `title` says; nil is the phrase of the status.
    var title: StaticString? {
        switch self {
        case .blank: nil
        case .quotaExceeded: "Request cannot be satisfied as assigned quota has been exceeded"
        case .temporaryReducedCapacity: "Request cannot be satisfied due to temporary server capacity constraints"
        }
    }
}

/// Who ended a call before its time, in the access log's `radicled.flags`.
package enum Reason: UInt8, Sendable {
    case none
    case clientGone
    case timeout
    case bodyLimit
    case slowBody
    case malformed
    case fault
    case shed
    case rate
    case drained
    case sendStall
    case ipFilter

    package var name: StaticString {
        switch self {
        case .none: ""
        case .clientGone: "client_gone"
        case .timeout: "timeout"
        case .bodyLimit: "body_limit"
        case .slowBody: "slow_body"
        case .malformed: "malformed"
        case .fault: "fault"
        case .shed: "shed"
        case .rate: "rate"
        case .drained: "drained"
        case .sendStall: "send_stall"
        case .ipFilter: "ip_filter"
        }
    }
}

/// `application/problem+json` (RFC 9457), the body of a failure on HTTP routes.
package enum Problem {
    package static func write(_ failure: Failure, requestID: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) {
        let status = failure.status
        out.append("{\"type\":\"")
        out.append(failure.type.uri)
        out.append("\",\"title\":\"")
        out.append(failure.type.title ?? StatusLine.phrase(status))
        out.append("\",\"status\":")
        out.append(decimal: status)
        if !failure.message.isEmpty {
            out.append(",\"detail\":")
            out.append(jsonString: failure.message)
        }
        out.append(",\"code\":\"")
        out.append(failure.code.name)
        out.append("\"")
        for (index, name) in failure.violated.enumerated() {
            out.append(index == 0 ? ",\"violated-policies\":[\"" : ",\"")
            out.append(name)
            out.append(index == failure.violated.count - 1 ? "\"]" : "\"")
        }
        if requestID.count > 0 {
            out.append(",\"request_id\":\"")
            out.append(jsonEscaped: requestID)
            out.append("\"")
        }
        out.append("}\n")
    }
}

/// Reason phrases (RFC 9110 section 15 and the IANA registry).
package enum StatusLine {
    package static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 102: "Processing"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 207: "Multi-Status"
        case 208: "Already Reported"
        case 226: "IM Used"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 305: "Use Proxy"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 418: "I'm a Teapot"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 423: "Locked"
        case 424: "Failed Dependency"
        case 425: "Too Early"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 451: "Unavailable For Legal Reasons"
        case 499: "Client Closed Request"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 506: "Variant Also Negotiates"
        case 507: "Insufficient Storage"
        case 508: "Loop Detected"
        case 511: "Network Authentication Required"
        default: "Status"
        }
    }
}
