import JSON
import Protobuf

// Calls in bodies of HTTP: the answer on its way out. What the responder has written lies in the loop's body writer as gRPC
// has it, a prefix in front of each message.
extension Exchange {
    /// Whether the answer is one message, and the status of HTTP says what became of the call.
    private var isUnary: Bool {
        face == .connect || face == .json && !route.pointee.serverStreams
    }

    /// Gives messages of a stream the protocol's form, and the head what it says of them. False: that could not be, and the
    /// failure is declared.
    mutating func carry() -> Bool {
        // A responder that only waits has not begun to answer; who answers with one message does so at the end.
        guard !isUnary, response.isStreaming || loop.state.pointee.body.count > 0 else { return true }
        guard frame() else { return false }
        writeHeadOfCall()
        return true
    }

    private mutating func frame() -> Bool {
        guard loop.state.pointee.body.count > 0 else { return true }
        if call.isJSON, !writeMessagesAsJSON() { return false }
        if call.compresses { compressMessages() }
        if call.answersText { encodeText() }
        return true
    }

    /// The responder has answered.
    mutating func endCarried() -> Step {
        guard !isUnary else { return writeOnlyMessage() ? .done : failCarried() }
        guard carry() else { return failCarried() }
        writeHeadOfCall()
        writeEnding()
        return .done
    }

    /// The call has failed; the messages of a stream that were written before come in front of that.
    mutating func failCarried() -> Step {
        if failure == nil { fail(Self.noReason) }
        if !route.pointee.serverStreams || !frame() { loop.state.pointee.body.clear() }
        if response.isSent || loop.state.pointee.body.count > 0 {
            writeHeadOfCall()
            writeEnding()
        } else {
            writeFailureOfCall()
        }
        return .done
    }

    // MARK: One message

    private mutating func writeOnlyMessage() -> Bool {
        let state = loop.state
        guard state.pointee.body.count >= CallState.prefix else {
            return refuse(Failure(.internal, "the method has answered without a message"))
        }
        if face == .json, let binding = route.pointee.binding { return writeTranscoded(binding) }
        let message = UnsafeBufferPointer(rebasing: state.pointee.body.bytes[CallState.prefix...])
        state.pointee.scratch.clear()
        if call.isJSON {
            guard let method = route.pointee.rpc else { return false }
            if case .failure(let error) = method.writeJSON(ofAnswer: message, to: &state.pointee.scratch) {
                return refuse(Failure(.internal, "the answer cannot be written as JSON: \(error.message)"))
            }
        } else {
            state.pointee.scratch.append(message)
        }
        swap(&state.pointee.scratch, &state.pointee.body)
        let type: StaticString = call.isJSON ? "application/json" : "application/proto"
        response.add("content-type") { $0.append(type) }
        moveTrailersToHead()
        return true
    }

    /// Connect's trailers where nobody streams: fields of the head (Connect protocol, "Unary-Response").
    private mutating func moveTrailersToHead() {
        guard response.trailers.count > 0 else { return }
        var name = ByteWriter(capacity: 64)
        let lines = Array(response.trailers.bytes)
        lines.withUnsafeBufferPointer { lines in
            TrailerLines.forEach(lines) { field, value in
                name.clear()
                name.append("trailer-")
                name.append(field)
                response.add(name.bytes) { $0.append(value) }
            }
        }
        response.trailers.clear()
        response.trailerNames = []
    }

    // MARK: Streams

    private mutating func writeMessagesAsJSON() -> Bool {
        let state = loop.state
        state.pointee.scratch.clear()
        let bytes = state.pointee.body.bytes
        var at = 0
        while let length = Self.length(bytes, at) {
            let start = at &+ CallState.prefix
            at = start &+ length
            let message = UnsafeBufferPointer(rebasing: bytes[start..<at])
            guard face == .json ? writeLine(message) : writeEnvelope(message) else { return false }
        }
        swap(&state.pointee.scratch, &state.pointee.body)
        return true
    }

    private mutating func writeEnvelope(_ message: UnsafeBufferPointer<UInt8>) -> Bool {
        let state = loop.state
        guard let method = route.pointee.rpc else { return false }
        let start = state.pointee.scratch.count
        state.pointee.scratch.append("\0\0\0\0\0")
        if case .failure(let error) = method.writeJSON(ofAnswer: message, to: &state.pointee.scratch) {
            return refuse(Failure(.internal, "an answer cannot be written as JSON: \(error.message)"))
        }
        state.pointee.scratch.endMessage(start)
        return true
    }

    /// A line of JSON; what is raw stands behind one another as it is, under the content type of the first.
    private mutating func writeLine(_ message: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let binding = route.pointee.binding, let type = write(message, by: binding) else { return false }
        guard binding.answersRaw else {
            loop.state.pointee.scratch.append(UInt8(ascii: "\n"))
            return true
        }
        if !call.isHeadWritten {
            call.isHeadWritten = true
            response.add("content-type") { $0.append(type) }
        }
        return true
    }

