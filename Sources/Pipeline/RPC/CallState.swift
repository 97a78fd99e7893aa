import JSON

/// What a call remembers between its pieces, and why a request that looks like one is none.
package struct CallState {
    /// Why a request does not get to the method or the route that its path names.
    enum Refusal: UInt8 {
        case none
        /// A call to what is no method.
        case unknownMethod
        /// A method, asked in a way that none of the protocols has.
        case needsContentType
        /// gRPC over HTTP/1.
        case needsHTTP2
    }

    /// What is wrong with the head of a call.
    enum Fault: UInt8 {
        case none
        case timeout
        case version
    }

    /// What the head says of the coding of the messages that come.
    package enum Coding: UInt8 {
        case unnamed
        case identity
        case gzip
        case deflate
        case unknown
    }

    var refusal = Refusal.none
    /// Something of it has been set.
    var isUsed = false
    var fault = Fault.none
    package internal(set) var frames = MessageFrames()
    /// How many messages the answer has so far.
    package internal(set) var answered = 0
    /// Bytes before each message.
    package static let prefix = 5
    package internal(set) var coding = Coding.unnamed
    /// Messages of the answer may be compressed with gzip: the client does so, and takes it.
    package internal(set) var compresses = false
    /// The request's content type has `+proto`, so that of the answer has it too.
    package internal(set) var namesProto = false

    // Of calls that are carried in bodies of HTTP.

    /// Messages are JSON.
    var isJSON = false
    /// Bytes of a message; 0 where the limit of the body is that.
    var messageLimit = 0
    /// The body of the request is over; its messages may not all have been taken yet.
    var bodyEnded = false
    /// How much of `exchange.waiting` has been taken.
    var waitingAt = 0
    /// The responder wants the next message, and the peer must read first.
    var isHeldBack = false
    /// The head of the answer has what the protocol says there.
    var isHeadWritten = false
    var text = Base64Stream()
    /// The answer is base64, piece by piece.
    var answersText = false
}

// Which protocol a request speaks, told by its head.
extension Exchange {
    /// Looks for a call in a POST: the content type says it, but of Connect where nobody streams.
    @inline(never) mutating func readFace() {
        guard let field = head.value(of: .contentType), let type = CallType(head.slice(field)) else { return }
        if type.face == .grpc, head.version != .http2 { return }
        face = type.face
        call.isUsed = true
        call.namesProto = type.namesProto
        call.isJSON = type.isJSON
        if face == .connectStream {
            readConnectHead()
            readCoding(.connectEncoding, accepted: .connectAcceptEncoding)
        } else {
            if face != .grpc { call.answersText = face == .grpcWebText || acceptsText }
            if let value = head.value(of: .grpcTimeout) { take(GRPCTimeout.nanoseconds(head.slice(value))) }
            readCoding(.grpcEncoding, accepted: .grpcAcceptEncoding)
        }
    }

    /// PROTOCOL-WEB.md, "Text-encoded (response) streams": who sends bytes may want text all the same.
    private var acceptsText: Bool {
        guard let field = head.value(of: .accept).map({ head.slice($0) }) else { return false }
        return ListField.contains(field, "application/grpc-web-text")
            || ListField.contains(field, "application/grpc-web-text+proto")
    }

    /// - Parameter timeout: in nanoseconds; nil where it cannot be read.
    mutating func take(_ timeout: Int64?) {
        if let timeout {
            deadline = LoopClock.later(started, timeout)
        } else {
            call.fault = .timeout
        }
    }

    private mutating func readCoding(_ name: KnownField, accepted: KnownField) {
        guard let value = head.value(of: name) else { return }
        let coding = head.slice(value)
        if equalsIgnoringCase(coding, "gzip") {
            call.coding = .gzip
            if let accepted = head.value(of: accepted) {
                call.compresses = ListField.contains(head.slice(accepted), "gzip")
            }
        } else if equalsIgnoringCase(coding, "identity") {
            call.coding = .identity
        } else {
            call.coding = equalsIgnoringCase(coding, "deflate") ? .deflate : .unknown
        }
    }

    /// Whether the route that the path names answers this face; if not, the call goes where what matches no route goes. A
    /// method has another route for calls that are carried in bodies of HTTP.
    @inline(__always) mutating func isServed(_ route: inout UnsafePointer<Route>) -> Bool {
        if !route.pointee.isMethod { return !face.isCall }
        return isGRPC ? !route.pointee.isTranscoded : isCarried(&route)
    }

