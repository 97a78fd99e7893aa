/// The content types of calls, and what each says of how the messages lie in the body.
struct CallType {
    let face: Face
    /// Of Connect: messages are JSON, not protobuf.
    var isJSON = false
    /// It says `+proto`, so that of the answer says so too.
    var namesProto = false

    /// Nil for every other type, those of codecs that are not known among them.
    ///
    /// - Parameter field: a `content-type`; its parameters do not count.
    init?(_ field: UnsafeBufferPointer<UInt8>) {
        // What nearly all callers of gRPC send.
        if field.count == 16, equalsIgnoringCase(field, "application/grpc") {
            face = .grpc
            return
        }
        // All begin so, and most requests that carry no call do not get past their length.
        guard field.count >= 16, equalsIgnoringCase(UnsafeBufferPointer(rebasing: field[..<12]), "application/") else {
            return nil
        }
        let subtype = MediaType.name(in: UnsafeBufferPointer(rebasing: field[12...]))
        switch subtype.count {
        // PROTOCOL-HTTP2.md, "Content-Type".
        case 4 where equalsIgnoringCase(subtype, "grpc"): face = .grpc  // With parameters.
        case 10 where equalsIgnoringCase(subtype, "grpc+proto"):
            face = .grpc
            namesProto = true
        // PROTOCOL-WEB.md.
        case 8 where equalsIgnoringCase(subtype, "grpc-web"): face = .grpcWeb
        case 14 where equalsIgnoringCase(subtype, "grpc-web+proto"):
            face = .grpcWeb
            namesProto = true
        case 13 where equalsIgnoringCase(subtype, "grpc-web-text"): face = .grpcWebText
        case 19 where equalsIgnoringCase(subtype, "grpc-web-text+proto"):
            face = .grpcWebText
            namesProto = true
        // Connect protocol, "Streaming-Request".
        case 13 where equalsIgnoringCase(subtype, "connect+proto"): face = .connectStream
        case 12 where equalsIgnoringCase(subtype, "connect+json"):
            face = .connectStream
            isJSON = true
        default: return nil
        }
    }

    /// The types of a Connect call where nobody streams, which are also those of pages: only a method makes a call of it.
    static func isJSON(ofUnary field: UnsafeBufferPointer<UInt8>) -> Bool? {
        let type = MediaType.name(in: field)
        if equalsIgnoringCase(type, "application/json") { return true }
        return equalsIgnoringCase(type, "application/proto") ? false : nil
    }

    /// What a method takes, as `Accept-Post` says it (Linked Data Platform section 7.1).
    static func accepted(isStreaming: Bool) -> StaticString {
        isStreaming
            ? """
            application/grpc, application/grpc+proto, application/grpc-web, application/grpc-web+proto, \
            application/grpc-web-text, application/grpc-web-text+proto, application/connect+json, \
            application/connect+proto
            """
            : """
            application/grpc, application/grpc+proto, application/grpc-web, application/grpc-web+proto, \
            application/grpc-web-text, application/grpc-web-text+proto, application/json, application/proto
            """
    }
}
