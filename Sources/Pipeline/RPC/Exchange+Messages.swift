import Codings
import JSON
import Protobuf

// The messages of a call: those that come are taken out of its body, those of the answer put behind one another.
extension Exchange {
    /// What came of looking for a message.
    package enum Delivery {
        /// The piece is used up.
        case more
        /// `message` is there.
        case message
        /// The failure is declared.
        case refused
    }

    var messageLimit: Int {
        if call.messageLimit > 0 { return call.messageLimit }
        return bodyLimit == .max ? route.pointee.messageLimit : min(bodyLimit, ConnectionLimits.bufferedBody)
    }

    /// What stands against a call before any of its messages is read.
    package func refusalOfCall() -> Failure? {
        switch call.fault {
        case .none: break
        case .timeout:
            return Failure(
                face.malformed,
                face.malformed == .internal
                    ? "grpc-timeout is not one to eight digits and a unit, one of H, M, S, m, u and n"
                    : "connect-timeout-ms is not one to ten digits", reason: .malformed)
        case .version:
            return Failure(.invalidArgument, "this is not version 1 of the Connect protocol", reason: .malformed)
        }
        if face.isCarried, head.version != .http2, route.pointee.clientStreams, route.pointee.serverStreams {
            return Failure(
                .unimplemented, "both sides stream, which needs HTTP/2, and this came over HTTP/1", status: 505)
        }
        guard call.coding == .unknown else { return nil }
        let field = head.value(of: face == .connectStream ? .connectEncoding : .grpcEncoding) ?? .none
        let name = String(decoding: head.slice(field).prefix(64), as: UTF8.self)
        if face == .connectStream { return unknownCompression(name) }
        // The gRPC compression document: with the list of those that are supported.
        return Failure(
            .unimplemented, "grpc-encoding \(name) is not supported; identity, deflate and gzip are",
            acceptsEncodings: true)
    }

    /// The body of a call may be as large as its one message with what is around it; where the client streams, each message
    /// has the limit for itself.
    @inline(never) mutating func limitBodyOfCall() {
        let limit = messageLimit
        if route.pointee.intake == .bytes {
            call.messageLimit = limit
            bodyLimit = .max
            return
        }
        call.messageLimit = limit
        let envelope = face.isEnveloped ? CallState.prefix : 0
        // Base64 is larger by a third.
        bodyLimit = face == .grpcWebText ? (limit &+ envelope) / 3 &* 4 &+ 4 : limit &+ envelope
    }

