import JSON

/// What a gRPC call remembers between its frames, and why a call of a method is none.
package struct CallState {
    /// Why a request does not get to the method or the route that its path names.
    enum Refusal: UInt8 {
        case none
        /// gRPC to what is no method.
        case unknownMethod
        /// A method, asked as if it were a page.
        case needsContentType
        /// gRPC over HTTP/1.
        case needsHTTP2
    }

    /// What `grpc-encoding` says of the messages that come.
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
    var hasBadTimeout = false
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
}

// Which protocol a request speaks, told by its head.
extension Exchange {
    /// Looks for a call in a POST over HTTP/2 (PROTOCOL-HTTP2.md, "Requests").
    mutating func readFace() {
        guard let field = head.value(of: .contentType), let type = GRPCContentType(head.slice(field)) else { return }
        face = .grpc
        call.isUsed = true
        call.namesProto = type == .proto
        if let value = head.value(of: .grpcTimeout) {
            if let time = GRPCTimeout.nanoseconds(head.slice(value)) {
                deadline = LoopClock.later(started, time)
            } else {
                call.hasBadTimeout = true
            }
        }
        guard let value = head.value(of: .grpcEncoding) else { return }
        let coding = head.slice(value)
        if equalsIgnoringCase(coding, "gzip") {
            call.coding = .gzip
            if let accepted = head.value(of: .grpcAcceptEncoding) {
                call.compresses = ListField.contains(head.slice(accepted), "gzip")
            }
        } else if equalsIgnoringCase(coding, "identity") {
            call.coding = .identity
        } else {
            call.coding = equalsIgnoringCase(coding, "deflate") ? .deflate : .unknown
        }
    }

    /// Whether the route that the path names answers this face; if not, the call goes where what matches no route goes.
    @inline(__always) mutating func isServed(_ route: UnsafePointer<Route>) -> Bool {
        if !isHTTP { return route.pointee.isMethod || refuseFace(.unknownMethod) }
        return !route.pointee.isMethod || isPreflight || refuseFace(nil)
    }

    @inline(never) private mutating func refuseFace(_ refusal: CallState.Refusal?) -> Bool {
        match = .notFound
        call.isUsed = true
        if let refusal {
            call.refusal = refusal
        } else {
            let type = head.value(of: .contentType).map { head.slice($0) }
            let isCall = type.flatMap { GRPCContentType($0) } != nil
            call.refusal = isCall && head.version != .http2 ? .needsHTTP2 : .needsContentType
        }
        return false
    }

    /// Whether the request is answered before its body is read: who streams may wait for the answer first.
    package var isRefusedByFace: Bool {
        !isHTTP ? !route.pointee.isMethod : call.refusal != .none
    }

    /// What is said of a call that gets to no method, and of a method that is not called by gRPC.
    var refusalOfFace: Failure? {
        if !isHTTP { return Failure(.unimplemented, unknownMethod) }
        switch call.refusal {
        case .none, .unknownMethod: return nil
        // PROTOCOL-HTTP2.md, "Requests": a content type that does not begin so gets 415.
        case .needsContentType:
            return Failure(
                .invalidArgument, "this is a gRPC method: it takes content-type application/grpc over HTTP/2",
                status: 415)
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

/// The content types of gRPC (PROTOCOL-HTTP2.md, "Content-Type"); of the codings of messages only protobuf is known.
enum GRPCContentType {
    case plain
    case proto

    /// Nil for any other type, `application/grpc-web` and `application/grpc+json` among them.
    init?(_ field: UnsafeBufferPointer<UInt8>) {
        guard field.count >= 16, equalsIgnoringCase(UnsafeBufferPointer(rebasing: field[..<16]), "application/grpc")
        else { return nil }
        if Self.ends(field, at: 16) {
            self = .plain
            return
        }
        guard field.count >= 22, equalsIgnoringCase(UnsafeBufferPointer(rebasing: field[16..<22]), "+proto"),
            Self.ends(field, at: 22)
        else { return nil }
        self = .proto
    }

    private static func ends(_ field: UnsafeBufferPointer<UInt8>, at: Int) -> Bool {
        field.count == at || field[at] == UInt8(ascii: ";") || field[at] == 0x20 || field[at] == 0x09
    }
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
