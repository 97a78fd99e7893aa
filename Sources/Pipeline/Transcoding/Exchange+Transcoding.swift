import JSON

// HTTP with JSON on the way to a method, and back.
extension Exchange {
    /// Makes the message of a request whose body is there; false, and the failure is declared, if that cannot be.
    mutating func takeTranscoded(_ binding: HTTPBinding) -> Bool {
        let path = pathBytes
        let state = loop.state
        state.pointee.scratch.clear()
        let made = binding.message(
            captured: { [captures] index in
                let range = captures[index].range
                guard range.upperBound <= path.count else { return UnsafeBufferPointer(start: nil, count: 0) }
                return UnsafeBufferPointer(rebasing: path[range])
            }, query: head.slice(head.query), body: body.bytes,
            contentType: head.slice(head.value(of: .contentType) ?? .none), into: &state.pointee.scratch)
        if case .failure(let error) = made {
            return refuse(Failure(.invalidArgument, error.message, reason: .malformed))
        }
        swap(&body, &state.pointee.scratch)
        message = body.bytes
        return true
    }

    /// Puts the answer's message into the form of its rule. It is alone in the loop's body writer, behind its prefix.
    mutating func writeTranscoded(_ binding: HTTPBinding) -> Bool {
        let state = loop.state
        state.pointee.scratch.clear()
        let message = UnsafeBufferPointer(rebasing: state.pointee.body.bytes[CallState.prefix...])
        guard let type = write(message, by: binding) else { return false }
        response.add("content-type") { $0.append(type) }
        swap(&state.pointee.scratch, &state.pointee.body)
        return true
    }

    /// Appends a message of the answer to the loop's scratch writer; gives its content type, or nil if it has no form.
    mutating func write(_ message: UnsafeBufferPointer<UInt8>, by binding: HTTPBinding) -> [UInt8]? {
        let state = loop.state
        switch binding.reply(message, into: &state.pointee.scratch) {
        case .success(.json): return Self.json
        case .success(.raw(let type, let data)):
            state.pointee.scratch.append(UnsafeBufferPointer(rebasing: message[data]))
            let bytes = Array(message[type])
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                fail(Failure(.internal, "the content type of the answer is no value of a header"))
                return nil
            }
            return bytes.isEmpty ? Self.octets : bytes
        case .failure(let error):
            fail(Failure(.internal, error.message))
            return nil
        }
    }

    private static let json = Array("application/json".utf8)
    private static let octets = Array("application/octet-stream".utf8)
}