    /// Looks for the next message in a piece of the body, from `at` on.
    package mutating func nextMessage(_ piece: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Delivery {
        let limit = messageLimit
        switch call.frames.next(piece, &at, limit: limit, held: &body) {
        case .more: return .more
        case .message(let bytes, let isCompressed):
            if isCompressed {
                guard let plain = inflate(bytes, limit) else { return .refused }
                message = plain
            } else {
                message = bytes
            }
            guard !call.isJSON else { return takeJSONMessage() ? .message : .refused }
            return isSound() ? .message : .refused
        case .tooLarge(let length):
            fail(
                Failure(
                    .resourceExhausted, "a message of \(length) bytes is larger than the limit of \(limit)",
                    reason: .bodyLimit))
        case .badFlags(let flags):
            fail(Failure(face.malformed, "a message's first byte is \(flags), not 0 or 1", reason: .malformed))
        }
        return .refused
    }

    /// Keeps the message where the body is gathered, since the piece that it lies in does not last.
    package mutating func keepMessage() {
        guard let message, body.count == 0 else { return }
        body.append(message)
        self.message = body.bytes
    }

    /// The same for a message of a stream, until the next one is looked for.
    package mutating func holdMessage() {
        keepMessage()
        if message != nil { call.frames.replaceHeld() }
    }

    /// A method whose client sends one message has got more than that. The code is that of gRPC's statuscodes.md.
    package mutating func refuseMoreMessages() {
        fail(Failure(.unimplemented, "more than one message came; this method takes one", reason: .malformed))
    }

    /// The client streams, and no message of it has begun and not ended: it may be silent for as long as it likes.
    package var isBetweenMessages: Bool {
        guard face.isCall, route.pointee.clientStreams, !call.frames.isPartial else { return false }
        return route.pointee.intake == (isGRPC ? .messages : .bytes) && !call.text.isPartial
    }

    /// The body has come to its end. False: it may not, and the failure is declared.
    package mutating func endMessages() -> Bool {
        if call.frames.isPartial {
            fail(Failure(face.malformed, "the body ends within a message", reason: .malformed))
            return false
        }
        if call.frames.count == 0, route.pointee.isMethod, !route.pointee.clientStreams {
            fail(Failure(.unimplemented, "no message came; this method takes one", reason: .malformed))
            return false
        }
        return true
    }

    /// Undoes a message's compression; nil: it cannot be, and the failure is declared.
    mutating func inflate(
        _ bytes: UnsafeBufferPointer<UInt8>, _ limit: Int
    ) -> UnsafeBufferPointer<UInt8>? {
        let coding: ContentCoding
        switch call.coding {
        case .gzip: coding = .gzip
        case .deflate: coding = .deflate
        case .unnamed, .identity, .unknown:
            let field: StaticString = face == .connectStream ? "connect-content-encoding" : "grpc-encoding"
            fail(Failure(.internal, "a message is compressed, and \(field) does not say how", reason: .malformed))
            return nil
        }
        // Some clients set the flag on every message, also where there is nothing to compress.
        if bytes.isEmpty { return bytes }
        let state = loop.state
        guard let inflater = state.pointee.codings.inflater(coding) else {
            fail(Failure(.resourceExhausted, "there is no memory to decompress a message"))
            return nil
        }
        // What grows a hundredfold is made to (limits.md); small ones are let be.
        let (grown, overflow) = bytes.count.multipliedReportingOverflow(by: 100)
        let most = overflow ? limit : min(limit, max(grown, 64 * 1024))
        state.pointee.codings.coded.clear()
        let outcome = inflater.inflate(bytes, limit: most, into: &state.pointee.codings.coded)
        state.pointee.codings.give(inflater)
        switch outcome {
        case .ended:
            swap(&body, &state.pointee.codings.coded)
            call.frames.replaceHeld()
            state.pointee.codings.coded.clear()
            state.pointee.codings.coded.shrink(to: 64 * 1024)
            return body.bytes
        case .more, .broken:
            fail(Failure(face.malformed, "a message is not what its compression says", reason: .malformed))
        case .tooLarge:
            fail(
                Failure(
                    .resourceExhausted, "a message becomes larger than \(most) bytes when it is decompressed",
                    reason: .bodyLimit))
        }
        return nil
    }

    /// Whether the message is one of the method's; if not, the failure is declared.
    mutating func isSound() -> Bool {
        guard let message, let error = route.pointee.fault(in: message) else { return true }
        self.message = nil
        fail(
            Failure(
                face.malformed, "the request's message cannot be read: \(error.message) (byte \(error.offset))",
                reason: .malformed))
        return false
    }

    // MARK: The answer's

    /// Begins a message of the answer in the loop's body writer; what is appended until `endMessage` is its encoded form.
    package mutating func beginMessage() -> Int {
        let start = loop.state.pointee.body.count
        loop.state.pointee.body.append("\0\0\0\0\0")
        return start
    }

    /// Ends the message that began at `start`.
    package mutating func endMessage(_ start: Int) {
        loop.state.pointee.body.endMessage(start)
        call.answered &+= 1
    }

    /// A message of the answer that is encoded already.
    package mutating func answer(with message: [UInt8]) {
        let start = beginMessage()
        loop.state.pointee.body.append(message)
        endMessage(start)
    }
}

extension ByteWriter {
    /// Writes the length of a message whose prefix is at `start`, and which is the last thing written.
    mutating func endMessage(_ start: Int) {
        replace(bigEndian: UInt32(truncatingIfNeeded: count &- start &- 5), at: start &+ 1)
    }
}