    @inline(never) private mutating func isCarried(_ route: inout UnsafePointer<Route>) -> Bool {
        if isPreflight { return true }
        if route.pointee.isTranscoded {
            guard face == .http else { return false }
            face = .json
            call.isUsed = true
            call.isJSON = true
            return true
        }
        guard route.pointee.hasCarried else { return refuseType() }
        switch face {
        case .http: guard readUnary(route) else { return refuseType() }
        case .connectStream: guard route.pointee.isStreaming else { return refuseType() }
        case .grpc, .grpcWeb, .grpcWebText, .connect, .json: break
        }
        route = route.pointee.carried(from: route)
        return true
    }

    /// A method that is asked in a way that none of the protocols has. What is said of it is said as HTTP says it.
    @inline(never) private mutating func refuseType() -> Bool {
        let type = head.value(of: .contentType).flatMap { CallType(head.slice($0)) }
        call.isUsed = true
        call.refusal = type?.face == .grpc ? .needsHTTP2 : .needsContentType
        face = .http
        return false
    }

    /// A call that no route answers.
    @inline(never) mutating func refuseUnknownMethod() {
        match = .notFound
        call.refusal = .unknownMethod
    }

    /// Whether the request is answered before its body is read: who streams may wait for the answer first.
    package var isRefusedByFace: Bool { call.refusal != .none }

    /// What is said of a call that gets to no method, and of a method that is not called by any of the protocols.
    var refusalOfFace: Failure? {
        switch call.refusal {
        case .none: return nil
        case .unknownMethod: return Failure(.unimplemented, unknownMethod)
        // PROTOCOL-HTTP2.md, "Requests", and the Connect protocol: a content type that is not known gets 415.
        case .needsContentType:
            var isStreaming = false
            if case .route(let index) = match { isStreaming = plan.route(index).pointee.isStreaming }
            return Failure(
                .invalidArgument,
                isStreaming
                    ? """
                    this is a method that streams: it takes content-type application/connect+json or \
                    application/connect+proto, application/grpc-web, or application/grpc over HTTP/2
                    """
                    : """
                    this is a method: it takes content-type application/json or application/proto, \
                    application/grpc-web, or application/grpc over HTTP/2
                    """,
                status: 415, acceptsTypes: CallType.accepted(isStreaming: isStreaming))
        case .needsHTTP2:
            return Failure(.unimplemented, "gRPC needs HTTP/2, and this came over HTTP/1", status: 505)
        }
    }

    /// What no method is, in the words of other servers of gRPC, which people search for.
    private var unknownMethod: String {
        let path = head.slice(head.path)
        let names = UnsafeBufferPointer(rebasing: path.dropFirst().prefix(256))
        guard let slash = names.lastIndex(of: UInt8(ascii: "/")), path.first == UInt8(ascii: "/") else {
            return "malformed method name: \"\(Self.text(UnsafeBufferPointer(rebasing: path.prefix(256))))\""
        }
        let service = UnsafeBufferPointer(rebasing: names[..<slash])
        guard plan.serves(service: service) else { return "unknown service \(Self.text(service))" }
        let method = UnsafeBufferPointer(rebasing: names[(slash &+ 1)...])
        return "unknown method \(Self.text(method)) for service \(Self.text(service))"
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// `grpc-timeout` (PROTOCOL-HTTP2.md, "Timeout"): one to eight digits and a unit.
package enum GRPCTimeout {
    package static func nanoseconds(_ field: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let last = field.last, field.count >= 2, field.count <= 9 else { return nil }
        let unit: Int64
        switch last {
        case UInt8(ascii: "H"): unit = 3_600_000_000_000
        case UInt8(ascii: "M"): unit = 60_000_000_000
        case UInt8(ascii: "S"): unit = 1_000_000_000
        case UInt8(ascii: "m"): unit = 1_000_000
        case UInt8(ascii: "u"): unit = 1_000
        case UInt8(ascii: "n"): unit = 1
        default: return nil
        }
        var sum: Int64 = 0
        for byte in field.dropLast() {
            guard byte &- 0x30 < 10 else { return nil }
            sum = sum &* 10 &+ Int64(byte &- 0x30)
        }
        let (product, overflow) = sum.multipliedReportingOverflow(by: unit)
        return overflow ? .max : product
    }
}