    /// What has been written becomes base64 of its own, with its padding: a client can read it when it comes.
    private mutating func encodeText() {
        let state = loop.state
        state.pointee.scratch.clear()
        Base64.encode(state.pointee.body.bytes, into: &state.pointee.scratch)
        swap(&state.pointee.scratch, &state.pointee.body)
    }

    /// The fields that the protocol wants in the head of a stream's answer.
    private mutating func writeHeadOfCall() {
        guard !call.isHeadWritten else { return }
        call.isHeadWritten = true
        let type = contentTypeOfStream
        response.add("content-type") { $0.append(type) }
        guard face.isEnveloped else { return }
        let isConnect = face == .connectStream
        if call.compresses {
            response.add(isConnect ? "connect-content-encoding" : "grpc-encoding") { $0.append("gzip") }
        }
        if call.coding != .unnamed {
            response.add(isConnect ? "connect-accept-encoding" : "grpc-accept-encoding") {
                $0.append("identity,deflate,gzip")
            }
        }
    }

    private var contentTypeOfStream: StaticString {
        switch face {
        case .grpcWeb, .grpcWebText:
            call.answersText
                ? call.namesProto ? "application/grpc-web-text+proto" : "application/grpc-web-text"
                : call.namesProto ? "application/grpc-web+proto" : "application/grpc-web"
        case .connectStream: call.isJSON ? "application/connect+json" : "application/connect+proto"
        case .http, .grpc, .connect, .json: "application/x-ndjson"
        }
    }

    // MARK: Endings

    /// The answer has begun, and the transport ends the call: what is said of it is the rest of the body. False where the
    /// protocol has no place for that.
    @inline(never) package mutating func endBegunCall() -> Bool {
        guard face.isCarried, !isUnary else { return false }
        loop.state.pointee.body.clear()
        writeEnding()
        return true
    }

    /// Writes what ends a stream behind its messages, the failure if there is one.
    private mutating func writeEnding() {
        let state = loop.state
        let start = state.pointee.body.count
        switch face {
        case .grpcWeb, .grpcWebText:
            // PROTOCOL-WEB.md: a frame whose first bit is set.
            state.pointee.body.append(0x80)
            state.pointee.body.append("\0\0\0\0")
            CallStatus.write(linesOf: failure, into: &state.pointee.body)
            state.pointee.body.append(response.trailers.bytes)
            state.pointee.body.endMessage(start)
        case .connectStream:
            state.pointee.body.append(2)
            state.pointee.body.append("\0\0\0\0")
            writeConnectEnding()
            state.pointee.body.endMessage(start)
        case .json:
            guard let failure else { return }
            state.pointee.body.append("{\"error\":")
            StatusJSON.write(failure, codec: route.pointee.rpc?.codec, into: &state.pointee.body)
            state.pointee.body.append("}\n")
        case .http, .grpc, .connect: return
        }
        if call.answersText {
            let ending = Array(state.pointee.body.bytes[start...])
            state.pointee.body.truncate(to: start)
            ending.withUnsafeBufferPointer { Base64.encode($0, into: &state.pointee.body) }
        }
        if face.isEnveloped {
            response.trailers.clear()
            response.trailerNames = []
        }
    }

    /// Connect protocol, "EndStreamResponse".
    private func writeConnectEnding() {
        let state = loop.state
        state.pointee.body.append("{")
        if let failure {
            state.pointee.body.append("\"error\":")
            ConnectError.write(failure, codec: route.pointee.rpc?.codec, into: &state.pointee.body)
        }
        if response.trailers.count > 0 {
            if failure != nil { state.pointee.body.append(",") }
            state.pointee.body.append("\"metadata\":{")
            ConnectError.write(metadata: response.trailers.bytes, into: &state.pointee.body)
            state.pointee.body.append("}")
        }
        state.pointee.body.append("}")
    }

    /// The whole answer of a call that has failed before anything of it was sent. What stands in the head stays.
    ///
    /// - Parameter replacesHead: whether nothing stands there any more.
    @inline(never) mutating func writeFailureOfCall(replacesHead: Bool = false) {
        if replacesHead { call.isHeadWritten = false }
        guard let failure else { return }
        let state = loop.state
        response.isStreaming = false
        // What the version of HTTP cannot carry is no stream either (Connect protocol, "Bidirectional streaming").
        let isRefusal = face == .connectStream && failure.status == 505
        guard isUnary || face == .json || isRefusal else {
            writeHeadOfCall()
            return writeEnding()
        }
        if call.isHeadWritten { response.remove("content-type") }
        let isConnect = face != .json
        response.status = isConnect && !isRefusal ? failure.code.status : failure.status
        response.add("content-type") { $0.append("application/json") }
        if isConnect {
            moveTrailersToHead()
            ConnectError.write(failure, codec: route.pointee.rpc?.codec, into: &state.pointee.body)
        } else {
            StatusJSON.write(failure, codec: route.pointee.rpc?.codec, into: &state.pointee.body)
        }
        addFailureFields(failure)
    }
}
