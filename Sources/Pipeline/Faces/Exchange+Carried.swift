import JSON
import Protobuf

// Calls in bodies of HTTP: the messages on their way in.
extension Exchange {
    /// The request is there as far as the responder wants it before it starts: takes the message out of the body. False:
    /// the call cannot be answered, and the failure is declared.
    @inline(never) mutating func takeRequest() -> Bool {
        if let failure = refusalOfCall() { return refuse(failure) }
        // A client that has no time left does not wait for an answer.
        if loop.state.pointee.clock.now >= deadline { return refuse(Self.tooLate) }
        guard route.pointee.intake == .wholeBody else { return true }
        switch face {
        case .connect:
            if head.method != .post, !takeMessageOfQuery() { return false }
            return takeWhole()
        case .json:
            guard let binding = route.pointee.binding else { return false }
            return takeTranscoded(binding)
        default: return takeOnly()
        }
    }

    /// The body is the message.
    private mutating func takeWhole() -> Bool {
        if call.isJSON {
            guard body.count > 0 else {
                return refuse(Failure(.invalidArgument, "the body is empty, and not JSON", reason: .malformed))
            }
            return take(json: body.bytes)
        }
        message = body.bytes
        return isSound()
    }

    /// The body holds one message in its envelope.
    private mutating func takeOnly() -> Bool {
        if face == .grpcWebText {
            guard call.text.decode(body.bytes, into: &waiting), !call.text.isPartial else { return refuseText() }
            body.clear()
        } else {
            swap(&body, &waiting)
        }
        let isMany = route.pointee.clientStreams
        while true {
            if !isMany, call.frames.count > 0, call.waitingAt < waiting.count {
                refuseMoreMessages()
                return false
            }
            switch nextWaitingMessage() {
            case .more: return endMessages()
            case .message: if isMany { message = nil }
            case .refused: return false
            }
        }
    }

    private mutating func refuseText() -> Bool {
        refuse(Failure(face.malformed, "the body is not base64", reason: .malformed))
    }

    // MARK: Piece by piece

    /// Puts a piece of the body behind what waits. False: it is malformed, and the failure is declared.
    mutating func keepPiece() -> Bool {
        if call.waitingAt == waiting.count {
            waiting.clear()
            waiting.shrink(to: 64 * 1024)
            call.waitingAt = 0
        }
        guard face == .grpcWebText else {
            waiting.append(piece)
            return true
        }
        guard call.text.decode(piece, into: &waiting), !call.bodyEnded || !call.text.isPartial else {
            return refuseText()
        }
        return true
    }

    /// The next message of what waits.
    mutating func nextWaitingMessage() -> Delivery {
        var at = call.waitingAt
        let delivery = nextMessage(waiting.bytes, &at)
        call.waitingAt = at
        return delivery
    }

    // MARK: JSON

    /// The same for a message of a stream, in place of it.
    mutating func takeJSONMessage() -> Bool {
        guard let json = message, take(json: json) else { return false }
        call.frames.replaceHeld()
        return true
    }

    /// Makes the message of its JSON, and keeps it in `body`, in place of what is there.
    mutating func take(json: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let method = route.pointee.rpc else { return false }
        let state = loop.state
        state.pointee.scratch.clear()
        if case .failure(let error) = method.encode(requestInJSON: json, to: &state.pointee.scratch) {
            return refuse(
                Failure(.invalidArgument, "the request's message cannot be read: \(error.message)", reason: .malformed))
        }
        swap(&body, &state.pointee.scratch)
        message = body.bytes
        return true
    }
}
