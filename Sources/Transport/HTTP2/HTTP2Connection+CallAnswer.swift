import JSON
import Pipeline

// The answer of a gRPC call (PROTOCOL-HTTP2.md, "Responses"): a head, messages, and trailers with the status; or all of it in
// one head where nothing was sent before the call failed.
extension HTTP2Connection {
    /// The call is over, well or not: its failure, if it has one, is its status.
    mutating func completeCall(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        if !exchange.pointee.response.isSent {
            exchange.pointee.answerIsWhole = true
            exchange.pointee.decorate()
            if exchange.pointee.response.overflowed {
                exchange.pointee.fail(ReplyShape.tooManyFields)
                loop.state.pointee.body.clear()
                exchange.pointee.response.discardHead()
                exchange.pointee.decorate()
            }
            if exchange.pointee.failure != nil, loop.state.pointee.body.count == 0 {
                writeOnlyTrailers(stream, exchange, now)
                return conclude(stream, exchange, now)
            }
            writeCallHead(stream, exchange, now)
        }
        sendBody(stream, exchange, isLast: true, now)
        if stream.pointee.waitingOutput == 0 {
            conclude(stream, exchange, now)
        } else {
            stream.pointee.phase = .ending
        }
    }

    /// The call has failed. Messages that the responder of a stream wrote before come in front of the status.
    mutating func failCall(_ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        if exchange.pointee.failure == nil { exchange.pointee.fail(Exchange.noReason) }
        if !exchange.pointee.route.pointee.serverStreams { loop.state.pointee.body.clear() }
        completeCall(stream, exchange, now)
    }

    /// HEADERS in front of the messages.
    mutating func writeCallHead(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        let start = beginHead(stream, exchange, .endHeaders, now)
        if exchange.pointee.call.compresses { encoder.write(.gzip, into: &loop.state.pointee.wire) }
        if exchange.pointee.call.coding != .unnamed { encoder.write(.codings, into: &loop.state.pointee.wire) }
        loop.state.pointee.wire.close(headersAt: start)
        exchange.pointee.response.isSent = true
        forgive()
    }

    /// "Trailers-Only": the client sees at once that there will be no message, and may try again.
    private mutating func writeOnlyTrailers(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64
    ) {
        let start = beginHead(stream, exchange, [.endHeaders, .endStream], now)
        writeStatus(exchange)
        writeTrailerLines(exchange)
        loop.state.pointee.wire.close(headersAt: start)
        exchange.pointee.response.isSent = true
        stream.pointee.localEnded = true
        forgive()
    }

    /// What both have. The status is 200 whatever became of the call.
    private mutating func beginHead(
        _ stream: StreamPointer, _ exchange: UnsafeMutablePointer<Exchange>, _ flags: FrameFlags, _ now: Int64
    ) -> Int {
        let state = loop.state
        let start = state.pointee.wire.count
        state.pointee.wire.append(frame: FrameKind.headers, flags, stream: stream.pointee.id, length: 0)
        encoder.begin(into: &state.pointee.wire)
        exchange.pointee.response.status = 200
        encoder.write(status: 200, into: &state.pointee.wire)
        encoder.write(
            exchange.pointee.call.namesProto ? UsualField.grpcProtoType : .grpcType, into: &state.pointee.wire)
        for index in 0..<exchange.pointee.response.fieldCount {
            guard let field = exchange.pointee.response.field(index), !Self.isOurs(field.name) else { continue }
            encoder.write(field.name, field.value, into: &state.pointee.wire)
        }
        writeDate(now)
        return start
    }

    /// Fields that mean something to the protocol are said by the face alone.
    private static func isOurs(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.first {
        case UInt8(ascii: "c"):
            equalsIgnoringCase(name, "content-type") || equalsIgnoringCase(name, "content-length")
                || equalsIgnoringCase(name, "content-encoding")
        case UInt8(ascii: "g"):
            name.count >= 5 && equalsIgnoringCase(UnsafeBufferPointer(rebasing: name[..<5]), "grpc-")
        default: false
        }
    }

    // MARK: The status

    /// `grpc-status` and what belongs to it.
    mutating func writeStatus(_ exchange: UnsafeMutablePointer<Exchange>) {
        guard let failure = exchange.pointee.failure else {
            return encoder.write(.ok, into: &loop.state.pointee.wire)
        }
        let state = loop.state
        CallStatus.forEachField(of: failure, &state.pointee.scratch) { write($0, $1) }
        if failure.acceptsEncodings { encoder.write(.codings, into: &state.pointee.wire) }
    }
}
